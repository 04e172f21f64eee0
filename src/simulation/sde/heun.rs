//! Stochastic Heun: the mean of the step's two ends, which converges to the Stratonovich reading.

use super::registry::{DT, Dynamics, Entry, Orders, Stability};
use super::{Increment, Integrator, Moved, Noise, Sde, pieces, within};
use crate::vectorised::vectorised;
use base::error::Result;

/// The stochastic Heun scheme (Rümelin 1982) with the Stratonovich drift a = b − ½∂D of the Itô equation:
/// y = θ + a(θ)dt + σ(θ)√dt ξ, θ ← θ + ½(a(θ) + a(y))dt + ½(σ(θ) + σ(y))√dt ξ, σ = √(2D).
pub struct Heun {
    sde: Box<dyn Sde>,
}

/// Its entry.
pub const HEUN: Entry = Entry {
    name: "heun",
    formula: "y = θ + a(θ)dt + σ(θ)√dt ξ; θ ← θ + ½(a(θ) + a(y))dt + ½(σ(θ) + σ(y))√dt ξ; \
              a = b − ½∂D, σ = √(2D)",
    source: "Rümelin 1982",
    scope: "dθ = b dt + √(2D) dW, D_ii a function of θ_i",
    weak_order: 1.0,
    strong_order: 1.0,
    additive: Orders {
        weak: 2.0,
        strong: 1.0,
    },
    bridged: true,
    stability: Some(Stability::Curvature(2.0)),
    parameters: &[DT],
    build: |dynamics| match dynamics {
        Dynamics::Diffusion(sde) => Ok(Box::new(Heun::new(sde)?)),
        other => Err(other.unsuited("heun")),
    },
};

impl Heun {
    /// The scheme for `sde`.
    ///
    /// # Errors
    /// A D_ii that depends on other coordinates.
    pub fn new(sde: Box<dyn Sde>) -> Result<Self> {
        let sde = within(sde, Noise::Own, HEUN.name)?;
        Ok(Heun { sde })
    }

    /// a and D at `theta`.
    fn coefficients(
        &self,
        theta: &[f64],
        lanes: usize,
        a: &mut [f64],
        d: &mut [f64],
        slope: &mut [f64],
    ) {
        self.sde.drift(theta, lanes, a);
        self.sde.diffusion(theta, lanes, d);
        self.sde.diffusion_slope(theta, lanes, slope);
        let slope = &*slope;
        vectorised!(|a| for (a, s) in a.iter_mut().zip(slope) {
            *a -= 0.5 * s;
        });
    }
}

impl Integrator for Heun {
    fn entry(&self) -> &'static Entry {
        &HEUN
    }

    fn dim(&self) -> usize {
        self.sde.dim()
    }

    fn scratch_rows(&self) -> usize {
        4 * self.dim()
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let (theta, a, variance) = (block.theta, block.drift, block.variance);
        let [y, later, d, slope] = pieces(block.scratch, theta.len());
        self.coefficients(theta, lanes, a, variance, slope);
        {
            let (theta, a, y, variance) = (&*theta, &*a, &mut *y, &mut *variance);
            vectorised!(|y, variance| for ((((y, x), xi), a), v) in
                y.iter_mut().zip(theta).zip(normals).zip(a).zip(variance)
            {
                *v *= 2.0 * dt;
                *y = x + a * dt + v.sqrt() * xi;
            });
        }
        self.coefficients(y, lanes, later, d, slope);
        let (a, later, d, variance) = (&*a, &*later, &*d, &*variance);
        vectorised!(|theta| for (((((x, xi), a), l), d), v) in theta
            .iter_mut()
            .zip(normals)
            .zip(a)
            .zip(later)
            .zip(d)
            .zip(variance)
        {
            *x += 0.5 * (a + l) * dt + 0.5 * (v.sqrt() + (2.0 * dt * d).sqrt()) * xi;
        });
    }
}
