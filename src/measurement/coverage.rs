//! Statistical tests: do the intervals of a rate cover as often as they say?

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Exp1};

use super::Estimate;
use super::rate::{Exposure, Observation, least_squared_error, maximum_likelihood};

const SEED: u64 = 20_260_101;
const TRIALS: u32 = 40_000;
const CONFIDENCE: f64 = 0.95;

/// Exposures of `n` particles of rate 1, each watched for at most `horizon`.
fn exposures(n: usize, horizon: f64) -> impl Iterator<Item = Exposure> {
    let mut rng = SmallRng::seed_from_u64(SEED);
    (0..TRIALS).map(move |_| {
        let sample: Vec<Observation> = (0..n)
            .map(|_| {
                let time: f64 = Exp1.sample(&mut rng);
                Observation {
                    time: time.min(horizon),
                    exited: time <= horizon,
                }
            })
            .collect();
        Exposure::of(&sample).unwrap()
    })
}

fn coverage(estimates: impl Iterator<Item = Estimate>) -> f64 {
    let covered = estimates
        .filter(|rate| (rate.ci_low..=rate.ci_high).contains(&1.0))
        .count();
    covered as f64 / f64::from(TRIALS)
}

/// Four Monte Carlo standard errors of a coverage near 0.95, missed once in 16 000: 0.0044.
fn allowance() -> f64 {
    4.0 * (CONFIDENCE * (1.0 - CONFIDENCE) / f64::from(TRIALS)).sqrt()
}

#[test]
fn the_exact_interval_covers_as_it_says() {
    for n in [3, 100] {
        let rates =
            exposures(n, f64::INFINITY).map(|e| maximum_likelihood(&e, CONFIDENCE).unwrap());
        let found = coverage(rates);
        assert!((found - CONFIDENCE).abs() < allowance(), "n = {n}: {found}");
    }
}

#[test]
fn the_wald_interval_covers_less() {
    // The interval holds 1 where (n−2)(1∓z/√n) brackets T ~ Gamma(n): for n = 100, z = 1.959964 that
    // is P(78.792 < T < 117.208) = 0.939968 by the incomplete gamma function.
    let rates = exposures(100, f64::INFINITY).map(|e| least_squared_error(&e, CONFIDENCE).unwrap());
    let found = coverage(rates);
    assert!((found - 0.939_968).abs() < allowance(), "{found}");
}

#[test]
fn the_papers_rate_is_low_by_one_part_in_n_minus_one() {
    let n = 100;
    let total: f64 = exposures(n, f64::INFINITY)
        .map(|e| least_squared_error(&e, CONFIDENCE).unwrap().value.unwrap())
        .sum();
    let bias = total / f64::from(TRIALS) - 1.0;
    // The standard deviation of (n−2)/T is √(n−2)/(n−1) = 0.1000; four standard errors of the mean.
    let allowance = 4.0 * 0.1 / f64::from(TRIALS).sqrt();
    assert!((bias + 1.0 / 99.0).abs() < allowance, "{bias}");
}

#[test]
fn under_censoring_it_covers_at_least_as_it_says() {
    // About 63, 10 and 90 in a hundred leave. Conservative: at least 0.95 less the Monte Carlo error, and
    // not so much above it that the interval would be useless.
    for (n, horizon) in [(100, 1.0), (100, 0.1), (30, 2.3)] {
        let rates = exposures(n, horizon).map(|e| maximum_likelihood(&e, CONFIDENCE).unwrap());
        let found = coverage(rates);
        assert!(
            found > CONFIDENCE - allowance() && found < 0.99,
            "n = {n}, horizon {horizon}: {found}"
        );
    }
}

#[test]
fn truncation_frees_the_rate_from_a_dead_time() {
    // Nobody can leave before t = 1; from there on the rate is 1.
    let mut rng = SmallRng::seed_from_u64(SEED);
    let n = 20_000;
    let sample: Vec<Observation> = (0..n)
        .map(|_| {
            let time: f64 = Exp1.sample(&mut rng);
            Observation {
                time: 1.0 + time,
                exited: true,
            }
        })
        .collect();
    let truncated = Exposure::after(&sample, 1.5).unwrap();
    let rate = maximum_likelihood(&truncated, 0.9999).unwrap();
    assert!(rate.ci_low < 1.0 && rate.ci_high > 1.0, "{rate:?}");
    let whole = maximum_likelihood(&Exposure::of(&sample).unwrap(), 0.9999).unwrap();
    assert!(whole.ci_high < 0.6, "{whole:?}");
}
