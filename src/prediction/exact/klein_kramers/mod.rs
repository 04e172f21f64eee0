//! The Klein–Kramers equation: a particle with inertia, dθ = v dt, M dv = −L′(θ) dt − γMv dt + √(2γMT) dW.
//!
//! | wanted | ask |
//! |---|---|
//! | slowest relaxation and the rate over the barrier of a closed double well | [`Particle::relaxation`] |
//! | mean first-passage time of a position, from rest | [`Particle::passage`] |
//! | Kramers' rate bridged to weak friction | [`melnikov_meshkov`](super::melnikov_meshkov::rate) |

mod hermite;
mod passage;
mod relaxation;
mod stencil;

use base::error::{Error, Result};

pub use passage::Arrival;
pub use relaxation::Relaxation;
pub(super) use stencil::first_derivative;

/// A particle in a loss of one coordinate.
pub struct Particle<'a> {
    /// L(θ).
    pub loss: &'a dyn Fn(f64) -> f64,
    /// L′(θ).
    pub slope: &'a dyn Fn(f64) -> f64,
    /// T: the loss that a degree of freedom holds is T/2.
    pub temperature: f64,
    /// γ, per unit of time.
    pub damping: f64,
    /// M.
    pub mass: f64,
}

impl Particle<'_> {
    fn check(&self) -> Result<()> {
        let numbers = [self.temperature, self.damping, self.mass];
        if numbers.iter().all(|x| x.is_finite() && *x > 0.0) {
            return Ok(());
        }
        Err(Error::Input(format!(
            "a Klein–Kramers particle needs a temperature, a damping and a mass above 0; got {numbers:?}"
        )))
    }

    /// Where the loss has risen by `height` above its value at `from`, in the direction of `sign`.
    fn wall(&self, from: f64, sign: f64, height: f64) -> Result<f64> {
        let (low, mut step) = ((self.loss)(from), 1e-3);
        while step <= FAR {
            if (self.loss)(from + sign * step) - low >= height {
                return Ok(from + sign * step);
            }
            step *= 1.1;
        }
        Err(Error::Input(format!(
            "the loss does not rise by {height} {} θ = {from}, so that nothing confines the particle there",
            if sign > 0.0 { "above" } else { "below" }
        )))
    }

    /// L″ by a difference of the slope.
    fn curvature(&self, at: f64, width: f64) -> f64 {
        let h = 1e-4 * width;
        ((self.slope)(at + h) - (self.slope)(at - h)) / (2.0 * h)
    }
}

/// Distance beyond which a wall is no longer looked for.
const FAR: f64 = 1e4;

#[cfg(test)]
mod tests;
