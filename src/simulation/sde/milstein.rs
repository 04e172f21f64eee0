//! Milstein: Euler–Maruyama and the noise's own slope, ½D′(ξ² − 1)dt.

use super::registry::{DT, Dynamics, Entry, Orders, Stability};
use super::{Increment, Integrator, Moved, Noise, Sde, pieces, within};
use crate::vectorised::vectorised;
use base::error::Result;

/// The Milstein scheme (Milstein 1974; Kloeden and Platen 1992, 10.3) for noise of its own coordinate:
/// θ ← θ + b dt + √(2D dt) ξ + ½∂D (ξ² − 1)dt, as σ∂σ = ∂D for σ = √(2D).
pub struct Milstein {
    sde: Box<dyn Sde>,
}

/// Its entry.
pub const MILSTEIN: Entry = Entry {
    name: "milstein",
    formula: "θ ← θ + b dt + √(2D dt) ξ + ½∂D (ξ² − 1)dt",
    source: "Milstein 1974; Kloeden and Platen 1992, section 10.3",
    scope: "dθ = b dt + √(2D) dW, D_ii a function of θ_i",
    weak_order: 1.0,
    strong_order: 1.0,
    additive: Orders {
        weak: 1.0,
        strong: 1.0,
    },
    bridged: true,
    stability: Some(Stability::Curvature(2.0)),
    parameters: &[DT],
    build: |dynamics| match dynamics {
        Dynamics::Diffusion(sde) => Ok(Box::new(Milstein::new(sde)?)),
        other => Err(other.unsuited("milstein")),
    },
};

impl Milstein {
    /// The scheme for `sde`.
    ///
    /// # Errors
    /// A D_ii that depends on other coordinates.
    pub fn new(sde: Box<dyn Sde>) -> Result<Self> {
        let sde = within(sde, Noise::Own, MILSTEIN.name)?;
        Ok(Milstein { sde })
    }
}

impl Integrator for Milstein {
    fn entry(&self) -> &'static Entry {
        &MILSTEIN
    }

    fn dim(&self) -> usize {
        self.sde.dim()
    }

    fn scratch_rows(&self) -> usize {
        self.dim()
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let (theta, drift, variance) = (block.theta, block.drift, block.variance);
        let [slope] = pieces(block.scratch, theta.len());
        self.sde.drift(theta, lanes, drift);
        self.sde.diffusion(theta, lanes, variance);
        self.sde.diffusion_slope(theta, lanes, slope);
        let (drift, slope) = (&*drift, &*slope);
        vectorised!(|theta, variance| for ((((x, xi), b), s), v) in theta
            .iter_mut()
            .zip(normals)
            .zip(drift)
            .zip(slope)
            .zip(variance)
        {
            *v *= 2.0 * dt;
            *x += b * dt + v.sqrt() * xi + 0.5 * dt * s * (xi * xi - 1.0);
        });
    }
}
