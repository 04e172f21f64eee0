//! The rate of exits from times to exit, some of them cut short, with its exact interval.

use super::estimate::{Estimate, miss};
use super::quantile::{chi_square, normal_two_sided};
use base::error::{Error, Result};

/// One particle's fate: how long it was watched, and whether it left or the watching ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Time to the exit, or to the end of watching; in whatever unit the rate shall have.
    pub time: f64,
    /// Whether the particle left (true) or was still inside (false: right-censored).
    pub exited: bool,
}

/// All that a constant rate can be learnt from: how many left, how many were cut short, and the
/// total time at risk. Exposures of parts of an ensemble merge into that of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exposure {
    /// n, particles that left.
    pub exits: u64,
    /// Particles still inside when the watching ended.
    pub censored: u64,
    /// T = Σ time, over both.
    pub time_at_risk: f64,
}

impl Exposure {
    /// The exposure of `observations` from time 0.
    ///
    /// # Errors
    /// A time is negative or not finite (a diverged particle is to be counted elsewhere).
    pub fn of(observations: &[Observation]) -> Result<Self> {
        Self::after(observations, 0.0)
    }

    /// The exposure from `start` on: who had left or was lost by then is dropped, and `start` is taken
    /// off the others' times. Where exits have become memoryless by `start`, this frees the rate
    /// from the transient before it (left truncation).
    ///
    /// # Errors
    /// `start` or a time is negative or not finite.
    pub fn after(observations: &[Observation], start: f64) -> Result<Self> {
        let usable = |time: f64| time.is_finite() && time >= 0.0;
        if !usable(start) {
            return Err(Error::Input(format!(
                "start = {start}: counting starts at a finite time of at least 0"
            )));
        }
        let mut exposure = Self::default();
        for (index, seen) in observations.iter().enumerate() {
            if !usable(seen.time) {
                return Err(Error::Failed(format!(
                    "observation {index} lasted {}: a time at risk is finite and at least 0; leave \
                     diverged particles out and report their number",
                    seen.time
                )));
            }
            if start > 0.0 && seen.time <= start {
                continue;
            }
            exposure.time_at_risk += seen.time - start;
            if seen.exited {
                exposure.exits += 1;
            } else {
                exposure.censored += 1;
            }
        }
        Ok(exposure)
    }

    /// The exposure of both parts together.
    pub fn merge(self, other: Self) -> Self {
        Self {
            exits: self.exits + other.exits,
            censored: self.censored + other.censored,
            time_at_risk: self.time_at_risk + other.time_at_risk,
        }
    }

    fn checked(self) -> Result<Self> {
        if self.time_at_risk.is_finite() && self.time_at_risk > 0.0 {
            return Ok(self);
        }
        Err(Error::Failed(format!(
            "no rate can be told: {} exits and {} unfinished particles over a total time of {}; \
             watch at least one particle for a positive time",
            self.exits, self.censored, self.time_at_risk
        )))
    }
}

/// Γ̂ = n/T, the maximum-likelihood rate under right censoring, with a chi-square interval.
///
/// With n exits over the total time T and α = 1 − `confidence`:
///
/// * all particles left: 2ΓT ~ χ²₂ₙ exactly, and the interval is
///   [χ²₂ₙ(α/2), χ²₂ₙ(1 − α/2)] / 2T, with exactly the coverage asked for;
/// * some were cut short by the clock: [χ²₂ₙ(α/2), χ²₂ₙ₊₂(1 − α/2)] / 2T, the interval of a Poisson
///   count over the exposure T. n is discrete, so its coverage is at least what was asked for, up to
///   the O(1/n) by which T itself is random; it is wider by about 1/n of Γ on one side;
/// * nobody left: no value, and the one-sided interval [0, −ln(α)/T].
///
/// Source: Epstein & Sobel, J. Am. Stat. Assoc. 48 (1953) 486; Garwood, Biometrika 28 (1936) 437.
///
/// # Errors
/// No time at risk, or a `confidence` outside (0, 1).
pub fn maximum_likelihood(exposure: &Exposure, confidence: f64) -> Result<Estimate> {
    let Exposure {
        exits,
        censored,
        time_at_risk,
    } = exposure.checked()?;
    let alpha = miss(confidence)?;
    let twice = 2.0 * time_at_risk;
    let n = exits as f64;
    if exits == 0 {
        return Ok(Estimate {
            standard_error: None,
            value: None,
            ci_low: 0.0,
            ci_high: -alpha.ln() / time_at_risk,
            confidence,
            n: 0,
            method: "no exits: one-sided upper bound -ln(1 - confidence) / time at risk".into(),
        });
    }
    let (upper, method) = if censored == 0 {
        (
            n,
            "maximum likelihood, exits / time at risk, exact chi-square interval",
        )
    } else {
        (
            n + 1.0,
            "maximum likelihood under right censoring, exits / time at risk, chi-square interval \
             (2n and 2n + 2 degrees of freedom)",
        )
    };
    Ok(Estimate {
        standard_error: Some(n.sqrt() / time_at_risk),
        value: Some(n / time_at_risk),
        ci_low: chi_square(0.5 * alpha, n) / twice,
        ci_high: chi_square(1.0 - 0.5 * alpha, upper) / twice,
        confidence,
        n: exits,
        method: method.into(),
    })
}

/// Γ̂ = (n − 2)/T with the interval Γ̂ (1 ± z/√n), kept for comparison with the papers' figures.
///
/// The estimator of least mean squared error for a complete exponential sample; it is low by the
/// factor 1 − 1/(n − 1) in the mean, and the interval misses more often than it says (at n = 100
/// and 95 % it covers about 94 %).
///
/// Source: Adaptive Inertia (Xie et al. 2022), equations (119) and (120).
///
/// # Errors
/// Fewer than 3 exits, unfinished particles (the formula knows none), no time at risk, or a
/// `confidence` outside (0, 1).
pub fn least_squared_error(exposure: &Exposure, confidence: f64) -> Result<Estimate> {
    let Exposure {
        exits,
        censored,
        time_at_risk,
    } = exposure.checked()?;
    let alpha = miss(confidence)?;
    if exits < 3 || censored > 0 {
        return Err(Error::Failed(format!(
            "(n - 2) / total time needs a complete sample of at least 3 exits, here {exits} exits \
             and {censored} unfinished particles; use the maximum-likelihood rate"
        )));
    }
    let n = exits as f64;
    let value = (n - 2.0) / time_at_risk;
    let half = normal_two_sided(alpha) / n.sqrt();
    Ok(Estimate {
        standard_error: Some(value / n.sqrt()),
        value: Some(value),
        ci_low: value * (1.0 - half),
        ci_high: value * (1.0 + half),
        confidence,
        n: exits,
        method: "(n - 2) / total time, Wald interval (Adaptive Inertia, eqs. 119 and 120)".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(time: f64, exited: bool) -> Observation {
        Observation { time, exited }
    }

    #[test]
    fn a_complete_sample_by_hand() {
        let exposure = Exposure::of(&[seen(1.0, true), seen(3.0, true)]).unwrap();
        let rate = maximum_likelihood(&exposure, 0.95).unwrap();
        assert_eq!(rate.value, Some(0.5));
        // χ²₄ quantiles 0.484418557 and 11.143286782, over 2T = 8.
        assert!((rate.ci_low - 0.484_418_557 / 8.0).abs() < 1e-9);
        assert!((rate.ci_high - 11.143_286_782 / 8.0).abs() < 1e-9);
        assert_eq!(rate.n, 2);
    }

    #[test]
    fn the_unfinished_lend_their_time_and_widen_the_upper_end() {
        let part = Exposure::of(&[seen(1.0, true), seen(2.0, false)]).unwrap();
        let exposure = part.merge(Exposure::of(&[seen(1.0, true)]).unwrap());
        let rate = maximum_likelihood(&exposure, 0.95).unwrap();
        assert_eq!(rate.value, Some(0.5));
        // χ²₄(0.025) and χ²₆(0.975) = 14.449375335.
        assert!((rate.ci_low - 0.484_418_557 / 8.0).abs() < 1e-9);
        assert!((rate.ci_high - 14.449_375_335 / 8.0).abs() < 1e-9);
        assert!(least_squared_error(&exposure, 0.95).is_err());
    }

    #[test]
    fn nobody_left_bounds_the_rate_and_names_no_value() {
        let exposure = Exposure::of(&[seen(10.0, false); 5]).unwrap();
        let rate = maximum_likelihood(&exposure, 0.999).unwrap();
        assert_eq!((rate.value, rate.ci_low, rate.n), (None, 0.0, 0));
        assert!((rate.ci_high - 1000f64.ln() / 50.0).abs() < 1e-15);
    }

    #[test]
    fn truncation_drops_the_early_and_shortens_the_rest() {
        let all = [
            seen(1.0, true),
            seen(2.0, true),
            seen(5.0, true),
            seen(1.5, false),
            seen(6.0, false),
        ];
        let exposure = Exposure::after(&all, 2.0).unwrap();
        assert_eq!(
            exposure,
            Exposure {
                exits: 1,
                censored: 1,
                time_at_risk: 7.0
            }
        );
        let whole = Exposure::of(&all).unwrap();
        assert_eq!(
            (whole.exits, whole.censored, whole.time_at_risk),
            (3, 2, 15.5)
        );
    }

    #[test]
    fn what_tells_nothing_is_refused() {
        assert!(maximum_likelihood(&Exposure::default(), 0.95).is_err());
        assert!(Exposure::of(&[seen(f64::NAN, true)]).is_err());
        assert!(Exposure::of(&[seen(-1.0, true)]).is_err());
        assert!(Exposure::after(&[], f64::INFINITY).is_err());
        let exposure = Exposure::of(&[seen(1.0, true); 2]).unwrap();
        assert!(least_squared_error(&exposure, 0.95).is_err());
        assert!(maximum_likelihood(&exposure, 1.0).is_err());
    }
}
