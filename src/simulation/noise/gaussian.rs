//! Additive Gaussian noise of constant covariance: g = ∇L(θ) + C^½ξ.

use nalgebra::DMatrix;

use super::covariance::semidefinite_factor;
use super::{Oracle, Place};
use crate::float::Float;
use crate::landscape::{Gradient, Landscape};
use crate::vectorised::vectorised;

/// The covariance C of one stochastic gradient.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// C = σ²I, given by σ.
    Isotropic(f64),
    /// C = FFᵀ, given by the lower-triangular Cholesky factor F.
    Full(DMatrix<f64>),
}

impl Shape {
    /// From a covariance matrix, which must be symmetric and ≥ 0.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the matrix.
    pub fn from_covariance(covariance: DMatrix<f64>) -> Result<Self, String> {
        if covariance != covariance.transpose() {
            return Err("the noise covariance is not symmetric".into());
        }
        if let Some(cholesky) = covariance.clone().cholesky() {
            return Ok(Shape::Full(cholesky.l()));
        }
        match semidefinite_factor(&covariance) {
            Some(factor) => Ok(Shape::Full(factor)),
            None => Err(format!(
                "the noise covariance is not ≥ 0: an eigenvalue is {:.6}",
                covariance.symmetric_eigenvalues().min()
            )),
        }
    }
}

/// ∇L plus Gaussian noise.
pub struct Gaussian {
    landscape: Box<dyn Landscape>,
    shape: Shape,
}

impl Gaussian {
    /// Noise of covariance `shape` on `landscape`; a full shape must be of the landscape's dimension.
    pub fn new(landscape: Box<dyn Landscape>, shape: Shape) -> Self {
        Gaussian { landscape, shape }
    }
}

impl<F: Float> Oracle<F> for Gaussian
where
    dyn Landscape: Gradient<F>,
{
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn normals(&self) -> usize {
        self.landscape.dim()
    }

    fn scratch(&self, _: usize) -> usize {
        0
    }

    fn gradient(&self, at: Place<'_, F>, gradient: &mut [F], _: &mut [F]) {
        self.landscape.gradient(at.theta, at.lanes, gradient);
        match &self.shape {
            Shape::Isotropic(sigma) => {
                let sigma = F::of(*sigma);
                vectorised!(
                    |gradient| for (g, xi) in gradient.iter_mut().zip(at.normals) {
                        *g += sigma * *xi;
                    }
                );
            }
            Shape::Full(factor) => {
                vectorised!(|gradient| for (i, row) in
                    gradient.chunks_exact_mut(at.lanes).enumerate()
                {
                    for (j, xi) in at.normals.chunks_exact(at.lanes).enumerate().take(i + 1) {
                        let f = F::of(factor[(i, j)]);
                        for (g, x) in row.iter_mut().zip(xi) {
                            *g += f * *x;
                        }
                    }
                });
            }
        }
    }
}
