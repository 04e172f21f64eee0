//! Underdamped Langevin dynamics: dθ = v dt, dv = −∇L(θ)dt − γv dt + √(2γT) dW, unit mass.

use crate::error::{Error, Result};
use crate::simulation::landscape::Landscape;

/// Langevin dynamics with inertia on a landscape, at friction γ and temperature T.
///
/// Its stationary law is ∝ exp(−(L(θ) + v²/2)/T), whatever γ.
pub struct Underdamped {
    landscape: Box<dyn Landscape>,
    friction: f64,
    temperature: f64,
}

impl Underdamped {
    /// Dynamics on `landscape`.
    ///
    /// # Errors
    /// γ or T is negative or not finite.
    pub fn new(landscape: Box<dyn Landscape>, friction: f64, temperature: f64) -> Result<Self> {
        for (name, value) in [("friction", friction), ("temperature", temperature)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::Input(format!(
                    "{name} = {value}: must be finite and at least 0"
                )));
            }
        }
        Ok(Underdamped {
            landscape,
            friction,
            temperature,
        })
    }

    /// d, the number of coordinates.
    pub fn dim(&self) -> usize {
        self.landscape.dim()
    }

    /// γ.
    pub fn friction(&self) -> f64 {
        self.friction
    }

    /// T.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// ∇L over a block, coordinate-major.
    pub fn gradient(&self, theta: &[f64], lanes: usize, gradient: &mut [f64]) {
        self.landscape.gradient(theta, lanes, gradient);
    }
}
