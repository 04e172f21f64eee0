//! How far an optimizer spreads from a saddle, as Adaptive Inertia states it.
//!
//! All start at the saddle, θ = 0, and give ⟨θ²⟩ along one eigendirection of H after T steps, in the
//! linear model with additive noise of variance C = |H|/B.

use super::inertia::Inertia;
use crate::condition::Condition;
use crate::scaled::Scaled;
use base::error::{Error, Result};

/// One falling direction of a saddle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Saddle {
    /// η, the learning rate; the dynamical time is ηT.
    pub eta: f64,
    /// a = |H| > 0 where H = −a.
    pub a: f64,
    /// C, the variance of one gradient; a/B in the paper.
    pub variance: f64,
    /// T, in steps.
    pub steps: f64,
}

/// Theorem 2's two terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// What momentum is said to add.
    pub drift: f64,
    /// What SGD has as well.
    pub diffusion: f64,
}

impl Spread {
    /// ⟨θ²⟩.
    pub fn total(&self) -> f64 {
        self.drift + self.diffusion
    }
}

impl Saddle {
    fn check(&self) -> Result<()> {
        let positive = [self.eta, self.a, self.variance, self.steps];
        if positive.iter().all(|x| x.is_finite() && *x > 0.0) {
            return Ok(());
        }
        Err(Error::Input(format!(
            "spreading from a saddle needs eta, |H|, C and T > 0; got {}, {}, {} and {}",
            self.eta, self.a, self.variance, self.steps
        )))
    }

    /// D = ηC/2.
    fn diffusion(&self) -> Scaled {
        Scaled::of(0.5) * self.eta * self.variance
    }

    /// t = ηT.
    fn time(&self) -> f64 {
        self.eta * self.steps
    }
}

/// SGD: (D/H)(1 − e^{−2Ht}), D = ηC/2, t = ηT.
///
/// Theorem 1.
///
/// # Errors
/// [`Error::Input`] unless every parameter is positive.
pub fn sgd(saddle: &Saddle) -> Result<f64> {
    saddle.check()?;
    let growth = Scaled::of(2.0) * saddle.a * saddle.time();
    Ok((saddle.diffusion() / saddle.a * Scaled::exp_m1(growth.value())).value())
}

/// SGD for |H|t ≪ 1: Cη²T = |H|η²T/B.
///
/// Theorem 1, its last step.
///
/// # Errors
/// [`Error::Input`] unless every parameter is positive.
pub fn sgd_first_order(saddle: &Saddle) -> Result<f64> {
    saddle.check()?;
    Ok((Scaled::of(saddle.variance) * saddle.eta * saddle.eta * saddle.steps).value())
}

/// Momentum: D/(γ³M²)(1 − e^{−γt})² + D/(γMH)(1 − e^{−2Ht/(γM)}).
///
/// Theorem 2.
///
/// # Errors
/// [`Error::Input`] unless every parameter, γ and M are positive.
pub fn momentum(saddle: &Saddle, inertia: &Inertia) -> Result<Spread> {
    saddle.check()?;
    inertia.check()?;
    let Inertia { damping, mass } = *inertia;
    let friction = Scaled::of(damping) * mass;
    let (d, t) = (saddle.diffusion(), saddle.time());
    let fading = (Scaled::of(-damping) * t).value().exp_m1();
    let growth = Scaled::of(2.0) * saddle.a * t / friction;
    Ok(Spread {
        drift: (d / (friction * damping * friction) * fading * fading).value(),
        diffusion: (d / (friction * saddle.a) * Scaled::exp_m1(growth.value())).value(),
    })
}

/// Adam with v = C: η²/(2(1 − β₁))(1 − e^{−(1−β₁)T})² + η²T, whatever H.
///
/// Proposition 1.
///
/// # Errors
/// [`Error::Input`] unless every parameter is positive and 0 ≤ β₁ < 1.
pub fn adam(saddle: &Saddle, beta1: f64) -> Result<Spread> {
    saddle.check()?;
    if !(0.0..1.0).contains(&beta1) {
        return Err(Error::Input(format!(
            "beta1 = {beta1} must be at least 0 and below 1"
        )));
    }
    let eta2 = Scaled::of(saddle.eta) * saddle.eta;
    let fresh = 1.0 - beta1;
    let fading = (-fresh * saddle.steps).exp_m1();
    Ok(Spread {
        drift: (eta2 / (2.0 * fresh) * fading * fading).value(),
        diffusion: (eta2 * saddle.steps).value(),
    })
}

/// Adai with v = C: η²C̄/(2β₀)(1 − e^{−β₀CT/C̄})² + Cη²T, C̄ the mean of C over all coordinates.
///
/// Proposition 3, where the first factor is η²|H̄|/(2β₀B).
///
/// # Errors
/// [`Error::Input`] unless every parameter, C̄ and β₀ are positive.
pub fn adai(saddle: &Saddle, mean_variance: f64, beta0: f64) -> Result<Spread> {
    saddle.check()?;
    if ![mean_variance, beta0]
        .iter()
        .all(|x| x.is_finite() && *x > 0.0)
    {
        return Err(Error::Input(format!(
            "Adai needs a mean of C and a beta0 above 0; got {mean_variance} and {beta0}"
        )));
    }
    let eta2 = Scaled::of(saddle.eta) * saddle.eta;
    let faded = Scaled::of(-beta0) * saddle.variance / mean_variance * saddle.steps;
    let fading = faded.value().exp_m1();
    Ok(Spread {
        drift: (eta2 * mean_variance / (2.0 * beta0) * fading * fading).value(),
        diffusion: (eta2 * saddle.variance * saddle.steps).value(),
    })
}

/// What [`sgd`] assumes of the step, with its numbers: where both hold it is within 1 % of SGD.
///
/// # Errors
/// [`Error::Input`] unless every parameter is positive.
pub fn validity(saddle: &Saddle) -> Result<Vec<Condition>> {
    saddle.check()?;
    let small = saddle.eta * saddle.a;
    Ok(vec![
        Condition::at_most("η|H|", small, 0.02),
        Condition::at_most("(ηH)²T", small * small * saddle.steps, 0.01),
    ])
}

/// Where [`momentum`] is within some 5 % of the algorithm: long after the velocity's own time, with an
/// overdamped fall, before the rates of growth tell. Its first term does not matter there.
///
/// # Errors
/// As [`momentum`].
pub fn momentum_validity(saddle: &Saddle, inertia: &Inertia) -> Result<Vec<Condition>> {
    momentum(saddle, inertia)?;
    let Inertia { damping, mass } = *inertia;
    let (a, t) = (saddle.a, saddle.time());
    let friction = Scaled::of(damping) * mass;
    Ok(vec![
        Condition::at_least("γt", (Scaled::of(damping) * t).value(), 40.0),
        Condition::at_most(
            "4|H|/(γ²M)",
            (Scaled::of(4.0 * a) / (friction * damping)).value(),
            0.1,
        ),
        Condition::at_most(
            "H²t/(γ³M²)",
            (Scaled::of(a) * a * t / (friction * damping * friction)).value(),
            0.1,
        ),
    ])
}

/// What the paper says of one update rule on a saddle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statement {
    /// Theorem 1, of SGD.
    Sgd,
    /// Theorem 2, of momentum.
    Momentum(Inertia),
    /// Proposition 1, of Adam.
    Adam {
        /// β₁.
        beta1: f64,
    },
    /// Proposition 3, of Adai.
    Adai {
        /// C̄, the mean of C over all coordinates.
        mean_variance: f64,
        /// β₀.
        beta0: f64,
    },
}

impl Statement {
    /// ⟨θ²⟩.
    ///
    /// # Errors
    /// As [`sgd`], [`momentum`], [`adam`] and [`adai`].
    pub fn spread(&self, saddle: &Saddle) -> Result<f64> {
        match *self {
            Self::Sgd => sgd(saddle),
            Self::Momentum(inertia) => Ok(momentum(saddle, &inertia)?.total()),
            Self::Adam { beta1 } => Ok(adam(saddle, beta1)?.total()),
            Self::Adai {
                mean_variance,
                beta0,
            } => Ok(adai(saddle, mean_variance, beta0)?.total()),
        }
    }

    /// What its derivation assumes; nothing with a number for Adam and Adai.
    ///
    /// # Errors
    /// As [`validity`] and [`momentum_validity`].
    pub fn validity(&self, saddle: &Saddle) -> Result<Vec<Condition>> {
        match self {
            Self::Sgd => validity(saddle),
            Self::Momentum(inertia) => momentum_validity(saddle, inertia),
            Self::Adam { .. } | Self::Adai { .. } => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed::printed;

    fn close(value: f64, expected: f64, relative: f64) {
        assert!(
            (value / expected - 1.0).abs() < relative,
            "{value} {expected}"
        );
    }

    fn saddle(eta: f64, a: f64, steps: f64) -> Saddle {
        let variance = a;
        Saddle {
            eta,
            a,
            variance,
            steps,
        }
    }

    #[test]
    fn theorem_1_to_its_digits() {
        for (eta, a, steps, expected) in [
            (0.01, 0.1, 100.0, 1.1070137908e-03),
            (0.01, 0.1, 1000.0, 3.1945280495e-02),
            (0.1, 1.0, 10.0, 3.1945280495e-01),
            (0.1, 1.0, 100.0, 2.4258259720e+07),
            (0.01, 10.0, 50.0, 1.1012732897e+02),
        ] {
            let saddle = saddle(eta, a, steps);
            close(sgd(&saddle).unwrap(), expected, 5e-11);
            close(
                sgd_first_order(&saddle).unwrap(),
                a * eta * eta * steps,
                1e-15,
            );
        }
    }

    #[test]
    fn theorem_2_to_its_digits() {
        // a, β₁, T; drift and diffusion; their sum over the algorithm's exact value; the digits given.
        for (a, beta1, steps, terms, exact, ratio, digits) in [
            (
                0.01,
                0.9,
                1.0,
                [4.5280e-6, 1.0010e-4],
                1.00000e-6,
                104.6,
                [5, 5, 4],
            ),
            (
                0.01,
                0.9,
                10.0,
                [1.9979e-4, 1.0101e-3],
                2.02522e-4,
                5.974,
                [5, 5, 4],
            ),
            (
                0.01,
                0.9,
                100.0,
                [4.9995e-4, 1.1070e-2],
                9.33756e-3,
                1.239,
                [5, 5, 4],
            ),
            (
                0.01,
                0.9,
                1e3,
                [5.0000e-4, 3.1945e-1],
                3.02990e-1,
                1.056,
                [5, 5, 4],
            ),
            (
                0.1,
                0.9,
                1e3,
                [5.0e-3, 2.4258e7],
                3.86661e6,
                6.27,
                [2, 5, 3],
            ),
            (
                1.0,
                0.9,
                100.0,
                [5.0e-2, 2.4258e7],
                4.88503e3,
                4966.0,
                [2, 5, 4],
            ),
            (
                0.01,
                0.99,
                1e3,
                [5.0e-3, 3.1945e-1],
                1.94211e-1,
                1.671,
                [2, 5, 4],
            ),
            (
                1.0,
                0.99,
                100.0,
                [2.0e-1, 2.4258e7],
                1.01201,
                2.4e7,
                [2, 5, 2],
            ),
        ] {
            let inertia = Inertia::of_rule(0.1, beta1, 1.0 - beta1).unwrap();
            let spread = momentum(&saddle(0.1, a, steps), &inertia).unwrap();
            printed(spread.drift, terms[0], digits[0]);
            printed(spread.diffusion, terms[1], digits[1]);
            printed(spread.total() / exact, ratio, digits[2]);
        }
        // Heavy ball in SGD's style: C β₃²η²/(2(1 − β₁)³)(…)², and η_e = ηβ₃/(1 − β₁) after that.
        let inertia = Inertia::of_rule(0.1, 0.9, 0.5).unwrap();
        let spread = momentum(&saddle(0.1, 0.01, 30.0), &inertia).unwrap();
        let fading = 1.0 - (-3f64).exp();
        close(
            spread.drift,
            0.01 * 0.25 * 0.01 / 2e-3 * fading * fading,
            1e-13,
        );
        let sgd = sgd(&saddle(0.5, 0.01, 30.0)).unwrap();
        close(spread.diffusion, sgd, 1e-13);
    }

    #[test]
    fn propositions_1_and_3() {
        // Adam at η = 1e-3, β₁ = 0.9: 1.1998e-5, 1.05e-4, 1.005e-3.
        for (steps, expected) in [(10.0, 1.1998e-5), (100.0, 1.05e-4), (1000.0, 1.005e-3)] {
            let adam = adam(&saddle(1e-3, 0.01, steps), 0.9).unwrap();
            close(adam.total(), expected, 5e-5);
        }
        // Adai at β₀ = 0.1, η = 0.1, a = 0.01, 0.1, 1, T = 10, over the exact values.
        for (a, exact, ratio, digits) in [
            (0.01, 2.7608742391e-07, 3670.0, 3),
            (0.1, 2.3570051007e-04, 46.8, 3),
            (1.0, 9.7210435123e-02, 1.19, 3),
        ] {
            let adai = adai(&saddle(0.1, a, 10.0), 0.37, 0.1).unwrap();
            printed(adai.total() / exact, ratio, digits);
        }
        // In one dimension Adai is an average with 1 − β₁ = β₀.
        let one = adai(&saddle(0.1, 0.01, 30.0), 0.01, 0.1).unwrap();
        let inertia = Inertia::of_rule(0.1, 0.9, 0.1).unwrap();
        let average = momentum(&saddle(0.1, 0.01, 30.0), &inertia).unwrap();
        close(one.drift, average.drift, 1e-13);
    }

    #[test]
    fn conditions_and_nonsense() {
        let good = saddle(0.01, 0.1, 100.0);
        assert!(validity(&good).unwrap().iter().all(Condition::holds));
        let late = saddle(0.1, 0.1, 1000.0);
        let late: Vec<bool> = validity(&late)
            .unwrap()
            .iter()
            .map(Condition::holds)
            .collect();
        assert_eq!(late, [true, false]);
        let inertia = Inertia::of_rule(0.1, 0.9, 0.1).unwrap();
        let early = momentum_validity(&saddle(0.1, 0.01, 10.0), &inertia).unwrap();
        assert!(!early[0].holds() && early[1].holds());
        assert!(sgd(&saddle(0.0, 1.0, 1.0)).is_err());
        assert!(
            momentum(
                &good,
                &Inertia {
                    damping: 0.0,
                    mass: 1.0
                }
            )
            .is_err()
        );
        assert!(adam(&good, 1.0).is_err());
        assert!(adai(&good, 0.0, 0.1).is_err());
    }
}
