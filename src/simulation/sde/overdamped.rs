//! Overdamped Langevin dynamics: dθ = −∇L(θ)dt + √(2D(θ)) dW, in the Itô reading.

use super::Sde;
use crate::simulation::landscape::Landscape;
use crate::simulation::vectorised::vectorised;

/// The diffusion coefficient D.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Diffusion {
    /// D = T, a temperature.
    Constant(f64),
    /// D = (η/2B)(|H_ii(θ)| + δ): the SDE of SGD under C = (|H| + δ)/B, on a separable landscape.
    HessianShaped {
        /// η/2B.
        scale: f64,
        /// δ, in units of the Hessian.
        floor: f64,
    },
}

/// Overdamped Langevin dynamics on a landscape.
pub struct Overdamped {
    landscape: Box<dyn Landscape>,
    diffusion: Diffusion,
}

impl Overdamped {
    /// Dynamics with the given diffusion; the Hessian-shaped one takes the Hessian's diagonal.
    pub fn new(landscape: Box<dyn Landscape>, diffusion: Diffusion) -> Self {
        Overdamped {
            landscape,
            diffusion,
        }
    }
}

impl Sde for Overdamped {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]) {
        self.landscape.gradient(theta, lanes, drift);
        vectorised!(|drift| for b in drift.iter_mut() {
            *b = -*b;
        });
    }

    fn constant_diffusion(&self) -> Option<f64> {
        match self.diffusion {
            Diffusion::Constant(temperature) => Some(temperature),
            Diffusion::HessianShaped { .. } => None,
        }
    }

    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]) {
        match self.diffusion {
            Diffusion::Constant(temperature) => diffusion.fill(temperature),
            Diffusion::HessianShaped { scale, floor } => {
                self.landscape.hessian_diagonal(theta, lanes, diffusion);
                vectorised!(|diffusion| for d in diffusion.iter_mut() {
                    *d = scale * (d.abs() + floor);
                });
            }
        }
    }
}
