//! Every eigenvalue of a symmetric matrix, and other matrices in its eigenbasis.

use nalgebra::DMatrix;
use tch::Tensor;

use crate::convert::numbers;

/// A symmetric matrix taken apart.
#[derive(Debug)]
pub struct Spectrum {
    /// λ₁ ≥ λ₂ ≥ …
    pub values: Vec<f64>,
    /// The eigenvectors, one a column, in the same order.
    vectors: Tensor,
}

impl Spectrum {
    /// Of all of `matrix`, of which the lower half is read; computed where `like` lies.
    pub fn of(matrix: &DMatrix<f64>, like: &Tensor) -> Self {
        let (ascending, vectors) = whole(matrix, like).linalg_eigh("L");
        let mut values = numbers(&ascending);
        values.reverse();
        Spectrum {
            values,
            vectors: vectors.flip([1]),
        }
    }

    /// UᵀMU of a symmetric M, U being the eigenvectors.
    pub fn turned(&self, matrix: &DMatrix<f64>) -> Tensor {
        let vectors = &self.vectors;
        vectors.tr().matmul(&whole(matrix, vectors).matmul(vectors))
    }

    /// The eigenvector of number `k`, counted from 0.
    pub fn vector(&self, k: i64) -> Tensor {
        self.vectors.select(1, k)
    }
}

/// A symmetric matrix as a tensor: rows and columns are the same.
fn whole(matrix: &DMatrix<f64>, like: &Tensor) -> Tensor {
    let size = [matrix.nrows() as i64, matrix.ncols() as i64];
    Tensor::from_slice(matrix.as_slice())
        .reshape(size)
        .to_device(like.device())
}
