//! The probability of a hit, from hits among independent trials.

use super::estimate::{Estimate, miss};
use super::mean::FEWEST;
use super::quantile::beta;
use base::error::{Error, Result};

/// How [`share`] came by its interval.
pub(super) const METHOD: &str = "share of hits, exact binomial interval (Clopper–Pearson)";

/// p̂ = k/n of k hits among n trials, with the interval of every p for which neither so few nor so many hits have a
/// probability below α/2, α = 1 − `confidence`: the α/2 quantile of the beta law with parameters k and n − k + 1, to the
/// 1 − α/2 quantile of that with k + 1 and n − k. Its coverage is at least what was asked for, whatever p is. No hit gives
/// [0, 1 − (α/2)^(1/n)], nothing but hits [(α/2)^(1/n), 1].
///
/// The standard error √(p̂(1 − p̂)/n) is given where there are 20 hits and 20 misses: with fewer the law of p̂ is far from
/// normal.
///
/// Source: Clopper & Pearson, Biometrika 26 (1934) 404.
///
/// # Errors
/// No trial, more hits than trials, or a `confidence` outside (0, 1).
pub fn share(hits: u64, trials: u64, confidence: f64) -> Result<Estimate> {
    let half = 0.5 * miss(confidence)?;
    if trials == 0 || hits > trials {
        return Err(Error::Failed(format!(
            "{hits} hits in {trials} trials tell no probability; run at least one trial"
        )));
    }
    let misses = trials - hits;
    let (k, l, n) = (hits as f64, misses as f64, trials as f64);
    let value = k / n;
    let low = match (hits, misses) {
        (0, _) => 0.0,
        (_, 0) => (half.ln() / n).exp(),
        _ => beta(half, k, l + 1.0),
    };
    // The upper end is 1 less the lower one of misses, which has its digits where p is small.
    let high = match (misses, hits) {
        (0, _) => 1.0,
        (_, 0) => -(half.ln() / n).exp_m1(),
        _ => beta(1.0 - half, k + 1.0, l),
    };
    let error = (value * (1.0 - value) / n).sqrt();
    Ok(Estimate {
        value: Some(value),
        ci_low: low,
        ci_high: high,
        standard_error: (hits.min(misses) >= FEWEST).then_some(error),
        confidence,
        n: trials,
        method: METHOD.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(hits: u64, trials: u64, confidence: f64) -> (f64, f64) {
        let found = share(hits, trials, confidence).unwrap();
        assert_eq!(found.value, Some(hits as f64 / trials as f64));
        (found.ci_low, found.ci_high)
    }

    fn close(found: (f64, f64), exact: (f64, f64)) {
        assert!(
            (found.0 - exact.0).abs() <= 1e-9 * exact.0
                && (found.1 - exact.1).abs() <= 1e-9 * exact.1,
            "{found:?} {exact:?}"
        );
    }

    /// Quantiles of the beta law with 30 digits.
    #[test]
    fn the_interval_by_hand() {
        close(
            ends(5, 20, 0.95),
            (0.086_571_469_101_434_54, 0.491_045_871_707_957_54),
        );
        close(
            ends(1, 1000, 0.999),
            (5.001_249_166_197_9e-7, 0.009_953_814_344_950_812),
        );
        close(
            ends(400_000, 1_000_000, 0.999),
            (0.398_388_237_883_231_36, 0.401_613_273_124_876_2),
        );
        let none = 1.0 - 0.0005f64.powf(0.01);
        close(ends(0, 100, 0.999), (0.0, none));
        close(ends(100, 100, 0.999), (1.0 - none, 1.0));
        // 7.6/n.
        let (_, tiny) = ends(0, 10_000_000_000, 0.999);
        assert!((tiny / (2000f64.ln() / 1e10) - 1.0).abs() < 1e-9);
    }

    /// The coverage is a sum over the binomial law, without chance: never below what was asked for, and for no hits and
    /// all hits too.
    #[test]
    fn it_covers_whatever_the_probability_is() {
        let n = 40u64;
        let all: Vec<(f64, f64)> = (0..=n).map(|k| ends(k, n, 0.95)).collect();
        for i in 1..400 {
            let p = f64::from(i) / 400.0;
            let mut weight = (1.0 - p).powi(n as i32);
            let mut covered = 0.0;
            for (k, (low, high)) in all.iter().enumerate() {
                if (*low..=*high).contains(&p) {
                    covered += weight;
                }
                weight *= (n as f64 - k as f64) / (k as f64 + 1.0) * p / (1.0 - p);
            }
            assert!(covered >= 0.95 - 1e-9, "{p}: {covered}");
        }
    }

    /// Another confidence is not reached by Student's quantiles: no hits of 100 at 0.95 and 0.999.
    #[test]
    fn another_confidence_is_exact_too() {
        for hits in [0, 3, 50, 100] {
            let found = share(hits, 100, 0.95).unwrap().at_confidence(0.999);
            assert_eq!(found.unwrap(), share(hits, 100, 0.999).unwrap());
        }
    }

    #[test]
    fn what_is_no_trial_is_refused() {
        assert!(share(0, 0, 0.95).is_err() && share(3, 2, 0.95).is_err());
        assert!(share(1, 2, 1.0).is_err());
        assert!(share(19, 1000, 0.95).unwrap().standard_error.is_none());
        assert!(share(20, 1000, 0.95).unwrap().standard_error.is_some());
    }
}
