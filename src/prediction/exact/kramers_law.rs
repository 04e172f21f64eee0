//! Kramers' times: what first-passage times become for high barriers.

use std::f64::consts::PI;

use crate::condition::Condition;
use crate::scaled::Scaled;
use base::error::{Error, Result};

/// A well and the saddle above it, as the curvatures and the noise see them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Barrier {
    /// L'' at the minimum, > 0.
    pub h_min: f64,
    /// L'' at the saddle; only its magnitude matters.
    pub h_saddle: f64,
    /// ΔL = L(saddle) − L(minimum), > 0.
    pub height: f64,
}

impl Barrier {
    /// The one coordinate that stands for several: with λ < 0 the curvature at the saddle along which L falls, H_b = λ
    /// and H_a = det H(minimum)/(det H(saddle)/λ), so that 2π/√(H_a|H_b|) is Langer's prefactor
    /// (2π/|λ|) √(|det H(saddle)|/det H(minimum)) (Ann. Phys. 54 (1969) 258). `well` and `top` are the eigenvalues at
    /// the minimum and at the saddle, ascending.
    pub fn of_modes(well: &[f64], top: &[f64], height: f64) -> Self {
        let across = top.first().copied().unwrap_or(f64::NAN);
        let determinant = |h: &[f64]| h.iter().fold(Scaled::of(1.0), |det, h| det * *h);
        let rest = determinant(top.get(1..).unwrap_or_default());
        Self {
            h_min: (determinant(well) / rest).value(),
            h_saddle: across,
            height,
        }
    }

    fn check(&self, temperature: f64) -> Result<()> {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        if positive(self.h_min)
            && positive(self.h_saddle.abs())
            && positive(self.height)
            && positive(temperature)
        {
            return Ok(());
        }
        Err(Error::Input(format!(
            "Kramers' law needs h_min > 0, h_saddle ≠ 0, a barrier > 0 and a temperature > 0; \
             got {}, {}, {} and {temperature}",
            self.h_min, self.h_saddle, self.height
        )))
    }

    /// √(H_a |H_b|).
    fn curvature(&self) -> Scaled {
        (Scaled::of(self.h_min) * self.h_saddle.abs()).sqrt()
    }
}

/// Overdamped: τ = 2π/√(H_a|H_b|) e^{ΔL/T} to a point beyond the saddle (Kramers, Physica 7, 1940).
///
/// Absorption at the saddle itself takes half of it. Valid for ΔL/T ≫ 1; see
/// [`high_barrier`].
///
/// # Errors
/// [`Error::Input`] unless H_a, |H_b|, ΔL and T are positive.
pub fn overdamped(barrier: &Barrier, temperature: f64) -> Result<f64> {
    barrier.check(temperature)?;
    let prefactor = Scaled::of(2.0 * PI) / barrier.curvature();
    Ok((prefactor * Scaled::exp(barrier.height / temperature)).value())
}

/// State-dependent Itô noise: τ = 2π √(D_b/(D_a H_a|H_b|)) e^{∫U'/D} to a point beyond the saddle.
///
/// Laplace's method on the exact first-passage integral; `exponent` is
/// [`action`](super::action::action) from the minimum to the saddle, `d_min` and `d_saddle` are D
/// there. Absorption at the saddle takes half of it. Valid for an exponent ≫ 1.
///
/// # Errors
/// [`Error::Input`] unless both curvatures and both diffusions are positive and the exponent is finite.
pub fn ito(h_min: f64, h_saddle: f64, d_min: f64, d_saddle: f64, exponent: f64) -> Result<f64> {
    let positive = [h_min, h_saddle.abs(), d_min, d_saddle]
        .iter()
        .all(|&x| x.is_finite() && x > 0.0);
    if !positive || !exponent.is_finite() {
        return Err(Error::Input(format!(
            "the Itô escape time needs h_min > 0, h_saddle ≠ 0, both D > 0 and a finite exponent; \
             got {h_min}, {h_saddle}, {d_min}, {d_saddle} and {exponent}"
        )));
    }
    let ratio = Scaled::of(d_saddle) / (Scaled::of(d_min) * h_min * h_saddle.abs());
    Ok((Scaled::of(2.0 * PI) * ratio.sqrt() * Scaled::exp(exponent)).value())
}

/// Inertia: 1/k for Mẍ = −γMẋ − L' + √(2γMT) ẇ at moderate to strong friction, with
///
/// k = (√(γ²/4 + ω_b²) − γ/2)/ω_b · ω_a/(2π) · e^{−ΔL/T},  ω² = |H|/M (Kramers, Physica 7, 1940).
///
/// Absorption at the saddle is not half of it: with inertia many arrivals are recrossings.
///
/// # Errors
/// [`Error::Input`] unless H_a, |H_b|, ΔL, T, γ and M are positive.
pub fn inertial(barrier: &Barrier, temperature: f64, damping: f64, mass: f64) -> Result<f64> {
    barrier.check(temperature)?;
    if !(damping.is_finite() && damping > 0.0 && mass.is_finite() && mass > 0.0) {
        return Err(Error::Input(format!(
            "damping {damping} and mass {mass} must be positive and finite"
        )));
    }
    let omega = |h: f64| (Scaled::of(h) / mass).sqrt();
    let omega_saddle = omega(barrier.h_saddle.abs());
    // (√(γ²/4 + ω²) − γ/2)/ω without cancellation at large γ.
    let half = 0.5 * damping;
    let reactive = omega_saddle / (half.hypot(omega_saddle.value()) + half);
    let rate = reactive * omega(barrier.h_min) / (2.0 * PI);
    Ok((Scaled::exp(barrier.height / temperature) / rate).value())
}

/// Barrier above which the law is within ten per cent: ΔL/T ≥ 5.
///
/// The relative correction is of order T/ΔL with a coefficient of the landscape; at ΔL/T = 5 it is
/// 8 % for Styblinski–Tang and 10 % for the quartic double well.
pub fn high_barrier(height_over_temperature: f64) -> Condition {
    Condition::at_least("ΔL/T", height_over_temperature, 5.0)
}

/// The way to the exit leads through no other well, so that the time to it is that of one barrier.
pub fn one_barrier(wells: usize) -> Condition {
    Condition::at_most(
        "other wells between the saddle and the exit",
        wells as f64,
        0.0,
    )
}

/// Friction strong enough for [`inertial`]: γ ΔL / (ω_a T) ≥ 1.
///
/// Below it a particle loses less than T in one oscillation near the barrier, and the escape is
/// limited by the diffusion of energy (Hänggi, Talkner and Borkovec, Rev. Mod. Phys. 62, 1990, section IV).
pub fn strong_friction(barrier: &Barrier, temperature: f64, damping: f64, mass: f64) -> Condition {
    let omega = (barrier.h_min / mass).sqrt();
    Condition::at_least(
        "γΔL/(ω_a T)",
        damping * barrier.height / (omega * temperature),
        1.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTIC: Barrier = Barrier {
        h_min: 2.0,
        h_saddle: -1.0,
        height: 0.25,
    };

    #[test]
    fn overdamped_is_the_limit_of_the_first_passage_time() {
        // Quartic, −1 → 0 at T = 0.01: exact 1.624787715691e11 = 1.01578 × half of the law.
        let half = 0.5 * overdamped(&QUARTIC, 0.01).unwrap();
        assert!((1.624_787_715_691e11 / half - 1.01578).abs() < 5e-6);
    }

    #[test]
    fn equal_diffusions_give_the_overdamped_law() {
        let law = overdamped(&QUARTIC, 0.05).unwrap();
        let time = ito(2.0, -1.0, 0.05, 0.05, 5.0).unwrap();
        assert!((time / law - 1.0).abs() < 1e-14);
    }

    #[test]
    fn inertia_against_the_klein_kramers_eigenvalue() {
        // Hop rates from the slowest eigenvalue of the Klein–Kramers operator, T = 0.05, and the
        // ratio of the law to them, to the digits given.
        for (damping, rate, ratio) in [
            (0.2, 1.03286886e-3, 1.3288),
            (0.5, 1.10840707e-3, 1.0683),
            (1.0, 8.9267509881e-4, 1.0500),
            (2.0, 5.8947773876e-4, 1.0657),
            (5.0, 2.6903281435e-4, 1.0856),
        ] {
            let law = 1.0 / inertial(&QUARTIC, 0.05, damping, 1.0).unwrap();
            assert!(
                (law / rate - ratio).abs() < 5.1e-5,
                "{damping}: {}",
                law / rate
            );
        }
    }

    #[test]
    fn strong_friction_is_overdamped() {
        // Relative difference (ω_b/γ)² = 1e-10.
        let inertial = inertial(&QUARTIC, 0.05, 1e5, 1.0).unwrap();
        let overdamped = 1e5 * overdamped(&QUARTIC, 0.05).unwrap();
        assert!((inertial / overdamped - 1.0).abs() < 2e-10);
    }

    #[test]
    fn weak_friction_and_low_barriers_are_told() {
        assert!(!strong_friction(&QUARTIC, 0.05, 0.2, 1.0).holds());
        assert!(strong_friction(&QUARTIC, 0.05, 0.5, 1.0).holds());
        assert!(!high_barrier(0.25 / 0.1).holds());
        assert!(overdamped(&QUARTIC, 0.0).is_err());
        assert!(inertial(&QUARTIC, 0.05, -1.0, 1.0).is_err());
        assert!(ito(1.0, 0.0, 1.0, 1.0, 1.0).is_err());
    }
}
