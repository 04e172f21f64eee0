//! A finite data set x_1 … x_n: the pool that minibatches are drawn from.

use ndarray::Array2;

use super::Law;
use crate::simulation::random::{Purpose, Sequence, Stream};

/// n samples of d coordinates, one row each.
#[derive(Clone, Debug)]
pub struct Pool {
    samples: Array2<f64>,
}

impl Pool {
    /// Draws `n` samples of `dim` independent coordinates of `law`, each of variance `variance`,
    /// divided by √k when the landscape is sharpened by k, since f(√k θ − x) = f(√k(θ − x/√k)).
    pub fn draw(
        stream: &Stream,
        law: Law,
        variance: f64,
        sharpness: f64,
        n: usize,
        dim: usize,
    ) -> Self {
        let mut samples = Array2::zeros((n, dim));
        for (j, mut row) in samples.rows_mut().into_iter().enumerate() {
            let mut sequence = Sequence::new(stream, Purpose::Pool, j as u64, 0);
            for x in &mut row {
                *x = law.draw(variance, &mut sequence) / sharpness.sqrt();
            }
        }
        Pool { samples }
    }

    /// From given samples, one row each.
    pub fn from_samples(samples: Array2<f64>) -> Self {
        Pool { samples }
    }

    /// n, the number of samples.
    pub fn len(&self) -> usize {
        self.samples.nrows()
    }

    /// True when there is no sample.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// d, the number of coordinates.
    pub fn dim(&self) -> usize {
        self.samples.ncols()
    }

    /// The samples, n × d.
    pub fn samples(&self) -> &Array2<f64> {
        &self.samples
    }
}
