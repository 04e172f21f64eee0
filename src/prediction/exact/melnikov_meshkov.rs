//! Mel'nikov and Meshkov's rate: Kramers' at moderate friction, bridged to the diffusion of energy.

use std::f64::consts::PI;

use super::kramers_law::{self, Barrier};
use base::error::{Error, Result};

/// A barrier with the actions of the orbits that touch its top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orbits {
    /// S of the well that is left: ∮ p dθ = 2∫√(2M(L_b − L)) dθ over one swing.
    pub here: f64,
    /// S of the well beyond; `None` where nothing comes back.
    pub there: Option<f64>,
}

/// k = Υ(δ₁)Υ(δ₂)/Υ(δ₁ + δ₂) · k_Kramers, or Υ(δ₁) k_Kramers without a second well, with δ = γS/T and
///
/// Υ(δ) = exp[(1/π) ∫₀^∞ ln(1 − e^{−δ(y² + ¼)}) / (y² + ¼) dy]
///
/// (V. I. Mel'nikov and S. V. Meshkov, J. Chem. Phys. 85, 1986, eqs. 3.5 and 6.4; Hänggi, Talkner and
/// Borkovec, Rev. Mod. Phys. 62, 1990, section V). Valid for ΔL/T ≫ 1 at any friction; corrections are of
/// order T/ΔL.
///
/// # Errors
/// [`Error::Input`] as [`kramers_law::inertial`], and for an action that is not positive.
pub fn rate(
    barrier: &Barrier,
    orbits: &Orbits,
    temperature: f64,
    damping: f64,
    mass: f64,
) -> Result<f64> {
    let kramers = 1.0 / kramers_law::inertial(barrier, temperature, damping, mass)?;
    let actions = [Some(orbits.here), orbits.there];
    if actions
        .iter()
        .flatten()
        .any(|s| !(s.is_finite() && *s > 0.0))
    {
        return Err(Error::Input(format!(
            "the actions {actions:?} of the orbits at the barrier must be positive"
        )));
    }
    let lost = |action: f64| damping * action / temperature;
    let here = depopulation(lost(orbits.here));
    let factor = orbits.there.map_or(here, |there| {
        here * depopulation(lost(there)) / depopulation(lost(orbits.here + there))
    });
    Ok(factor * kramers)
}

/// 2∫√(2M(L_b − L)) dθ from the turning point behind `minimum` to the `saddle`.
///
/// # Errors
/// [`Error::Failed`] where the loss does not rise to its value at the saddle again.
pub fn swing(loss: &dyn Fn(f64) -> f64, minimum: f64, saddle: f64, mass: f64) -> Result<f64> {
    let top = loss(saddle);
    // The turning point, between the minimum and where the loss has passed the top.
    let reach = minimum - saddle;
    let mut far = 1.0;
    while loss(minimum + far * reach) < top {
        far *= 2.0;
        if far > 1e6 {
            return Err(Error::Failed(format!(
                "behind the minimum {minimum} the loss never reaches its value at the saddle {saddle}"
            )));
        }
    }
    let (mut inside, mut outside) = (minimum, minimum + far * reach);
    for _ in 0..200 {
        let middle = 0.5 * (inside + outside);
        if loss(middle) < top {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    // θ = c − r cos φ takes the root out of the turning point; midpoints then converge fast.
    let (centre, radius) = (0.5 * (inside + saddle), 0.5 * (saddle - inside));
    let steps = 4000;
    let mut sum = 0.0;
    for i in 0..steps {
        let phi = PI * (f64::from(i) + 0.5) / f64::from(steps);
        let height = (top - loss(centre - radius * phi.cos())).max(0.0);
        sum += (2.0 * mass * height).sqrt() * phi.sin();
    }
    Ok(2.0 * sum * PI / f64::from(steps) * radius.abs())
}

/// Υ(δ).
fn depopulation(lost: f64) -> f64 {
    // y = ½ tan u turns dy/(y² + ¼) into 2 du and the exponent into δ/(4 cos² u).
    let steps = 20_000;
    let mut sum = 0.0;
    for i in 0..steps {
        let u = 0.5 * PI * (f64::from(i) + 0.5) / f64::from(steps);
        sum += (-(-0.25 * lost / u.cos().powi(2)).exp()).ln_1p();
    }
    (sum / f64::from(steps)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTIC: Barrier = Barrier {
        h_min: 2.0,
        h_saddle: -1.0,
        height: 0.25,
    };

    fn loss(x: f64) -> f64 {
        0.25 * x.powi(4) - 0.5 * x * x
    }

    #[test]
    fn the_swing_of_the_quartic_well() {
        // 2∫₀^√2 √(x² − x⁴/2) dx = 4/3, and it grows as √M.
        assert!((swing(&loss, -1.0, 0.0, 1.0).unwrap() - 4.0 / 3.0).abs() < 1e-6);
        assert!((swing(&loss, 1.0, 0.0, 4.0).unwrap() - 8.0 / 3.0).abs() < 2e-6);
        assert!(swing(&|x| -x, 0.0, -1.0, 1.0).is_err());
    }

    #[test]
    fn limits_of_the_depopulation_factor() {
        assert!((depopulation(60.0) - 1.0).abs() < 1e-6);
        // Υ(δ) → δ at weak friction, with a correction of order √δ.
        assert!((depopulation(1e-6) / 1e-6 - 1.0).abs() < 2e-3);
    }

    #[test]
    fn against_the_slowest_eigenvalue_to_the_ratios_of_the_table() {
        for (damping, rate_of_hops, ratio) in [
            (0.2, 1.032_868_86e-3, 1.0791),
            (0.5, 1.108_407_07e-3, 1.0475),
            (1.0, 8.926_750_988_1e-4, 1.0494),
        ] {
            let action = 4.0 / 3.0;
            let orbits = Orbits {
                here: action,
                there: Some(action),
            };
            let found = rate(&QUARTIC, &orbits, 0.05, damping, 1.0).unwrap() / rate_of_hops;
            assert!((found - ratio).abs() < 5.1e-5, "{damping}: {found}");
        }
        let none = Orbits {
            here: 0.0,
            there: None,
        };
        assert!(rate(&QUARTIC, &none, 0.05, 1.0, 1.0).is_err());
    }
}
