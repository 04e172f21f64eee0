//! Mean, variance, skewness and excess kurtosis, measured and exact.

use serde::{Deserialize, Serialize};

/// The first four, each with its standard error (0 where exact).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cumulants {
    /// Values.
    pub value: [f64; 4],
    /// Standard errors.
    pub error: [f64; 4],
}

/// What they are called.
pub const NAMES: [&str; 4] = ["mean", "variance", "skewness", "excess kurtosis"];

impl Cumulants {
    /// Of a sample, with the standard errors of the delta method: those of the mean of each estimate's
    /// influence function.
    pub fn of(sample: &[f64]) -> Self {
        let n = sample.len() as f64;
        let average = |f: &dyn Fn(f64) -> f64| sample.iter().map(|x| f(*x)).sum::<f64>() / n;
        let mean = average(&|x| x);
        let variance = average(&|x| (x - mean).powi(2)) * n / (n - 1.0);
        let unit = |x: f64| (x - mean) / variance.sqrt();
        let skewness = average(&|x| unit(x).powi(3));
        let fourth = average(&|x| unit(x).powi(4));
        let error =
            |influence: &dyn Fn(f64) -> f64| (average(&|x| influence(unit(x)).powi(2)) / n).sqrt();
        Cumulants {
            value: [mean, variance, skewness, fourth - 3.0],
            error: [
                variance.sqrt() * error(&|z| z),
                variance * error(&|z| z * z - 1.0),
                error(&|z| z * z * z - skewness - 3.0 * z - 1.5 * skewness * (z * z - 1.0)),
                error(&|z| z.powi(4) - fourth - 2.0 * fourth * (z * z - 1.0) - 4.0 * skewness * z),
            ],
        }
    }

    /// Of f(ξ), ξ standard normal: the trapezoidal rule on [−12, 12], whose error for a polynomial is
    /// below rounding.
    pub fn of_normal(f: impl Fn(f64) -> f64) -> Self {
        let expect = |g: &dyn Fn(f64) -> f64| {
            let points = (-1200..=1200).map(|i| 0.01 * f64::from(i));
            let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
            points.map(|x| 0.01 * density(x) * g(f(x))).sum::<f64>()
        };
        let mean = expect(&|y| y);
        let central = |k: i32| expect(&|y| (y - mean).powi(k));
        let variance = central(2);
        Cumulants {
            value: [
                mean,
                variance,
                central(3) / variance.powf(1.5),
                central(4) / (variance * variance) - 3.0,
            ],
            error: [0.0; 4],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn a_chi_square_law_by_both_ways() {
        // ξ²: mean 1, variance 2, skewness √8, excess kurtosis 12.
        let exact = Cumulants::of_normal(|x| x * x);
        for (value, expected) in exact.value.iter().zip([1.0, 2.0, 8f64.sqrt(), 12.0]) {
            assert!((value / expected - 1.0).abs() < 1e-11, "{exact:?}");
        }
        // Seed 9, 100 000 draws of 0.2ξ² + ξ: within four standard errors, α = 6e-5 each.
        let f = |x: f64| 0.2 * x * x + x;
        let exact = Cumulants::of_normal(f);
        let mut rng = SmallRng::seed_from_u64(9);
        let draws: Vec<f64> = (0..100_000)
            .map(|_| f(StandardNormal.sample(&mut rng)))
            .collect();
        let found = Cumulants::of(&draws);
        for (k, name) in NAMES.iter().enumerate() {
            let z = (found.value[k] - exact.value[k]) / found.error[k];
            assert!(z.abs() < 4.0, "{name} {z}");
        }
    }
}
