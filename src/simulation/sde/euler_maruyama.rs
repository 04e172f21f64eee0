//! Euler–Maruyama: θ ← θ + b dt + √(2D dt) ξ.

use super::{Increment, Integrator, Sde};
use crate::simulation::vectorised::vectorised;

/// The Euler–Maruyama scheme (Maruyama 1955): weak order 1, strong order ½.
#[derive(Clone, Copy, Debug)]
pub struct EulerMaruyama;

impl Integrator for EulerMaruyama {
    fn name(&self) -> &'static str {
        "euler-maruyama"
    }

    fn weak_order(&self) -> f64 {
        1.0
    }

    fn strong_order(&self) -> f64 {
        0.5
    }

    fn step(
        &self,
        sde: &dyn Sde,
        by: Increment<'_>,
        theta: &mut [f64],
        drift: &mut [f64],
        variance: &mut [f64],
    ) {
        let Increment { dt, lanes, normals } = by;
        sde.drift(theta, lanes, drift);
        sde.diffusion(theta, lanes, variance);
        let drift = &*drift;
        vectorised!(|theta, variance| for (((x, xi), b), v) in
            theta.iter_mut().zip(normals).zip(drift).zip(variance)
        {
            *v *= 2.0 * dt;
            *x += b * dt + v.sqrt() * xi;
        });
    }
}
