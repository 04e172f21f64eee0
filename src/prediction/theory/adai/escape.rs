//! Mean escape times from a minimum over a saddle, as Adaptive Inertia states them.
//!
//! For SGD, Z. Xie, I. Sato and M. Sugiyama, A Diffusion Theory for Deep Learning Dynamics, ICLR 2021. All assume C(θ) = |H(θ)|/B along the
//! escape direction and a dynamical time in which one iteration lasts η.

use std::f64::consts::PI;

use super::inertia::Inertia;
use crate::condition::Condition;
use crate::scaled::Scaled;
use base::error::{Error, Result};

/// One escape direction from a minimum a over a saddle b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Escape {
    /// η, the learning rate.
    pub eta: f64,
    /// B, the batch size.
    pub batch: f64,
    /// H_ae > 0, the curvature at the minimum along the escape direction.
    pub h_min: f64,
    /// H_be, the curvature at the saddle along it; only the magnitude enters.
    pub h_saddle: f64,
    /// ΔL = L(b) − L(a) > 0.
    pub barrier: f64,
    /// s ∈ [0, 1], the share of the way on which the noise is that of the minimum.
    pub s: f64,
}

/// A mean escape time and its two factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EscapeTime {
    /// τ, dynamical; infinite when e^exponent exceeds the largest double.
    pub time: f64,
    /// ln of the exponential factor.
    pub exponent: f64,
    /// τ / e^exponent.
    pub prefactor: f64,
    /// τ/η, in iterations.
    pub iterations: f64,
}

impl Escape {
    fn check(&self) -> Result<()> {
        let positive = [
            self.eta,
            self.batch,
            self.h_min,
            self.h_saddle.abs(),
            self.barrier,
        ];
        if positive.iter().any(|x| !x.is_finite() || *x <= 0.0) {
            return Err(Error::Input(format!(
                "an escape time needs eta, batch, h_min and barrier > 0 and h_saddle ≠ 0; got {}, \
                 {}, {}, {} and {}",
                self.eta, self.batch, self.h_min, self.barrier, self.h_saddle
            )));
        }
        if !(0.0..=1.0).contains(&self.s) {
            return Err(Error::Input(format!(
                "s = {} must lie in [0, 1]: it is a share",
                self.s
            )));
        }
        Ok(())
    }

    /// (2BΔL/η)(s/H_ae + (1 − s)/|H_be|).
    fn two_temperature_exponent(&self) -> Scaled {
        self.doubled_barrier() * (self.s / self.h_min + (1.0 - self.s) / self.h_saddle.abs())
    }

    /// 2BΔL/η.
    fn doubled_barrier(&self) -> Scaled {
        Scaled::of(2.0) * self.batch * self.barrier / self.eta
    }

    fn time(&self, prefactor: Scaled, exponent: Scaled) -> EscapeTime {
        let time = prefactor * Scaled::exp(exponent.value());
        EscapeTime {
            time: time.value(),
            exponent: exponent.value(),
            prefactor: prefactor.value(),
            iterations: (time / self.eta).value(),
        }
    }
}

/// SGD: τ = 2π/|H_be| · exp[(2BΔL/η)(s/H_ae + (1 − s)/|H_be|)].
///
/// Xie, Sato and Sugiyama, ICLR 2021, Theorem 3.2.
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn sgd(escape: &Escape) -> Result<EscapeTime> {
    escape.check()?;
    Ok(escape.time(
        Scaled::of(2.0 * PI) / escape.h_saddle.abs(),
        escape.two_temperature_exponent(),
    ))
}

/// Momentum: τ = π[√(1 + 4|H_be|/(γ²M)) + 1]/|H_be| · exp[(2γMBΔL/η)(s/H_ae + (1 − s)/|H_be|)].
///
/// Adaptive Inertia, Theorem 3. The prefactor carries no γM as Kramers' does (see
/// [`inertial`](crate::exact::kramers_law::inertial)), so the two agree on the unit of
/// time where γM = 1, for an exponential average.
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn momentum(escape: &Escape, inertia: &Inertia) -> Result<EscapeTime> {
    escape.check()?;
    inertia.check()?;
    let Inertia { damping, mass } = *inertia;
    let h = escape.h_saddle.abs();
    let friction = Scaled::of(damping) * mass;
    let inertial = (Scaled::of(4.0 * h) / (Scaled::of(damping) * friction)).value();
    let prefactor = Scaled::of(PI) * ((1.0 + inertial).sqrt() + 1.0) / h;
    Ok(escape.time(prefactor, friction * escape.two_temperature_exponent()))
}

/// Adam: the order of ln τ, 2√B ΔL/(η√H_ae).
///
/// Adaptive Inertia, Proposition 2: log τ = O(·), so this is a scale up to a constant.
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn adam_log_order(escape: &Escape) -> Result<f64> {
    escape.check()?;
    let order = Scaled::of(2.0) * escape.batch.sqrt() * escape.barrier;
    Ok((order / escape.eta / escape.h_min.sqrt()).value())
}

/// Adai: the order of ln τ, 2BΔL/(ηH_ae).
///
/// Adaptive Inertia, Proposition 4: log τ = O(·), so this is a scale up to a constant.
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn adai_log_order(escape: &Escape) -> Result<f64> {
    escape.check()?;
    Ok((escape.doubled_barrier() / escape.h_min).value())
}

/// What the derivation of [`sgd`] assumes, with its numbers: [`high_barriers`] and [`small_steps`].
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn validity(escape: &Escape) -> Result<Vec<Condition>> {
    let [a, b] = high_barriers(escape)?;
    let [c, d] = small_steps(escape)?;
    Ok(vec![a, b, c, d])
}

/// ΔL ≫ T at both ends, T = ηH/(2B): at least 5, where Kramers' law is within ten per cent.
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn high_barriers(escape: &Escape) -> Result<[Condition; 2]> {
    escape.check()?;
    let over = |h: f64| (escape.doubled_barrier() / h).value();
    Ok([
        Condition::at_least("2BΔL/(ηH_ae)", over(escape.h_min), 5.0),
        Condition::at_least("2BΔL/(η|H_be|)", over(escape.h_saddle.abs()), 5.0),
    ])
}

/// ηH ≪ 1: at most 0.1. The stationary variance of the chain is that of the diffusion over 1 − ηH/2, so a tenth
/// already moves an exponent by 5 %.
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn small_steps(escape: &Escape) -> Result<[Condition; 2]> {
    escape.check()?;
    let top = escape.h_saddle.abs();
    Ok([
        Condition::at_most("ηH_ae", escape.eta * escape.h_min, 0.1),
        Condition::at_most("η|H_be|", escape.eta * top, 0.1),
    ])
}

/// What the derivation of [`momentum`] assumes, with its numbers.
///
/// - ΔL ≫ T at both ends, with the temperature T = ηH/(2BγM) of the particle: at least 5;
/// - the step resolves the oscillation, η√(H/M) ≪ 1: at most 0.3, whose square is the relative
///   change of the frequency by the discretisation;
/// - moderate to strong friction, γΔL/(ω_a T) ≥ 1 with ω_a = √(H_ae/M): a particle loses more than
///   T in one oscillation near the barrier, so the escape is not limited by the diffusion of energy.
///
/// # Errors
/// [`Error::Input`] for parameters out of range.
pub fn momentum_validity(escape: &Escape, inertia: &Inertia) -> Result<Vec<Condition>> {
    momentum(escape, inertia)?;
    let Escape { eta, h_min, .. } = *escape;
    let Inertia { damping, mass } = *inertia;
    let h_saddle = escape.h_saddle.abs();
    let barrier_over = |h: f64| escape.doubled_barrier() * damping * mass / h;
    let omega = |h: f64| (Scaled::of(h) / mass).sqrt();
    Ok(vec![
        Condition::at_least("2γMBΔL/(ηH_ae)", barrier_over(h_min).value(), 5.0),
        Condition::at_least("2γMBΔL/(η|H_be|)", barrier_over(h_saddle).value(), 5.0),
        Condition::at_most("η√(H_ae/M)", (omega(h_min) * eta).value(), 0.3),
        Condition::at_most("η√(|H_be|/M)", (omega(h_saddle) * eta).value(), 0.3),
        Condition::at_least(
            "γΔL/(ω_a T_a)",
            (Scaled::of(damping) / omega(h_min) * barrier_over(h_min)).value(),
            1.0,
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::kramers_law::{Barrier, inertial};

    const ESCAPE: Escape = Escape {
        eta: 0.1,
        batch: 1.0,
        h_min: 2.0,
        h_saddle: -1.0,
        barrier: 1.0,
        s: 1.0 / 3.0,
    };

    #[test]
    fn sgd_by_hand() {
        // (2/0.1)(1/6 + 2/3) = 50/3, times 2π.
        let tau = sgd(&ESCAPE).unwrap();
        assert!((tau.exponent - 50.0 / 3.0).abs() < 1e-13);
        assert!((tau.prefactor - 2.0 * PI).abs() < 1e-15);
        assert!((tau.time / 1.087_480e8 - 1.0).abs() < 5e-7);
        assert!((tau.iterations * 0.1 / tau.time - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_light_particle_escapes_like_sgd() {
        // γM = 1 and γ²M = 1/M → ∞: relative difference |H_b| M.
        let light = Inertia {
            damping: 1e9,
            mass: 1e-9,
        };
        let (momentum, sgd) = (momentum(&ESCAPE, &light).unwrap(), sgd(&ESCAPE).unwrap());
        assert!((momentum.time / sgd.time - 1.0).abs() < 2e-9);
    }

    #[test]
    fn momentum_is_kramers_where_both_ends_are_alike() {
        // H_a = |H_b|, hence one temperature; γM = 1 for the exponential average.
        let escape = Escape {
            h_min: 1.0,
            ..ESCAPE
        };
        let inertia = Inertia::of_rule(0.1, 0.9, 0.1).unwrap();
        let barrier = Barrier {
            h_min: 1.0,
            h_saddle: -1.0,
            height: 1.0,
        };
        let kramers = inertial(&barrier, 0.05, inertia.damping, inertia.mass).unwrap();
        let paper = momentum(&escape, &inertia).unwrap();
        assert!((paper.time / kramers - 1.0).abs() < 1e-13);
        // Heavy ball: γ²M = (1 − β)²/η, and the exponent is 1 − β of SGD's.
        let heavy = Inertia::of_rule(0.1, 0.9, 1.0).unwrap();
        assert!((heavy.damping.powi(2) * heavy.mass - 0.1).abs() < 1e-15);
        let exponent = momentum(&escape, &heavy).unwrap().exponent;
        assert!((exponent / sgd(&escape).unwrap().exponent - 0.1).abs() < 1e-14);
    }

    #[test]
    fn orders_of_adam_and_adai() {
        let four = Escape {
            h_min: 4.0,
            batch: 9.0,
            ..ESCAPE
        };
        assert!((adam_log_order(&four).unwrap() - 30.0).abs() < 1e-13);
        assert!((adai_log_order(&four).unwrap() - 45.0).abs() < 1e-13);
        // Sharpness k: H → kH. Adam's order falls by √k, Adai's by k.
        let sharp = Escape {
            h_min: 16.0,
            ..four
        };
        assert!((adam_log_order(&sharp).unwrap() - 15.0).abs() < 1e-13);
        assert!((adai_log_order(&sharp).unwrap() - 11.25).abs() < 1e-13);
    }

    #[test]
    fn conditions_carry_their_numbers() {
        let conditions = validity(&ESCAPE).unwrap();
        assert_eq!(
            conditions.iter().map(Condition::holds).collect::<Vec<_>>(),
            [true, true, false, true]
        );
        assert!((conditions[0].value - 10.0).abs() < 1e-13);
        let weak = momentum_validity(
            &ESCAPE,
            &Inertia {
                damping: 0.01,
                mass: 100.0,
            },
        )
        .unwrap();
        assert!(!weak.last().unwrap().holds(), "{}", weak.last().unwrap());
    }

    #[test]
    fn nonsense_is_refused() {
        for escape in [
            Escape { eta: 0.0, ..ESCAPE },
            Escape {
                batch: f64::NAN,
                ..ESCAPE
            },
            Escape {
                h_saddle: 0.0,
                ..ESCAPE
            },
            Escape { s: 1.5, ..ESCAPE },
        ] {
            assert!(sgd(&escape).is_err() && validity(&escape).is_err());
            assert!(adam_log_order(&escape).is_err() && adai_log_order(&escape).is_err());
        }
        assert!(
            momentum(
                &ESCAPE,
                &Inertia {
                    damping: 0.0,
                    mass: 1.0
                }
            )
            .is_err()
        );
    }
}
