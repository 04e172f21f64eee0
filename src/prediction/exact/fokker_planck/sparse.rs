//! Sparse LU factors, by rsparse (Davis, Direct Methods for Sparse Linear Systems, 2006).

use rsparse::data::{Nmrc, Sprs, Symb, Trpl};

use base::error::{Error, Result};

/// A square matrix, entry by entry; no place is given twice.
pub struct Entries {
    triplets: Trpl<f64>,
}

impl Entries {
    /// An empty matrix.
    pub fn new(size: usize) -> Self {
        let mut triplets = Trpl::new();
        (triplets.m, triplets.n) = (size, size);
        Self { triplets }
    }

    /// Sets one entry.
    pub fn push(&mut self, row: usize, column: usize, value: f64) {
        self.triplets.append(row, column, value);
    }

    /// The factors.
    ///
    /// # Errors
    /// [`Error::Failed`] for a singular matrix, or entries that are not finite.
    pub fn factor(&self) -> Result<Factor> {
        if !self.triplets.x.iter().all(|x| x.is_finite()) {
            return Err(Error::Failed(
                "the rates on the grid exceed the largest double; narrow its box".into(),
            ));
        }
        let matrix: Sprs<f64> = self.triplets.to_sprs();
        // Least degree on the pattern of A + Aᵀ, and the diagonal as pivot where it is not tiny: what
        // suits a matrix whose diagonal dominates.
        let mut order = rsparse::sqr(&matrix, 0, false);
        let factors = rsparse::lu(&matrix, &mut order, 1e-3)
            .map_err(|_| Error::Failed("a singular matrix: the grid falls into parts".into()))?;
        Ok(Factor {
            order,
            factors,
            size: matrix.n,
        })
    }
}

/// L and U of a matrix with its rows and columns permuted.
pub struct Factor {
    order: Symb,
    factors: Nmrc<f64>,
    size: usize,
}

impl Factor {
    /// x with Ax = b; `right` has as many entries as A has rows.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x = vec![0.0; self.size];
        match &self.factors.pinv {
            Some(rows) => {
                for (value, row) in right.iter().zip(rows) {
                    x[*row as usize] = *value;
                }
            }
            None => x.copy_from_slice(right),
        }
        rsparse::lsolve(&self.factors.l, &mut x);
        rsparse::usolve(&self.factors.u, &mut x);
        let Some(columns) = &self.order.q else {
            return x;
        };
        let mut ordered = vec![0.0; self.size];
        for (value, column) in x.iter().zip(columns) {
            ordered[*column as usize] = *value;
        }
        ordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permuted_system_is_solved() {
        // No entry on the diagonal of the first row: rows have to be exchanged.
        let rows = [[0.0, 2.0, 1.0], [1.0, 0.0, 3.0], [4.0, 1.0, 0.5]];
        let mut entries = Entries::new(3);
        for (i, row) in rows.iter().enumerate() {
            for (j, value) in row.iter().enumerate().filter(|(_, v)| **v != 0.0) {
                entries.push(i, j, *value);
            }
        }
        let wanted = [1.0, -2.0, 3.0];
        let right: Vec<f64> = rows
            .iter()
            .map(|row| row.iter().zip(wanted).map(|(a, x)| a * x).sum())
            .collect();
        for (x, expected) in entries.factor().unwrap().solve(&right).iter().zip(wanted) {
            assert!((x - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn a_singular_matrix_is_told() {
        let mut entries = Entries::new(2);
        entries.push(0, 0, 1.0);
        assert!(entries.factor().is_err());
        entries.push(1, 1, f64::NAN);
        assert!(entries.factor().is_err());
    }
}
