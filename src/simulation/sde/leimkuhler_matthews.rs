//! Leimkuhler–Matthews: Euler–Maruyama with the mean of two neighbouring normals.

use super::registry::{DT, Dynamics, Entry, Orders, Stability};
use super::{Increment, Integrator, Moved, Noise, Sde, pieces, within};
use crate::vectorised::vectorised;
use base::error::Result;

/// The Leimkuhler–Matthews scheme (2013), the limit of BAOAB at large friction:
/// θ ← θ + b dt + √(2D dt) ½(ξₙ + ξₙ₊₁), for additive noise.
///
/// At a fixed time its weak order is 1; of a gradient's stationary averages it is 2 (Leimkuhler, Matthews and
/// Tretyakov 2014), and on a quadratic the stationary law is exact. The memory is ξₙ, which is 0 at the
/// start, so that θ₀ is where the particle starts; what that does is forgotten like any start.
pub struct LeimkuhlerMatthews {
    sde: Box<dyn Sde>,
}

/// Its entry.
pub const LEIMKUHLER_MATTHEWS: Entry = Entry {
    name: "leimkuhler-matthews",
    formula: "θ ← θ + b dt + √(2D dt) ½(ξₙ + ξₙ₊₁)",
    source: "Leimkuhler and Matthews 2013; order 2 of stationary averages: Leimkuhler, Matthews and Tretyakov 2014",
    scope: "dθ = b dt + √(2D) dW, D the same everywhere; exits are looked for at grid points only",
    weak_order: 1.0,
    strong_order: 0.5,
    additive: Orders {
        weak: 1.0,
        strong: 0.5,
    },
    // The noise of neighbouring steps is correlated: what lies between two grid points is no bridge.
    bridged: false,
    stability: Some(Stability::Curvature(2.0)),
    parameters: &[DT],
    build: |dynamics| match dynamics {
        Dynamics::Diffusion(sde) => Ok(Box::new(LeimkuhlerMatthews::new(sde)?)),
        other => Err(other.unsuited("leimkuhler-matthews")),
    },
};

impl LeimkuhlerMatthews {
    /// The scheme for `sde`.
    ///
    /// # Errors
    /// D depends on θ.
    pub fn new(sde: Box<dyn Sde>) -> Result<Self> {
        let sde = within(sde, Noise::Additive, LEIMKUHLER_MATTHEWS.name)?;
        Ok(LeimkuhlerMatthews { sde })
    }
}

impl Integrator for LeimkuhlerMatthews {
    fn entry(&self) -> &'static Entry {
        &LEIMKUHLER_MATTHEWS
    }

    fn dim(&self) -> usize {
        self.sde.dim()
    }

    fn scratch_rows(&self) -> usize {
        self.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        vec![0.0; theta.len()]
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let (theta, drift, memory) = (block.theta, block.drift, block.memory);
        let [d] = pieces(block.scratch, theta.len());
        self.sde.drift(theta, lanes, drift);
        self.sde.diffusion(theta, lanes, d);
        let (drift, d) = (&*drift, &*d);
        vectorised!(|theta, memory| for ((((x, last), xi), b), d) in
            theta.iter_mut().zip(memory).zip(normals).zip(drift).zip(d)
        {
            *x += b * dt + (2.0 * dt * d).sqrt() * 0.5 * (*last + xi);
            *last = *xi;
        });
    }
}
