//! A finite data set x_1 … x_n: the pool that minibatches are drawn from.

use super::Law;
use super::prefetch::prefetch;
use crate::simulation::aligned::Aligned;
use crate::simulation::random::{Purpose, Sequence, Stream};

/// n samples of d coordinates.
#[derive(Clone, Debug)]
pub struct Pool {
    rows: Aligned<f64>,
    n: usize,
    dim: usize,
    stride: usize,
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
        // Rows start at a quarter or half of a cache line, so that they touch as few lines as they can.
        let stride = match dim {
            0..=2 => dim,
            _ => dim.next_multiple_of(4),
        };
        let mut pool = Pool {
            rows: Aligned::new(0.0, n * stride),
            n,
            dim,
            stride,
        };
        for j in 0..n {
            let mut sequence = Sequence::new(stream, Purpose::Pool, j as u64, 0);
            for x in &mut pool.rows[j * stride..][..dim] {
                *x = law.draw(variance, &mut sequence) / sharpness.sqrt();
            }
        }
        pool
    }

    /// n, the number of samples.
    pub fn len(&self) -> usize {
        self.n
    }

    /// True when there is no sample.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// d, the number of coordinates.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Has the processor fetch sample `j`.
    #[inline(always)]
    pub fn prefetch(&self, j: usize) {
        prefetch(&self.rows, j.wrapping_mul(self.stride), self.dim);
    }

    /// Sample `j` < n.
    #[inline(always)]
    pub fn sample(&self, j: usize) -> &[f64] {
        &self.rows[j * self.stride..][..self.dim]
    }
}
