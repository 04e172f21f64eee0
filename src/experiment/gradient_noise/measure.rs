//! What is measured of C and H at one θ.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use serde::{Deserialize, Serialize};

use measurement::correlation::rank_coefficient;
use simulation::softmax::Curvature;

/// Eigenvalues below this share of the largest are the model's exact symmetries, where C and H vanish alike.
const NULL: f64 = 1e-10;

/// C against H at one θ and one set of labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// The mean loss.
    pub loss: f64,
    /// tr C₁/tr H.
    pub ratio: f64,
    /// Spearman's rank correlation of d and λ.
    pub rank: f64,
    /// λ, H's eigenvalues, descending.
    pub eigenvalues: Vec<f64>,
    /// d = diag(UᵀC₁U) in H's eigenbasis U, in the same order.
    pub diagonal: Vec<f64>,
}

/// Compares them.
pub fn compare(curvature: &Curvature) -> Comparison {
    let eigen = SymmetricEigen::new(curvature.hessian.clone());
    let top = eigen.eigenvalues.amax();
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len())
        .filter(|k| eigen.eigenvalues[*k] > NULL * top)
        .collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let rotated: DMatrix<f64> = &curvature.noise * &eigen.eigenvectors;
    let along = |k: usize| -> f64 {
        let axis: DVector<f64> = eigen.eigenvectors.column(k).into_owned();
        axis.dot(&rotated.column(k))
    };
    let eigenvalues: Vec<f64> = order.iter().map(|k| eigen.eigenvalues[*k]).collect();
    let diagonal: Vec<f64> = order.iter().map(|k| along(*k)).collect();
    Comparison {
        loss: curvature.loss,
        ratio: curvature.noise.trace() / curvature.hessian.trace(),
        rank: rank_coefficient(&eigenvalues, &diagonal).unwrap_or(f64::NAN),
        eigenvalues,
        diagonal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportional_matrices_have_their_factor() {
        let hessian = DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]);
        let found = compare(&Curvature {
            noise: &hessian * 3.0,
            hessian,
            loss: 0.0,
        });
        assert!((found.ratio - 3.0).abs() < 1e-14 && found.rank == 1.0);
        let pairs = found.eigenvalues.iter().zip(&found.diagonal);
        assert!(pairs.into_iter().all(|(l, d)| (d / l - 3.0).abs() < 1e-12));
    }
}
