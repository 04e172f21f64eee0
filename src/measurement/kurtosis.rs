//! Excess kurtosis: how heavy tails are, 0 for a normal law.

use super::quantile::normal_tail_two_sided;
use base::error::{Error, Result};

/// The excess kurtosis of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kurtosis {
    /// G₂, unbiased for normal numbers.
    pub excess: f64,
    /// The standard deviation of G₂ over samples of this size from a normal law. It says whether G₂ differs from
    /// 0; for other laws, whose eighth moment it would need, it is no error bar.
    pub standard_error: f64,
    /// How many numbers.
    pub n: usize,
}

impl Kurtosis {
    /// P(|N(0, 1)| > |G₂|/SE): the two-sided test of normality for large n, G₂ being skew below some hundreds.
    pub fn p_value(&self) -> f64 {
        normal_tail_two_sided(self.excess / self.standard_error)
    }
}

/// G₂ = (n − 1)/((n − 2)(n − 3)) · ((n + 1) g₂ + 6), g₂ = m₄/m₂² − 3, with its standard deviation under normality,
/// √(24n(n − 1)²/((n − 3)(n − 2)(n + 3)(n + 5))), which is exact.
///
/// Source: Joanes & Gill, The Statistician 47 (1998) 183; Fisher's k-statistics.
///
/// # Errors
/// Fewer than 4 numbers, one that is not finite, or all of them equal.
pub fn kurtosis(sample: &[f64]) -> Result<Kurtosis> {
    if sample.len() < 4 {
        return Err(Error::Failed(format!(
            "an excess kurtosis needs at least 4 numbers, here {}",
            sample.len()
        )));
    }
    let n = sample.len() as f64;
    // In units of the largest number, so that fourth powers stay in range.
    let largest = sample.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
    let mean = sample.iter().map(|x| x / largest).sum::<f64>() / n;
    let moment = |power: i32| {
        let powers = sample.iter().map(|x| (x / largest - mean).powi(power));
        powers.sum::<f64>() / n
    };
    let (second, fourth) = (moment(2), moment(4));
    // A spread of less than rounding is none.
    if !(largest.is_finite() && second > (4.0 * f64::EPSILON * mean).powi(2)) {
        return Err(Error::Failed(
            "an excess kurtosis was asked of numbers that are all equal or not all finite; leave out what \
             diverged and what does not vary"
                .into(),
        ));
    }
    let plain = fourth / (second * second) - 3.0;
    let variance = 24.0 * n * (n - 1.0).powi(2) / ((n - 3.0) * (n - 2.0) * (n + 3.0) * (n + 5.0));
    Ok(Kurtosis {
        excess: (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * plain + 6.0),
        standard_error: variance.sqrt(),
        n: sample.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mean::Moments;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    /// scipy.stats.kurtosis(x, bias=False) of SciPy 1.17.1.
    #[test]
    fn known_values_come_out() {
        let weights = [
            148.0, 154.0, 158.0, 160.0, 161.0, 162.0, 166.0, 170.0, 182.0, 195.0, 236.0,
        ];
        let found = kurtosis(&weights).unwrap();
        assert!((found.excess - 4.152_162_915_725_951).abs() < 1e-12);
        let even = |i: i32| ((f64::from(i) + 0.5) * 0.618_033_988_749_894_9).fract();
        let flat: Vec<f64> = (0..50).map(even).collect();
        assert!((kurtosis(&flat).unwrap().excess + 1.178_954_207_775_523_5).abs() < 1e-12);
        let scaled: Vec<f64> = weights.iter().map(|x| 1e200 * x - 3e201).collect();
        assert!((kurtosis(&scaled).unwrap().excess - found.excess).abs() < 1e-10);
    }

    /// Two values, equally often: g₂ = −2 exactly, so G₂ = (n − 1)(4 − 2n)/((n − 2)(n − 3)) = −2(n − 1)/(n − 3).
    #[test]
    fn a_coin_has_the_least_kurtosis() {
        let coin: Vec<f64> = (0..20).map(|i| f64::from(i % 2)).collect();
        assert!((kurtosis(&coin).unwrap().excess + 2.0 * 19.0 / 17.0).abs() < 1e-13);
    }

    /// Seed 9, 40 000 samples of 20 normals: no bias to four standard errors, and the spread stated. The relative
    /// error of a standard deviation is ½√((κ − 1)/trials), κ ≈ 13 of G₂ itself, hence 1 %; four of them.
    #[test]
    fn the_spread_over_normal_samples_is_the_one_stated() {
        let mut rng = SmallRng::seed_from_u64(9);
        let mut stated = 0.0;
        let over: Moments = (0..40_000)
            .map(|_| {
                let sample: Vec<f64> = (0..20).map(|_| StandardNormal.sample(&mut rng)).collect();
                let found = kurtosis(&sample).unwrap();
                stated = found.standard_error;
                found.excess
            })
            .collect();
        let (mean, error) = (over.mean().unwrap(), over.standard_error().unwrap());
        assert!(mean.abs() < 4.0 * error, "{mean} {error}");
        let spread = over.variance().unwrap().sqrt();
        assert!((spread / stated - 1.0).abs() < 0.04, "{spread} {stated}");
    }

    #[test]
    fn the_tail_is_two_sided() {
        let found = Kurtosis {
            excess: -1.959_963_984_540_054 * 0.3,
            standard_error: 0.3,
            n: 270,
        };
        assert!((found.p_value() - 0.05).abs() < 1e-10);
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        for sample in [
            &[1.0, 2.0, 3.0][..],
            &[0.0; 9],
            &[0.1; 9],
            &[1.0, f64::NAN, 2.0, 3.0],
            &[1.0, f64::INFINITY, 2.0, 3.0],
        ] {
            assert!(kurtosis(sample).is_err(), "{sample:?}");
        }
    }
}
