//! A finite data set x_1 … x_n: the pool that minibatches are drawn from.

use super::Law;
use crate::aligned::Aligned;
use crate::random::{Purpose, Sequence, Stream};
use crate::vectorised::vectorised;

/// Coordinates that are read at once.
pub const FOUR: usize = 4;

/// n samples of d coordinates, held in whole fours: a row starts at half a cache line and touches as few as it can.
#[derive(Clone, Debug)]
pub struct Pool {
    rows: Aligned<f64>,
    n: usize,
    dim: usize,
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
        let stride = dim.next_multiple_of(FOUR);
        let mut rows = Aligned::new(0.0, n * stride);
        for j in 0..n {
            let mut sequence = Sequence::new(stream, Purpose::Pool, j as u64, 0);
            for x in &mut rows[j * stride..][..dim] {
                *x = law.draw(variance, &mut sequence) / sharpness.sqrt();
            }
        }
        Pool { rows, n, dim }
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

    /// Fours to a sample.
    pub fn width(&self) -> usize {
        self.dim.div_ceil(FOUR)
    }

    /// Turns indices of samples into places of their first fours.
    pub fn places(&self, indices: &mut [u64]) {
        let width = self.width() as u64;
        vectorised!(|indices| for j in indices.iter_mut() {
            *j *= width;
        });
    }

    /// All samples, one after another: c places after a sample's first four are its coordinates from 4c on. What
    /// fills the last four is of no meaning.
    #[inline(always)]
    pub fn fours(&self) -> &[[f64; FOUR]] {
        self.rows.as_chunks().0
    }

    /// Sample `j` < n.
    pub fn sample(&self, j: usize) -> &[f64] {
        &self.fours()[j * self.width()..].as_flattened()[..self.dim]
    }
}
