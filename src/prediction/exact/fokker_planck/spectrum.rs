//! The slowest mode: escape through absorbing ends, relaxation of a closed system.

use super::Generator;
use base::error::{Error, Result};

/// An eigenvalue with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mode {
    /// The eigenvalue λ > 0 of −Q: per unit of time.
    pub rate: f64,
    /// Of an escape, the quasi-stationary probabilities, summing to 1; of a relaxation, the right
    /// eigenvector, with mean 0 and variance 1 in the steady state.
    pub shape: Vec<f64>,
}

/// Relative change of λ at which the iteration ends.
const SETTLED: f64 = 1e-12;
/// Iterations after which two rates are held to be too near each other.
const MOST_ITERATIONS: usize = 500;

impl Generator {
    /// The smallest eigenvalue of −Q: the rate at which what has not left yet leaves, in the long run.
    ///
    /// Inverse iteration on the transpose, whose every iterate is a positive law; λ is its flux out.
    ///
    /// # Errors
    /// [`Error::Failed`] where nothing is absorbed or the iteration does not settle.
    pub fn escape(&self) -> Result<Mode> {
        if self.closed() {
            return Err(Error::Failed(
                "nothing escapes: no end of the grid absorbs; ask for its relaxation".into(),
            ));
        }
        let factor = self.matrix(None, true).factor()?;
        let mut law = vec![1.0 / self.len() as f64; self.len()];
        settle(|| {
            law = factor.solve(&law);
            let total: f64 = law.iter().sum();
            law.iter_mut().for_each(|p| *p /= total);
            law.iter().zip(&self.absorbed).map(|(p, k)| p * k).sum()
        })
        .map(|rate| Mode { rate, shape: law })
    }

    /// The smallest eigenvalue of −Q above 0 of a closed system: for two wells the sum of the rates over
    /// the barrier in both directions.
    ///
    /// # Errors
    /// [`Error::Failed`] where particles are absorbed, there is one node only, or the iteration does not settle, as
    /// where a current makes the slowest mode turn.
    pub fn relaxation(&self) -> Result<Mode> {
        let law = self.steady()?;
        let pivot = law
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map_or(0, |(node, _)| node);
        if self.len() < 2 {
            return Err(Error::Failed("one node has nothing to relax".into()));
        }
        let factor = self.matrix(Some(pivot), false).factor()?;
        let mut mode: Vec<f64> = (0..self.len()).map(|i| i as f64).collect();
        normalise(&mut mode, &law);
        settle(|| {
            let mut right = mode.clone();
            right.remove(pivot);
            let mut next = factor.solve(&right);
            next.insert(pivot, 0.0);
            let mean: f64 = next.iter().zip(&law).map(|(x, p)| x * p).sum();
            next.iter_mut().for_each(|x| *x -= mean);
            let inverse: f64 = next
                .iter()
                .zip(&mode)
                .zip(&law)
                .map(|((x, y), p)| x * y * p)
                .sum();
            normalise(&mut next, &law);
            mode = next;
            1.0 / inverse
        })
        .map(|rate| Mode { rate, shape: mode })
    }
}

/// Mean 0 and variance 1 under a law.
fn normalise(mode: &mut [f64], law: &[f64]) {
    let mean: f64 = mode.iter().zip(law).map(|(x, p)| x * p).sum();
    mode.iter_mut().for_each(|x| *x -= mean);
    let size = mode
        .iter()
        .zip(law)
        .map(|(x, p)| x * x * p)
        .sum::<f64>()
        .sqrt();
    mode.iter_mut().for_each(|x| *x /= size);
}

/// Iterates until the rate settles.
fn settle(mut step: impl FnMut() -> f64) -> Result<f64> {
    let mut before = f64::NAN;
    for _ in 0..MOST_ITERATIONS {
        let rate = step();
        if (rate / before - 1.0).abs() < SETTLED && rate > 0.0 {
            return Ok(rate);
        }
        before = rate;
    }
    Err(Error::Failed(format!(
        "the slowest mode did not settle in {MOST_ITERATIONS} iterations: two rates are too near each \
         other, the slowest mode turns, or the rate {before:.1e} is too slow for the arithmetic"
    )))
}
