//! From the numbers of the particles to an estimate, and to how much each particle moves it.

use measurement::mean::{Moments, not_enough};
use measurement::{Estimate, hits};

use crate::observe::moment::Statistic;

/// An estimate with the influence of each particle, of mean 0.
pub struct Measured {
    /// The number with its interval.
    pub estimate: Estimate,
    /// vᵢ; empty where it is not known.
    pub influence: Vec<f64>,
}

/// What is known of numbers before they are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Nothing about them is left to chance.
    Certain,
    /// Each is 0 or 1.
    Binary,
    /// Nothing.
    Any,
}

/// A statistic of numbers, one a particle, and of a second one of each where it takes two.
pub fn measured(
    [numbers, others]: [&[f64]; 2],
    statistic: Statistic,
    nature: Nature,
    confidence: f64,
) -> Measured {
    let n = numbers.len() as u64;
    let pairs = numbers.iter().zip(others);
    let diverged = pairs
        .filter(|(x, y)| !(x.is_finite() && y.is_finite()))
        .count();
    if diverged > 0 {
        let why = format!("{diverged} of {n} particles diverged, so there is no such number");
        return Measured {
            estimate: Estimate::without_interval(f64::NAN, n, &why),
            influence: Vec::new(),
        };
    }
    match statistic {
        Statistic::Mean => mean(numbers, nature, confidence),
        Statistic::Variance => covariance(numbers, numbers, "variance", confidence),
        Statistic::Covariance => covariance(numbers, others, "covariance", confidence),
        Statistic::Quantile(p) => quantile(numbers, p, confidence),
    }
}

fn mean(numbers: &[f64], nature: Nature, confidence: f64) -> Measured {
    let n = numbers.len() as u64;
    let moments: Moments = numbers.iter().copied().collect();
    let mean = moments.mean().unwrap_or(f64::NAN);
    let none = |_| Estimate::without_interval(mean, n, &not_enough(n));
    let estimate = match nature {
        Nature::Certain if moments.variance() == Some(0.0) => Estimate {
            standard_error: Some(0.0),
            n,
            ..Estimate::exact(mean, "the same for every particle, without chance")
        },
        Nature::Binary => {
            let ones = numbers.iter().filter(|x| **x == 1.0).count();
            hits::share(ones as u64, n, confidence).unwrap_or_else(none)
        }
        _ => moments.skewed_estimate(confidence).unwrap_or_else(none),
    };
    Measured {
        influence: numbers.iter().map(|x| x - mean).collect(),
        estimate,
    }
}

/// The covariance with the interval of a mean of (x − x̄)(y − ȳ), which takes their skewness into account.
fn covariance(numbers: &[f64], others: &[f64], what: &str, confidence: f64) -> Measured {
    let n = numbers.len() as f64;
    let mean = |all: &[f64]| all.iter().sum::<f64>() / n;
    let (x0, y0, unbiased) = (mean(numbers), mean(others), n / (n - 1.0));
    let pairs = numbers.iter().zip(others);
    let products: Vec<f64> = pairs.map(|(x, y)| unbiased * (x - x0) * (y - y0)).collect();
    let mut measured = self::mean(&products, Nature::Any, confidence);
    if measured.estimate.has_interval() {
        measured.estimate.method =
            format!("{what} over particles, Hall's interval of the products");
        if what == "variance" {
            measured.estimate.ci_low = measured.estimate.ci_low.max(0.0);
        }
    }
    measured
}

/// The number of rank pn, with the interval of ranks of the binomial law; its influence is (p − 1[x ≤ q])/f(q), f from the
/// ranks of one standard error on either side.
fn quantile(numbers: &[f64], p: f64, confidence: f64) -> Measured {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let at = |rank: f64| sorted[(rank.round().max(1.0) as usize).min(n) - 1];
    let deviation = (p * (1.0 - p) * n as f64).sqrt();
    let z = Estimate::normal(0.0, 1.0, n as u64, confidence, "").ci_high;
    let (low, high) = (
        p * n as f64 - z * deviation,
        p * n as f64 + z * deviation + 1.0,
    );
    let middle = at((p * n as f64).ceil());
    let spread = 0.5 * (at(p * n as f64 + deviation) - at(p * n as f64 - deviation));
    if low < 1.0 || high > n as f64 {
        let why = "too few particles for an interval of this quantile";
        return Measured {
            estimate: Estimate::without_interval(middle, n as u64, why),
            influence: Vec::new(),
        };
    }
    let density = deviation / (n as f64 * spread);
    Measured {
        estimate: Estimate {
            value: Some(middle),
            ci_low: at(low.floor()),
            ci_high: at(high.ceil()),
            standard_error: Some(spread),
            confidence,
            n: n as u64,
            method: "quantile over particles, interval of binomial ranks".into(),
        },
        influence: numbers
            .iter()
            .map(|x| (p - f64::from(u8::from(*x <= middle))) / density)
            .collect(),
    }
}
