//! What a measurement will say of a claim, and how much of it that takes.
//!
//! A claim allows a range; an estimate X of the truth t, normal with standard error s, has the interval X ± zs. The claim is confirmed where
//! the interval lies within the range and refuted where it lies wholly outside ([`crate::decide`]). Standard errors fall as the root of the
//! number of particles.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::{Range, Ruling};

/// The chance of the right verdict that is asked for, where nothing else is said.
pub const USUAL: f64 = 0.9;

/// Standard errors that are too small to be looked for, in parts of the way to the edge and of the truth.
const SMALLEST: f64 = 1e-9;

/// A claim and how it is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// What the claim allows.
    pub allowed: Range,
    /// z: half an interval in standard errors.
    pub half: f64,
    /// s: the standard error that it has now.
    pub error: f64,
}

/// How probable each verdict is.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Chances {
    /// That the interval lies within what is allowed.
    pub confirmed: f64,
    /// That it lies wholly outside.
    pub refuted: f64,
}

impl Measurement {
    /// That of a ruling: z and s are those of its interval, of which the longer side counts, and of its standard error.
    ///
    /// # Errors
    /// Why nothing can be said of its error.
    pub fn of(ruling: &Ruling) -> Result<Self, String> {
        let allowed = ruling.allowed.ok_or(
            "it holds no single estimate against a range, and the law of what it compares is not known",
        )?;
        let Some(measured) = &ruling.measured else {
            return Err(ruling.why.clone());
        };
        let value = measured.value.filter(|value| value.is_finite());
        let side = |value: f64| (measured.ci_high - value).max(value - measured.ci_low);
        let Some(side) = value.map(side).filter(|side| side.is_finite()) else {
            return Err(format!("no interval was had ({})", measured.method));
        };
        if side <= 0.0 {
            return Err("nothing of it is left to chance".into());
        }
        let error = measured
            .standard_error
            .filter(|error| *error > 0.0 && error.is_finite());
        let error = error.ok_or_else(|| {
            format!(
                "its standard error is not known, and so neither is the law of its error ({})",
                measured.method
            )
        })?;
        Ok(Measurement {
            allowed,
            half: side / error,
            error,
        })
    }

    /// With so many times as many particles.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Measurement {
            error: self.error / factor.sqrt(),
            ..self
        }
    }

    /// How probable each verdict is where `truth` holds.
    pub fn chances(&self, truth: f64) -> Chances {
        let (Range { low, high }, s) = (self.allowed, self.error);
        let w = self.half * s;
        let below = |x: f64| Normal::standard().cdf((x - truth) / s);
        Chances {
            confirmed: (below(high - w) - below(low + w)).max(0.0),
            refuted: below(low - w) + 1.0 - below(high + w),
        }
    }

    /// The chance of the right verdict where `truth` holds.
    fn right(&self, truth: f64) -> f64 {
        let chances = self.chances(truth);
        if self.allowed.holds(truth) {
            chances.confirmed
        } else {
            chances.refuted
        }
    }

    /// How many times as many particles give the right verdict with probability `power` where `truth` holds; `None` where
    /// no number does, since the truth lies on an edge of what is allowed.
    pub fn needed(&self, truth: f64, power: f64) -> Option<f64> {
        let edge = self.allowed.edge(truth);
        let unit = edge.max(SMALLEST * truth.abs());
        let right = |error: f64| Measurement { error, ..*self }.right(truth);
        // With an error as large as the way to the edge the interval, which is wider, reaches beyond it.
        let (mut small, mut large) = (SMALLEST * unit, unit);
        if !(unit > 0.0 && unit.is_finite()) || right(small) < power {
            return None;
        }
        for _ in 0..80 {
            let middle = (small * large).sqrt();
            if right(middle) >= power {
                small = middle;
            } else {
                large = middle;
            }
        }
        Some((self.error / small).powi(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use measurement::quantile::normal_two_sided;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    use crate::Verdict;
    use crate::decide::{self, Tolerance};
    use measurement::Estimate;

    /// Seed 5, 20,000 normal estimates for each truth and error: the shares of verdicts of the one rule, within 5 binomial standard errors
    /// (α = 6e-7 each).
    #[test]
    fn chances_are_those_of_the_rule() {
        let mut rng = SmallRng::seed_from_u64(5);
        for truth in [1.0, 1.07, 1.1, 1.15, 0.7] {
            for s in [0.01, 0.03, 0.05, 0.2] {
                let claim = Measurement {
                    allowed: Range::about(1.0, Tolerance::Absolute(0.1)),
                    half: normal_two_sided(0.05),
                    error: s,
                };
                let chances = claim.chances(truth);
                let mut seen = [0.0; 2];
                const N: usize = 20_000;
                for _ in 0..N {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    let found = Estimate::normal(truth + s * z, s, 100, 0.95, "");
                    match decide::value(&found, 1.0, Tolerance::Absolute(0.1)).0 {
                        Verdict::Confirmed => seen[0] += 1.0 / N as f64,
                        Verdict::Refuted => seen[1] += 1.0 / N as f64,
                        _ => {}
                    }
                }
                for (found, p) in seen.iter().zip([chances.confirmed, chances.refuted]) {
                    let error = (p * (1.0 - p) / N as f64).sqrt();
                    assert!(
                        (found - p).abs() <= 5.0 * error + 1e-9,
                        "{truth} {s}: {found} {p}"
                    );
                }
            }
        }
    }

    /// With so many particles the right verdict has the probability asked for; on an edge no number of them is enough.
    #[test]
    fn the_particles_that_are_needed() {
        for low in [0.9, f64::NEG_INFINITY] {
            let claim = Measurement {
                allowed: Range { low, high: 1.1 },
                half: normal_two_sided(0.01),
                error: 0.3,
            };
            for truth in [1.0, 1.05, 1.2, 5.0, 1.1 - 1e-6] {
                let factor = claim.needed(truth, 0.9).unwrap();
                let right = claim.times(factor).right(truth);
                assert!((right - 0.9).abs() < 1e-6, "{low} {truth}: {right}");
            }
            assert_eq!(claim.needed(1.1, 0.9), None);
        }
    }
}
