//! The rate of exits from independent runs of splitting.

use super::estimate::{Estimate, miss};
use super::hits;
use super::mean::Moments;
use base::error::Result;

/// p = ⟨p̂⟩, the chance that a path reaches the exit, with Student's interval over the runs.
///
/// Where p̂ is the same in every run, its spread tells nothing. No path of any of R runs reached the exit, or all did: since
/// p̂ lies in [0, 1], p is at most the chance that a run sees an exit, and at least the chance that it sees nothing else, of
/// which R runs are [`hits::share`]. Other equal numbers leave no interval.
///
/// # Errors
/// Fewer than two runs, or a `confidence` outside (0, 1).
pub fn probability(p: &Moments, confidence: f64) -> Result<Estimate> {
    let runs = p.n();
    match (p.variance(), p.mean()) {
        (Some(0.0), Some(0.0)) => hits::share(0, runs, confidence),
        (Some(0.0), Some(1.0)) => hits::share(runs, runs, confidence),
        _ => Ok(p.estimate(confidence)?.within((0.0, 1.0))),
    }
}

/// Γ = p/⟨steps of a cycle⟩ per step, with Student's interval of the errors that the spread of the runs gives to both; where
/// that of p̂ gives none, with the ends of [`probability`] over those of the cycle, half of what may be missed going to each.
/// A rate of no exit is a mere bound and has no value.
///
/// # Errors
/// As [`probability`].
pub fn rate(p: &Moments, cycle: &Moments, confidence: f64) -> Result<Estimate> {
    let mean = |m: &Moments| m.mean().unwrap_or(f64::NAN);
    let (value, runs) = (mean(p) / mean(cycle), p.n());
    if p.variance() > Some(0.0) {
        let error = |m: &Moments| m.standard_error().unwrap_or(f64::NAN) / mean(m);
        let error = value * error(p).hypot(error(cycle));
        let method = "adaptive multilevel splitting, mean over independent runs, Student interval";
        let found = Estimate::student(value, error, runs, confidence, method);
        return Ok(found.within((0.0, f64::INFINITY)));
    }
    let half = 1.0 - 0.5 * miss(confidence)?;
    let (share, cycle) = (probability(p, half)?, cycle.estimate(half)?);
    for part in [&share, &cycle] {
        if !part.has_interval() {
            return Ok(Estimate::without_interval(value, runs, &part.method));
        }
    }
    Ok(Estimate {
        value: (value > 0.0).then_some(value),
        ci_low: share.ci_low / cycle.ci_high,
        // A cycle takes a step or more.
        ci_high: share.ci_high / cycle.ci_low.max(1.0),
        standard_error: None,
        confidence,
        n: runs,
        method: format!(
            "adaptive multilevel splitting, {} over the steps of a cycle",
            share.method
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(p: &[f64]) -> Estimate {
        let p: Moments = p.iter().copied().collect();
        let cycle: Moments = (0..p.n()).map(|i| 9.0 + 2.0 * (i % 2) as f64).collect();
        rate(&p, &cycle, 0.95).unwrap()
    }

    /// The steps of a cycle are 10 ± 1.0263/√20 with t₁₉(0.9875) = 2.433440; 1 − 0.0125^(1/20) = 0.196752.
    #[test]
    fn no_exit_bounds_the_rate_from_above() {
        let none = found(&[0.0; 20]);
        assert_eq!((none.value, none.ci_low, none.n), (None, 0.0, 20));
        let least = 10.0 - 2.433_440 * (20.0f64 / 19.0 / 20.0).sqrt();
        assert!((none.ci_high - 0.196_752 / least).abs() < 1e-6, "{none:?}");
        let all = found(&[1.0; 20]);
        assert_eq!(all.value, Some(0.1));
        assert!(all.ci_low < 0.1 && 0.1 < all.ci_high && all.ci_low > 0.07);
    }

    #[test]
    fn equal_numbers_between_tell_nothing() {
        assert!(!found(&[0.25; 20]).has_interval());
        let spread: Vec<f64> = (0..20).map(|i| 0.2 + 0.01 * f64::from(i % 3)).collect();
        let found = found(&spread);
        assert!(found.has_interval() && found.standard_error.is_some());
    }
}
