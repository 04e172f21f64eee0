//! Distances of laws, with the errors of the ensembles on both sides.

use measurement::Estimate;

use crate::observe::law::Metric;

/// How far the law of `draws` is from another: one of draws too, or one whose distribution function is known.
pub enum Other<'a> {
    /// Draws.
    Draws(&'a [f64]),
    /// P(≤ x), continuous, and how far it may be off.
    Known(Box<dyn Fn(f64) -> f64 + 'a>, f64),
}

/// The distance with its interval.
pub fn distance(draws: &[f64], other: &Other<'_>, metric: Metric, confidence: f64) -> Estimate {
    let n = draws.len() as u64;
    let lost = draws.iter().filter(|x| !x.is_finite()).count();
    if lost > 0 {
        let why = format!("{lost} of {n} particles diverged, so their law is none of numbers");
        return Estimate::without_interval(f64::NAN, n, &why);
    }
    match metric {
        Metric::Kolmogorov => kolmogorov(draws, other, confidence),
        Metric::Wasserstein => wasserstein(draws, other, confidence),
        Metric::TotalVariation => total_variation(draws, other, confidence),
    }
}

/// √(ln(2/α)/2n): the empirical law is nearer than that to the true one with probability 1 − α (Dvoretzky, Kiefer and
/// Wolfowitz; Massart 1990).
fn band(n: usize, miss: f64) -> f64 {
    ((2.0 / miss).ln() / (2.0 * n as f64)).sqrt()
}

fn sorted(draws: &[f64]) -> Vec<f64> {
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Both empirical laws lie within their bands, by the triangle inequality: whatever the two ensembles share, half of the
/// chance of missing goes to each.
fn kolmogorov(draws: &[f64], other: &Other<'_>, confidence: f64) -> Estimate {
    let miss = 1.0 - confidence;
    let own = sorted(draws);
    let n = own.len() as f64;
    let (largest, half) = match other {
        Other::Draws(others) => {
            let theirs = sorted(others);
            let m = theirs.len() as f64;
            let (mut i, mut j, mut largest) = (0, 0, 0.0f64);
            while i < own.len() && j < theirs.len() {
                let x = own[i].min(theirs[j]);
                i += own[i..].iter().take_while(|y| **y <= x).count();
                j += theirs[j..].iter().take_while(|y| **y <= x).count();
                largest = largest.max((i as f64 / n - j as f64 / m).abs());
            }
            (
                largest,
                band(own.len(), 0.5 * miss) + band(theirs.len(), 0.5 * miss),
            )
        }
        Other::Known(below, error) => {
            let mut largest = 0.0f64;
            for (i, x) in own.iter().enumerate() {
                let (before, at) = (i as f64 / n, below(*x));
                largest = largest.max(at - before).max(before + 1.0 / n - at);
            }
            (largest, band(own.len(), miss) + error)
        }
    };
    Estimate {
        value: Some(largest),
        ci_low: (largest - half).max(0.0),
        ci_high: (largest + half).min(1.0),
        standard_error: None,
        confidence,
        n: draws.len() as u64,
        method: "Kolmogorov distance, bands of Dvoretzky, Kiefer, Wolfowitz and Massart".into(),
    }
}

/// ∫ |F̂ − G| dx; F̂ − F and Ĝ − G are within their bands, over the range of the draws.
fn wasserstein(draws: &[f64], other: &Other<'_>, confidence: f64) -> Estimate {
    let own = sorted(draws);
    let (value, spread, how) = match other {
        Other::Draws(others) => {
            let theirs = sorted(others);
            let mut all: Vec<f64> = own.iter().chain(&theirs).copied().collect();
            all.sort_by(f64::total_cmp);
            let (mut i, mut j, mut sum) = (0, 0, 0.0);
            for pair in all.windows(2) {
                while i < own.len() && own[i] <= pair[0] {
                    i += 1;
                }
                while j < theirs.len() && theirs[j] <= pair[0] {
                    j += 1;
                }
                let apart = i as f64 / own.len() as f64 - j as f64 / theirs.len() as f64;
                sum += apart.abs() * (pair[1] - pair[0]);
            }
            let error = deviation(&own) + deviation(&theirs);
            (sum, error, "both ensembles")
        }
        Other::Known(below, error) => {
            let n = own.len() as f64;
            let mut sum = 0.0;
            for (i, pair) in own.windows(2).enumerate() {
                let step = (i + 1) as f64 / n;
                let (a, b) = ((step - below(pair[0])).abs(), (step - below(pair[1])).abs());
                sum += 0.5 * (a + b) * (pair[1] - pair[0]);
            }
            let range = own.last().zip(own.first()).map_or(0.0, |(a, b)| a - b);
            (sum, deviation(&own) + error * range, "the ensemble")
        }
    };
    // ∫ √(F(1 − F)/n) dx bounds the mean of ∫ |F̂ − F|; its own fluctuation is no larger than the mean's.
    let z = Estimate::normal(0.0, 1.0, 2, confidence, "").ci_high;
    let half = (1.0 + z) * spread;
    Estimate {
        value: Some(value),
        ci_low: (value - half).max(0.0),
        ci_high: value + half,
        standard_error: None,
        confidence,
        n: draws.len() as u64,
        method: format!("Wasserstein distance, with (1 + z) ∫√(F(1 − F)/n) dx of {how}"),
    }
}

/// Cells of the total variation.
const CELLS: usize = 32;

/// ½ Σ |p − q| over cells, at most the distance of the laws. The cells are quantiles of an eighth of the draws, which are not
/// counted, so that they do not depend on those that are. ½ Σ |p̂ − p| has a mean of ½ √(cells/n) at most, and exceeds it by
/// √(ln(1/miss)/2n) with the chance of `miss` (McDiarmid 1989, since a draw changes it by 1/n).
fn total_variation(draws: &[f64], other: &Other<'_>, confidence: f64) -> Estimate {
    let (first, own) = draws.split_at(draws.len() / 8);
    if first.len() < 2 * CELLS {
        let why = format!("total variation takes {} particles and more", 16 * CELLS);
        return Estimate::without_interval(f64::NAN, draws.len() as u64, &why);
    }
    let first = sorted(first);
    let edges: Vec<f64> = (1..CELLS).map(|k| first[k * first.len() / CELLS]).collect();
    let shares = |draws: &[f64]| -> Vec<f64> {
        let mut shares = vec![0.0; CELLS];
        for x in draws {
            shares[edges.partition_point(|edge| edge <= x)] += 1.0 / draws.len() as f64;
        }
        shares
    };
    let noise = |n: usize, miss: f64| {
        let n = n as f64;
        0.5 * (CELLS as f64 / n).sqrt() + ((1.0 / miss).ln() / (2.0 * n)).sqrt()
    };
    let miss = 1.0 - confidence;
    let (theirs, half) = match other {
        Other::Draws(others) => {
            let half = noise(own.len(), 0.5 * miss) + noise(others.len(), 0.5 * miss);
            (shares(others), half)
        }
        Other::Known(below, error) => {
            let at = edges.iter().map(|edge| below(*edge)).chain([1.0]);
            let shares = at.scan(0.0, |last, now| Some(now - std::mem::replace(last, now)));
            let half = noise(own.len(), miss) + error * CELLS as f64;
            (shares.collect(), half)
        }
    };
    let apart = shares(own).into_iter().zip(theirs);
    let value = 0.5 * apart.map(|(p, q)| (p - q).abs()).sum::<f64>();
    Estimate {
        value: Some(value),
        ci_low: (value - half).max(0.0),
        ci_high: (value + half).min(1.0),
        standard_error: None,
        confidence,
        n: draws.len() as u64,
        method: format!(
            "total variation over {CELLS} cells, bound of Cauchy, Schwarz and McDiarmid"
        ),
    }
}

/// ∫ √(F(1 − F)/n) dx of an empirical law.
fn deviation(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let each = sorted.windows(2).enumerate().map(|(i, pair)| {
        let f = (i + 1) as f64 / n;
        (f * (1.0 - f) / n).sqrt() * (pair[1] - pair[0])
    });
    each.sum()
}
