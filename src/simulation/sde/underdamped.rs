//! Underdamped Langevin dynamics: dθ = v dt, M dv = −∇L(θ)dt − γMv dt + √(2γMT) dW.

use crate::landscape::Landscape;
use base::error::{Error, Result};

/// Langevin dynamics with inertia on a landscape, at friction γ, temperature T and mass M:
/// dθ = v dt, dv = −∇L/M dt − γv dt + √(2γT/M) dW.
///
/// Its stationary law is ∝ exp(−(L(θ) + Mv²/2)/T), whatever γ.
pub struct Underdamped {
    landscape: Box<dyn Landscape>,
    friction: f64,
    temperature: f64,
    lightness: f64,
}

impl Underdamped {
    /// Dynamics of unit mass on `landscape`.
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
            lightness: 1.0,
        })
    }

    /// The limit of SGDM as η → 0 with β = 1 − cη and gradient noise of variance Σ/η, in time kη:
    /// dX = −M dt, dM = c(∇L(X) − M)dt + c√Σ dW (Wang et al. 2024, appendix B.2, α = 1).
    ///
    /// With v = −M this is a particle of mass 1/c and friction c at T = Σ/2: stationary like SGD's own
    /// limit, [`super::Overdamped`] at D = Σ/2, which is also that of SGDM for α < 1.
    ///
    /// # Errors
    /// c or Σ is not positive and finite.
    pub fn of_sgdm(landscape: Box<dyn Landscape>, c: f64, sigma: f64) -> Result<Self> {
        for (name, value) in [("c", c), ("sigma", sigma)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::Input(format!(
                    "{name} = {value}: must be positive and finite"
                )));
            }
        }
        let mut dynamics = Underdamped::new(landscape, c, 0.5 * sigma)?;
        dynamics.lightness = c;
        Ok(dynamics)
    }

    /// What a scheme that begins with a kick remembers of a particle at rest: v = 0, then ∇L(θ).
    pub fn at_rest(&self, theta: &[f64]) -> Vec<f64> {
        let mut memory = vec![0.0; 2 * theta.len()];
        self.gradient(theta, 1, &mut memory[theta.len()..]);
        memory
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

    /// 1/M.
    pub fn lightness(&self) -> f64 {
        self.lightness
    }

    /// What v keeps over a time t of friction and noise alone, e^{−γt}, and the standard deviation that it
    /// gains, √(T(1 − e^{−2γt})/M).
    pub fn relax(&self, t: f64) -> (f64, f64) {
        let kept = (-self.friction * t).exp();
        let variance = self.temperature * (1.0 - kept * kept) * self.lightness;
        (kept, variance.sqrt())
    }

    /// ∇L over a block, coordinate-major.
    pub fn gradient(&self, theta: &[f64], lanes: usize, gradient: &mut [f64]) {
        self.landscape.gradient(theta, lanes, gradient);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::double_well::DoubleWell;

    /// dM = c(∇L − M)dt + c√Σ dW with v = −M: friction c, force −c∇L, noise c²Σ a unit of time, and the stationary
    /// Var v = T/M = cΣ/2 of the momentum's own Ornstein–Uhlenbeck process.
    #[test]
    fn the_limit_of_sgdm_has_its_coefficients() {
        let (c, sigma) = (0.8, 0.3);
        let well = Box::new(DoubleWell::new(1).unwrap());
        let limit = Underdamped::of_sgdm(well, c, sigma).unwrap();
        assert_eq!((limit.friction(), limit.lightness()), (c, c));
        let dt = 1e-6;
        let (kept, amplitude) = limit.relax(dt);
        assert!(((1.0 - kept) / dt / c - 1.0).abs() < 1e-5);
        assert!((amplitude * amplitude / dt / (c * c * sigma) - 1.0).abs() < 1e-5);
        let (kept, amplitude) = limit.relax(1e6);
        assert_eq!(kept, 0.0);
        assert!((amplitude * amplitude - 0.5 * c * sigma).abs() < 1e-15);
        let well = Box::new(DoubleWell::new(1).unwrap());
        assert!(Underdamped::of_sgdm(well, 0.0, sigma).is_err());
    }
}
