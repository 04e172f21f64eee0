//! The quadratic surface, L = ½ θᵀHθ: a bowl for positive definite H, or the ground around a saddle.

use nalgebra::DMatrix;

use super::{CriticalPoint, Gradient, Kind, Landscape};
use crate::float::Float;
use base::error::{Error, Result};

/// L(θ) = ½ θᵀHθ with H symmetric, d × d: the one surface on which stationary
/// covariances are known exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Quadratic {
    hessian: DMatrix<f64>,
    diagonal: bool,
}

impl Quadratic {
    /// The bowl with Hessian `hessian`.
    ///
    /// # Errors
    /// `hessian` is empty, not square, not finite, not symmetric to 10⁻¹² of its largest entry, or
    /// not positive definite (its Cholesky factorisation fails).
    pub fn new(hessian: DMatrix<f64>) -> Result<Self> {
        let bowl = Self::symmetric(hessian)?;
        if bowl.hessian.clone().cholesky().is_none() {
            let smallest = bowl.hessian.symmetric_eigenvalues().min();
            return Err(Error::Input(format!(
                "hessian is not positive definite (smallest eigenvalue {smallest:e}): the surface \
                 has no minimum at 0; every eigenvalue must be positive"
            )));
        }
        Ok(bowl)
    }

    /// The surface around a critical point of any kind, saddles and flat ground included.
    ///
    /// # Errors
    /// `hessian` is empty, not square, not finite, or not symmetric to 10⁻¹² of its largest entry.
    pub fn symmetric(hessian: DMatrix<f64>) -> Result<Self> {
        let (rows, columns) = hessian.shape();
        if rows == 0 || rows != columns {
            return Err(Error::Input(format!(
                "hessian is {rows} x {columns}: it must be square with at least one row"
            )));
        }
        if hessian.iter().any(|entry| !entry.is_finite()) {
            return Err(Error::Input(
                "hessian has an entry that is not a finite number; give numbers only".into(),
            ));
        }
        let asymmetry = (&hessian - hessian.transpose()).amax();
        if asymmetry > 1e-12 * hessian.amax() {
            return Err(Error::Input(format!(
                "hessian differs from its transpose by {asymmetry:e}: a matrix of second \
                 derivatives is symmetric; give both triangles the same entries"
            )));
        }
        let hessian = (&hessian + hessian.transpose()) * 0.5;
        let diagonal = (0..rows).all(|i| (0..rows).all(|j| i == j || hessian[(i, j)] == 0.0));
        Ok(Self { hessian, diagonal })
    }
}

impl<F: Float> Gradient<F> for Quadratic {
    #[inline(always)]
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        for (i, row) in gradient.chunks_exact_mut(lanes).enumerate() {
            if self.diagonal {
                let h = F::of(self.hessian[(i, i)]);
                for (g, x) in row.iter_mut().zip(&theta[i * lanes..]) {
                    *g = h * *x;
                }
                continue;
            }
            row.fill(F::of(0.0));
            for (j, column) in theta.chunks_exact(lanes).enumerate() {
                let h = F::of(self.hessian[(i, j)]);
                for (g, x) in row.iter_mut().zip(column) {
                    *g += h * *x;
                }
            }
        }
    }
}

impl Landscape for Quadratic {
    fn name(&self) -> &'static str {
        "quadratic"
    }

    fn dim(&self) -> usize {
        self.hessian.nrows()
    }

    fn value(&self, theta: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (i, x) in theta.iter().enumerate() {
            for (j, y) in theta.iter().enumerate() {
                sum += self.hessian[(i, j)] * x * y;
            }
        }
        0.5 * sum
    }

    fn hessian(&self, _theta: &[f64]) -> DMatrix<f64> {
        self.hessian.clone()
    }

    fn separable(&self) -> bool {
        self.diagonal
    }

    #[inline(always)]
    fn hessian_diagonal(&self, _theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        for (i, row) in diagonal.chunks_exact_mut(lanes).enumerate() {
            row.fill(self.hessian[(i, i)]);
        }
    }

    fn critical_points(&self) -> Vec<CriticalPoint> {
        let downhill = self.hessian.symmetric_eigenvalues().min() < 0.0;
        vec![CriticalPoint {
            kind: if downhill {
                Kind::Saddle
            } else {
                Kind::Minimum
            },
            theta: vec![0.0; self.dim()],
            value: 0.0,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hessian_that_is_none_is_refused_with_the_reason() {
        for (matrix, reason) in [
            (DMatrix::zeros(0, 0), "square"),
            (DMatrix::zeros(2, 3), "square"),
            (
                DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.4, 1.0]),
                "transpose",
            ),
            (
                DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 1.0]),
                "eigenvalue -1",
            ),
            (DMatrix::from_element(1, 1, f64::NAN), "finite"),
            (DMatrix::from_element(1, 1, 0.0), "positive definite"),
        ] {
            let message = Quadratic::new(matrix).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
    }

    #[test]
    fn only_a_diagonal_hessian_separates() {
        let coupled = DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]);
        assert!(!Quadratic::new(coupled).unwrap().separable());
        let one = DMatrix::from_element(1, 1, 3.0);
        assert!(Quadratic::new(one).unwrap().separable());
        assert!(Quadratic::new(DMatrix::identity(3, 3)).unwrap().separable());
    }
}
