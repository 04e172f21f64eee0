//! Momentum read as a Newtonian particle.

use base::error::{Error, Result};

/// Damping γ and mass M of momentum read as a Newtonian particle with time step η.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inertia {
    /// γ, per dynamical time.
    pub damping: f64,
    /// M.
    pub mass: f64,
}

impl Inertia {
    /// m ← β₁m + β₃g, θ ← θ − ηm: γ = (1 − β₁)/η and M = η/β₃, so γM = (1 − β₁)/β₃ and
    /// γ²M = (1 − β₁)²/(ηβ₃). Heavy ball has β₃ = 1, an exponential average β₃ = 1 − β₁.
    ///
    /// # Errors
    /// [`Error::Input`] unless η > 0, 0 ≤ β₁ < 1 and β₃ > 0.
    pub fn of_rule(eta: f64, beta1: f64, beta3: f64) -> Result<Self> {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        if positive(eta) && positive(beta3) && (0.0..1.0).contains(&beta1) {
            return Ok(Self {
                damping: (1.0 - beta1) / eta,
                mass: eta / beta3,
            });
        }
        Err(Error::Input(format!(
            "momentum as a particle needs eta > 0, 0 ≤ beta1 < 1 and beta3 > 0; got {eta}, {beta1} \
             and {beta3}"
        )))
    }

    /// # Errors
    /// [`Error::Input`] unless γ and M are positive and finite.
    pub(super) fn check(&self) -> Result<()> {
        let Self { damping, mass } = *self;
        if damping.is_finite() && damping > 0.0 && mass.is_finite() && mass > 0.0 {
            return Ok(());
        }
        Err(Error::Input(format!(
            "damping {damping} and mass {mass} must be positive and finite"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_has_unit_friction() {
        let average = Inertia::of_rule(0.1, 0.9, 0.1).unwrap();
        assert!((average.damping * average.mass - 1.0).abs() < 1e-15);
        assert!(Inertia::of_rule(0.1, 1.0, 1.0).is_err());
        assert!(Inertia::of_rule(0.1, 0.9, 0.0).is_err());
    }
}
