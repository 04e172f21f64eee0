//! Hessian-shaped Gaussian noise: C(θ) = (|∇²L(θ)| + δI)/B, the papers' assumption C ≈ H/B.

use super::{Oracle, Place};
use crate::landscape::Landscape;
use crate::vectorised::vectorised;

/// ∇L plus Gaussian noise of covariance (|H(θ)| + δI)/B.
///
/// |H| has H's eigenvectors and the absolute values of its eigenvalues. The floor δ ≥ 0 keeps the noise
/// alive where an eigenvalue crosses zero; without it an escape by the SDE takes for ever.
pub struct HessianShaped {
    landscape: Box<dyn Landscape>,
    batch: f64,
    floor: f64,
}

impl HessianShaped {
    /// Batch size B > 0 and floor δ ≥ 0, in units of the Hessian.
    pub fn new(landscape: Box<dyn Landscape>, batch: f64, floor: f64) -> Self {
        HessianShaped {
            landscape,
            batch,
            floor,
        }
    }
}

impl Oracle for HessianShaped {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn normals(&self) -> usize {
        self.landscape.dim()
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.landscape.dim() * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        self.landscape.gradient(at.theta, at.lanes, gradient);
        let (batch, floor) = (self.batch, self.floor);
        if self.landscape.separable() {
            let curvature = &mut scratch[..gradient.len()];
            self.landscape
                .hessian_diagonal(at.theta, at.lanes, curvature);
            let curvature = &*curvature;
            vectorised!(|gradient| for ((g, h), xi) in
                gradient.iter_mut().zip(curvature).zip(at.normals)
            {
                *g += ((h.abs() + floor) / batch).sqrt() * xi;
            });
            return;
        }
        let (dim, lanes) = (self.dim(), at.lanes);
        let mut point = vec![0.0; dim];
        for lane in 0..lanes {
            for (i, x) in point.iter_mut().enumerate() {
                *x = at.theta[i * lanes + lane];
            }
            if point.iter().any(|x| !x.is_finite()) {
                continue;
            }
            let eigen = self.landscape.hessian(&point).symmetric_eigen();
            for (k, value) in eigen.eigenvalues.iter().enumerate() {
                let size = ((value.abs() + floor) / batch).sqrt() * at.normals[k * lanes + lane];
                for i in 0..dim {
                    gradient[i * lanes + lane] += eigen.eigenvectors[(i, k)] * size;
                }
            }
        }
    }
}
