//! The Kolmogorov distance of a sample's law from a given one.

use super::estimate::{Estimate, miss};
use base::error::{Error, Result};

/// sup_x |P(X ≤ x) − F(x)| from independent draws of X, `cdf` being the continuous F.
///
/// The interval is that of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (Ann. Probab. 18
/// (1990) 1269): the empirical law is within √(ln(2/α)/2n) of the true one with probability 1 − α or more,
/// so by the triangle inequality the distance is known to that. Draws that are not finite count as beyond every x.
///
/// # Errors
/// No draws, or a `confidence` outside (0, 1).
pub fn distance(draws: &[f64], cdf: impl Fn(f64) -> f64, confidence: f64) -> Result<Estimate> {
    let half = half_width(draws.len() as u64, confidence)?;
    let mut sorted: Vec<f64> = draws.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let mut largest = 1.0 - sorted.len() as f64 / n;
    for (i, x) in sorted.iter().enumerate() {
        let (below, at) = (i as f64 / n, cdf(*x));
        largest = largest.max(at - below).max(below + 1.0 / n - at);
    }
    Ok(Estimate {
        standard_error: None,
        value: Some(largest),
        ci_low: (largest - half).max(0.0),
        ci_high: (largest + half).min(1.0),
        confidence,
        n: draws.len() as u64,
        method: "Kolmogorov distance, interval of Dvoretzky, Kiefer, Wolfowitz and Massart".into(),
    })
}

/// The probability that [`distance`] of `n` draws of F itself has its interval within `margin`, by
/// Kolmogorov's limit law P(√n D ≤ x) = 1 − 2 Σ (−1)^{k−1} exp(−2k²x²).
///
/// # Errors
/// As [`distance`].
pub fn power(n: u64, margin: f64, confidence: f64) -> Result<f64> {
    let x = (n as f64).sqrt() * (margin - half_width(n, confidence)?);
    if x <= 0.05 {
        // The sum is below 1e-200 there.
        return Ok(0.0);
    }
    let tail: f64 = (1..=200)
        .map(|k| {
            let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
            sign * (-2.0 * f64::from(k * k) * x * x).exp()
        })
        .sum();
    Ok((1.0 - 2.0 * tail).clamp(0.0, 1.0))
}

fn half_width(n: u64, confidence: f64) -> Result<f64> {
    if n == 0 {
        return Err(Error::Failed(
            "the distance between laws needs at least one draw".into(),
        ));
    }
    Ok(((2.0 / miss(confidence)?).ln() / (2.0 * n as f64)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn three_draws_by_hand() {
        // Uniform law: steps at 0.1, 0.5, 0.6; the largest gap is 1 − 0.6, just after the last.
        let found = distance(&[0.6, 0.1, 0.5], |x| x, 0.95).unwrap();
        assert!((found.value.unwrap() - 0.4).abs() < 1e-15);
        // A draw that is lost counts as beyond: the empirical law ends at 3/4.
        let lost = distance(&[0.6, 0.1, 0.5, f64::NAN], |x| x.min(1.0), 0.95).unwrap();
        assert!((lost.value.unwrap() - 0.25).abs() < 1e-15);
        assert!(distance(&[], |x| x, 0.95).is_err());
        assert!(distance(&[0.5], |x| x, 1.0).is_err());
    }

    #[test]
    fn power_and_coverage_are_those_stated() {
        // P(√n D ≤ 1.3581) = 0.95 for Kolmogorov's law.
        let half = half_width(10_000, 0.999).unwrap();
        let margin = half + 1.358_1 / 100.0;
        assert!((power(10_000, margin, 0.999).unwrap() - 0.95).abs() < 1e-4);
        assert_eq!(power(100, 0.01, 0.999).unwrap(), 0.0);
        // Seed 3, 2000 trials of 400 draws: the share confirmed, four standard errors 0.02; Kolmogorov's
        // law is off by up to 0.03 at n = 400 (its correction is of order 1/√n).
        let mut rng = SmallRng::seed_from_u64(3);
        let (n, margin) = (400, half_width(400, 0.9).unwrap() + 1.0 / 20.0);
        let confirmed = (0..2000)
            .filter(|_| {
                let draws: Vec<f64> = (0..n).map(|_| rng.random()).collect();
                distance(&draws, |x| x, 0.9).unwrap().ci_high <= margin
            })
            .count();
        let stated = power(n, margin, 0.9).unwrap();
        assert!(
            (confirmed as f64 / 2000.0 - stated).abs() < 0.05,
            "{confirmed} {stated}"
        );
    }
}
