//! Minibatches against the pool they are drawn from.

use kramers::simulation::noise::{Law, Minibatch, Pool, Replacement};
use kramers::simulation::random::Stream;
use nalgebra::{DMatrix, DVector};

use super::{agree, gradients, slope, surface};

const THETA: [f64; 2] = [-1.5, 0.7];

/// ∇f(θ − x_j) of every sample of the pool.
fn of_each_sample(pool: &Pool) -> Vec<DVector<f64>> {
    let f = surface("styblinski-tang", &[("dim", 2.0)]);
    let rows = (0..pool.len()).map(|j| pool.sample(j));
    rows.map(|x| slope(&*f, &[THETA[0] - x[0], THETA[1] - x[1]]))
        .collect()
}

/// g₁ + … + g_n over n.
fn average(gradients: &[DVector<f64>]) -> DVector<f64> {
    gradients.iter().sum::<DVector<f64>>() / gradients.len() as f64
}

fn oracle(pool: &Pool, batch: usize, replacement: Replacement) -> Minibatch {
    let f = surface("styblinski-tang", &[("dim", 2.0)]);
    Minibatch::new(f, pool.clone(), batch, replacement)
}

fn pool(n: usize) -> Pool {
    Pool::draw(&Stream::new(61, 0), Law::Normal, 1.0, 1.0, n, 2)
}

/// E g = ∇L of the pool's own loss, Cov g = (covariance over the pool)/B. Seed 62, 192,000 batches, an
/// odd and an even B.
#[test]
fn with_replacement_mean_and_covariance_are_the_pools() {
    let pool = pool(50);
    let each = of_each_sample(&pool);
    let mean = average(&each);
    let outer = each.iter().map(|g| (g - &mean) * (g - &mean).transpose());
    let covariance = outer.sum::<DMatrix<f64>>() / each.len() as f64;
    for (batch, step) in [(3, 0), (4, 1_000_000)] {
        let oracle = oracle(&pool, batch, Replacement::With);
        let found = gradients(&oracle, &THETA, &Stream::new(62, 0), 192_000, step);
        agree(&found, &mean, &(&covariance / batch as f64));
    }
}

/// Where B divides n the batches of an epoch use every sample once, so they average to the full
/// gradient: to rounding, 1e-13 of the largest term, for every particle and epoch, each in an order
/// of its own.
#[test]
fn without_replacement_an_epoch_averages_to_the_full_gradient() {
    let pool = pool(12);
    let each = of_each_sample(&pool);
    let full = average(&each);
    let largest = each.iter().map(|g| g.amax()).fold(0.0, f64::max);
    let oracle = oracle(&pool, 4, Replacement::Without);
    let stream = Stream::new(63, 0);
    let mut firsts = Vec::new();
    for epoch in [0, 1, 2, 1000] {
        let steps: Vec<_> = (0..3)
            .map(|s| gradients(&oracle, &THETA, &stream, 64, 3 * epoch + s))
            .collect();
        for ((a, b), c) in steps[0].iter().zip(&steps[1]).zip(&steps[2]) {
            let error = ((a + b + c) / 3.0 - &full).amax();
            assert!(error < 1e-13 * largest, "epoch {epoch}: {error:e}");
            firsts.push(a[0]);
        }
    }
    firsts.sort_unstable_by(f64::total_cmp);
    firsts.dedup();
    // 495 batches are possible; 256 draws of them hit about 200 different ones.
    assert!(
        firsts.len() > 150,
        "{} different first batches",
        firsts.len()
    );
}

/// A single batch without replacement has mean ∇L and covariance (pool covariance)/B · (n − B)/(n − 1).
/// Seed 64, 64,000 particles; a batch that straddles two epochs is one too.
#[test]
fn without_replacement_a_batch_has_the_finite_population_covariance() {
    let pool = pool(10);
    let each = of_each_sample(&pool);
    let mean = average(&each);
    let outer = each.iter().map(|g| (g - &mean) * (g - &mean).transpose());
    let covariance = outer.sum::<DMatrix<f64>>() / each.len() as f64;
    let oracle = oracle(&pool, 4, Replacement::Without);
    let found = gradients(&oracle, &THETA, &Stream::new(64, 0), 64_000, 1);
    agree(&found, &mean, &(covariance / 4.0 * (6.0 / 9.0)));
}
