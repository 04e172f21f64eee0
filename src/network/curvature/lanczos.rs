//! The largest eigenvalues of a symmetric operator (Lanczos 1950), with their residuals.

use nalgebra::{DMatrix, SymmetricEigen};
use tch::Tensor;

use crate::convert::tensor;

/// A symmetric operator on vectors of P numbers.
pub trait Symmetric {
    /// P.
    fn dim(&self) -> i64;
    /// The products with every row of `vectors` (count × P).
    fn apply(&self, vectors: &Tensor) -> Tensor;
}

/// Eigenvalues, largest first, with what shows how good they are.
#[derive(Debug)]
pub struct Eigen {
    /// λ₁ ≥ λ₂ ≥ …
    pub values: Vec<f64>,
    /// The eigenvectors of unit length, one a row.
    pub vectors: Tensor,
    /// ‖Hv − λv‖ of each, from a product of its own.
    pub residuals: Vec<f64>,
    /// Products that were taken.
    pub products: i64,
}

/// What comes of Lanczos steps: an orthonormal basis, and the operator in it.
pub(super) struct Krylov {
    /// The basis, one vector a row.
    pub basis: Vec<Tensor>,
    /// The diagonal of the tridiagonal matrix.
    pub diagonal: Vec<f64>,
    /// What stands beside it; the last one is the length of what the basis lacks.
    pub beside: Vec<f64>,
}

impl Krylov {
    /// Nothing yet; the first vector will be `start`.
    pub fn from(start: &Tensor) -> Self {
        Krylov {
            basis: vec![start / start.norm()],
            diagonal: Vec::new(),
            beside: Vec::new(),
        }
    }

    /// One more product. Every new vector is made orthogonal to all before, twice, which keeps the basis so to
    /// rounding. False where the space is exhausted.
    pub fn grow(&mut self, operator: &dyn Symmetric) -> bool {
        let Some(last) = self.basis.last() else {
            return false;
        };
        let mut image = operator.apply(&last.unsqueeze(0)).squeeze_dim(0);
        self.diagonal.push(image.dot(last).double_value(&[]));
        let scale = image.norm().double_value(&[]);
        let all = Tensor::stack(&self.basis, 0);
        for _ in 0..2 {
            image = &image - all.tr().mv(&all.mv(&image));
        }
        let rest = image.norm().double_value(&[]);
        self.beside.push(rest);
        let exhausted = self.basis.len() as i64 >= operator.dim();
        if exhausted || rest <= f64::EPSILON * scale {
            return false;
        }
        self.basis.push(image / rest);
        true
    }

    /// The tridiagonal matrix's eigenvalues, largest first, with the vectors in the basis.
    pub fn ritz(&self) -> (Vec<f64>, DMatrix<f64>) {
        let size = self.diagonal.len();
        let small = DMatrix::from_fn(size, size, |i, j| match i.abs_diff(j) {
            0 => self.diagonal[i],
            1 => self.beside[i.min(j)],
            _ => 0.0,
        });
        let eigen = SymmetricEigen::new(small);
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let values = order.iter().map(|k| eigen.eigenvalues[*k]).collect();
        (values, eigen.eigenvectors.select_columns(&order))
    }
}

/// How often the eigenvalues of the small matrix are looked at: its solution costs more than a step.
const LOOK_EVERY: usize = 10;

/// The `count` largest eigenvalues, from the vector `start`. Ends when the estimate of every residual is at most
/// `tolerance` times the largest eigenvalue's size, or after `most` products; the residuals tell which.
pub fn top(
    operator: &dyn Symmetric,
    start: &Tensor,
    count: usize,
    tolerance: f64,
    most: usize,
) -> Eigen {
    let most = most.max(count);
    let mut krylov = Krylov::from(start);
    loop {
        let grew = krylov.grow(operator);
        let size = krylov.diagonal.len();
        let ended = !grew || size >= most;
        if !ended && (size < count || !size.is_multiple_of(LOOK_EVERY)) {
            continue;
        }
        let (values, vectors) = krylov.ritz();
        let found = count.min(size);
        let scale = values.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        let left = krylov.beside.last().copied().unwrap_or(0.0);
        let settled = (0..found).all(|k| left * vectors[(size - 1, k)].abs() <= tolerance * scale);
        if ended || settled {
            return lifted(operator, &krylov, &values[..found], &vectors);
        }
    }
}

/// Eigenvectors of the operator, and their residuals.
fn lifted(
    operator: &dyn Symmetric,
    krylov: &Krylov,
    values: &[f64],
    small: &DMatrix<f64>,
) -> Eigen {
    let size = krylov.diagonal.len();
    let basis = Tensor::stack(&krylov.basis[..size], 0);
    let wanted: Vec<f64> = (0..values.len())
        .flat_map(|k| small.column(k).iter().copied().collect::<Vec<_>>())
        .collect();
    let shape = [values.len() as i64, size as i64];
    let vectors = tensor(&wanted, &shape, &basis).matmul(&basis);
    let scaled = tensor(values, &[values.len() as i64, 1], &basis) * &vectors;
    let off = (operator.apply(&vectors) - scaled).norm_scalaropt_dim(2.0, [1i64], false);
    Eigen {
        values: values.to_vec(),
        vectors,
        residuals: crate::convert::numbers(&off),
        products: (size + values.len()) as i64,
    }
}
