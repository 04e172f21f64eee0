//! The index α of a stable law: 2 is Gaussian, less is heavy-tailed.

use super::estimate::{Estimate, miss};
use super::mean::Moments;
use super::quantile::student_two_sided;
use base::error::{Error, Result};

/// The block length used where none is asked for: ⌊√n⌋, which gives about as many blocks as each is long.
pub fn usual_block(n: usize) -> usize {
    n.isqrt()
}

/// α̂ of a sample in blocks of K₁, by
///
/// 1/α̂ = (mean log|Y| − mean log|X|)/log K₁,
///
/// Y the sums of the K₂ blocks: a sum of K₁ symmetric α-stable numbers is one of them times K₁^{1/α}. What is left
/// over after the last whole block is not used.
///
/// The estimate of 1/α is a mean over blocks and has no bias for a symmetric stable law; Student's interval of its
/// K₂ blocks is turned over to one of α. So the interval is right for independent numbers in independent order and
/// for blocks enough (some tens) that their mean is about normal. For a law that is not stable α̂ says how fast
/// sums of K₁ spread, and rises to 2 with K₁ where the variance is finite. α̂ may come out above 2. An interval
/// whose end of 1/α is at or below 0 has no upper end.
///
/// Centre the numbers first: a mean that is not 0 makes sums grow like K₁ and α̂ fall to 1.
///
/// Source: Mohammadi, Mohammadpour & Ogata, Metrika 78 (2015) 549, Corollary 2.4; used on gradient noise by Simsekli,
/// Sagun & Gurbuzbalaban (ICML 2019).
///
/// # Errors
/// A block shorter than 2, fewer than 2 blocks, a number that is not finite or is 0 (its logarithm is not finite), a
/// block whose sum is 0, or a `confidence` outside (0, 1).
pub fn tail_index(sample: &[f64], block: usize, confidence: f64) -> Result<Estimate> {
    let chance = miss(confidence)?;
    if block < 2 || sample.len() / block < 2 {
        return Err(Error::Failed(format!(
            "a tail index from {} numbers in blocks of {block}: it needs blocks of at least 2, and at least 2 of them",
            sample.len()
        )));
    }
    if let Some((i, x)) = sample
        .iter()
        .enumerate()
        .find(|(_, x)| !x.is_finite() || **x == 0.0)
    {
        return Err(Error::Failed(format!(
            "a tail index takes logarithms, and number {i} is {x}; leave out what diverged, and coordinates whose \
             noise is exactly 0 (such as those of a unit that is off for every example)"
        )));
    }
    let mut inverse = Moments::default();
    for (k, part) in sample.chunks_exact(block).enumerate() {
        let sum: f64 = part.iter().sum();
        if !sum.is_finite() || sum == 0.0 {
            return Err(Error::Failed(format!(
                "a tail index takes logarithms, and block {k} of {block} numbers adds up to {sum}; take blocks of \
                 another length"
            )));
        }
        let within = part.iter().map(|x| x.abs().ln()).sum::<f64>() / block as f64;
        inverse.push((sum.abs().ln() - within) / (block as f64).ln());
    }
    let (Some(mean), Some(error)) = (inverse.mean(), inverse.standard_error()) else {
        return Err(Error::Failed(
            "a tail index came from fewer than 2 blocks".into(),
        ));
    };
    let half = student_two_sided(chance, inverse.n() - 1) * error;
    let index = |inverse: f64| {
        if inverse > 0.0 {
            1.0 / inverse
        } else {
            f64::INFINITY
        }
    };
    Ok(Estimate {
        standard_error: None,
        value: (mean > 0.0).then(|| 1.0 / mean),
        ci_low: index(mean + half),
        ci_high: index(mean - half),
        confidence,
        n: inverse.n(),
        method: format!(
            "index of a stable law from sums of {block} (Mohammadi et al. 2015), Student interval of 1/α over blocks"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Cauchy, Distribution, StandardNormal};
    use std::f64::consts::PI;

    /// Two blocks of 2 by hand: log₂ of 3/√2 and of 6/√(2 · 4), mean of both.
    #[test]
    fn four_numbers_by_hand() {
        let found = tail_index(&[1.0, 2.0, -2.0, -4.0, 7.0], 2, 0.95).unwrap();
        let inverse = 0.5 * ((3.0 / 2f64.sqrt()).log2() + (6.0 / 8f64.sqrt()).log2());
        assert!((found.value.unwrap() - 1.0 / inverse).abs() < 1e-14);
        assert_eq!(found.n, 2);
        let scaled = tail_index(&[3.0, 6.0, -6.0, -12.0], 2, 0.95).unwrap();
        assert!((scaled.value.unwrap() - 1.0 / inverse).abs() < 1e-14);
    }

    /// n = 250 000 in blocks of 500. The interval is asked to cover at α = 1e-6, and its width to be that of
    /// var log|S| = π²/6 (1/α² + ½), which is the variance of a block's share but for O(1/500): to a quarter, four
    /// standard errors of a spread over 500 blocks whose kurtosis is below 9.
    #[test]
    fn the_index_of_known_laws_comes_out() {
        let (n, mut rng) = (250_000, SmallRng::seed_from_u64(2));
        let normal: Vec<f64> = (0..n).map(|_| StandardNormal.sample(&mut rng)).collect();
        let law = Cauchy::new(0.0, 2.0).unwrap();
        let cauchy: Vec<f64> = (0..n).map(|_| law.sample(&mut rng)).collect();
        for (alpha, sample) in [(2.0, normal), (1.0, cauchy)] {
            let found = tail_index(&sample, usual_block(n), 1.0 - 1e-6).unwrap();
            assert!(
                found.ci_low < alpha && alpha < found.ci_high,
                "{alpha} {found:?}"
            );
            let variance = PI * PI / 6.0 * (1.0 / (alpha * alpha) + 0.5);
            let error = (variance / 500.0).sqrt() / 500f64.ln();
            let width = 1.0 / found.ci_low - 1.0 / found.ci_high;
            let ratio = width / (2.0 * student_two_sided(1e-6, 499) * error);
            assert!((ratio - 1.0).abs() < 0.25, "{alpha} {ratio}");
        }
    }

    /// Seed 4, 4000 samples of 900 Cauchy numbers in 30 blocks: the interval covers as it says to four standard
    /// errors (0.0138) and 0.01 for 30 blocks not being normal, and 1/α̂ has no bias to four of its own.
    #[test]
    fn the_interval_covers_and_the_inverse_has_no_bias() {
        let mut rng = SmallRng::seed_from_u64(4);
        let law = Cauchy::new(0.0, 1.0).unwrap();
        let mut covered = 0;
        let inverse: Moments = (0..4000)
            .map(|_| {
                let sample: Vec<f64> = (0..900).map(|_| law.sample(&mut rng)).collect();
                let found = tail_index(&sample, 30, 0.95).unwrap();
                covered += u32::from(found.ci_low < 1.0 && 1.0 < found.ci_high);
                1.0 / found.value.unwrap()
            })
            .collect();
        let coverage = f64::from(covered) / 4000.0;
        assert!((coverage - 0.95).abs() < 0.0138 + 0.01, "{coverage}");
        let (mean, error) = (inverse.mean().unwrap(), inverse.standard_error().unwrap());
        assert!((mean - 1.0).abs() < 4.0 * error, "{mean} {error}");
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let sample = [1.0, 2.0, 3.0, 4.0];
        assert!(tail_index(&sample, 1, 0.95).is_err());
        assert!(tail_index(&sample, 3, 0.95).is_err());
        assert!(tail_index(&sample, 2, 1.0).is_err());
        for bad in [0.0, f64::NAN, f64::INFINITY] {
            assert!(tail_index(&[1.0, 2.0, bad, 4.0], 2, 0.95).is_err());
        }
        assert!(tail_index(&[1.0, -1.0, 3.0, 4.0], 2, 0.95).is_err());
        assert_eq!(usual_block(900), 30);
    }
}
