//! Minibatches from a pool of samples: g = (1/B) Σ_{j ∈ batch} ∇f(θ − x_j), the real one.

use super::{Oracle, Place, Pool};
use crate::simulation::landscape::Landscape;
use crate::simulation::random::{Permutation, Purpose};
use crate::simulation::vectorised::vectorised;

/// How a batch is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Every sample of every batch is drawn anew from the whole pool.
    With,
    /// Epochs: each particle walks through its own random permutation of the pool, a new one each
    /// epoch. Where B does not divide the pool, a batch straddles two epochs.
    Without,
}

/// Minibatch gradients of L(θ) = mean_j f(θ − x_j).
pub struct Minibatch {
    landscape: Box<dyn Landscape>,
    pool: Pool,
    batch: usize,
    replacement: Replacement,
}

impl Minibatch {
    /// Batches of `batch` ≥ 1 samples of `pool`, whose dimension must be the landscape's.
    pub fn new(
        landscape: Box<dyn Landscape>,
        pool: Pool,
        batch: usize,
        replacement: Replacement,
    ) -> Self {
        Minibatch {
            landscape,
            pool,
            batch,
            replacement,
        }
    }

    /// Sample indices of one lane's batch, by multiply–shift from 64 random bits each (the bias is
    /// n/2⁶⁴) or from the particle's permutation.
    fn indices(&self, at: &Place<'_>, lane: usize, mut take: impl FnMut(usize, usize)) {
        let n = self.pool.len() as u64;
        let (particle, step) = (at.particle[lane], at.step[lane]);
        match self.replacement {
            Replacement::With => {
                let scaled = |bits: u64| ((u128::from(bits) * u128::from(n)) >> 64) as usize;
                for pair in 0..self.batch.div_ceil(2) {
                    let (a, b) = at.stream.bits(Purpose::Batch, particle, step, pair as u64);
                    take(2 * pair, scaled(a));
                    if 2 * pair + 1 < self.batch {
                        take(2 * pair + 1, scaled(b));
                    }
                }
            }
            Replacement::Without => {
                let first = step * self.batch as u64;
                let mut epoch = first / n;
                let mut permutation = Permutation::new(at.stream, particle, epoch, n);
                for b in 0..self.batch {
                    let position = first + b as u64;
                    if position / n != epoch {
                        epoch = position / n;
                        permutation = Permutation::new(at.stream, particle, epoch, n);
                    }
                    take(b, permutation.at(position % n) as usize);
                }
            }
        }
    }
}

impl Oracle for Minibatch {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn normals(&self) -> usize {
        0
    }

    fn scratch(&self, lanes: usize) -> usize {
        (self.batch + 1) * self.dim() * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let (dim, lanes) = (self.dim(), at.lanes);
        let size = dim * lanes;
        let (shifted, own) = scratch[..(self.batch + 1) * size].split_at_mut(self.batch * size);
        let samples = self.pool.samples();
        for lane in 0..lanes {
            self.indices(&at, lane, |b, j| {
                for (i, x) in samples.row(j).iter().enumerate() {
                    shifted[b * size + i * lanes + lane] = *x;
                }
            });
        }
        average(
            &*self.landscape,
            at.theta,
            lanes,
            self.batch,
            shifted,
            own,
            gradient,
        );
    }
}

/// (1/B) Σ_b ∇f(θ − x_b) over a block; `shifts` holds x_b batch-major and is overwritten by θ − x_b.
pub(super) fn average(
    landscape: &dyn Landscape,
    theta: &[f64],
    lanes: usize,
    batch: usize,
    shifts: &mut [f64],
    own: &mut [f64],
    gradient: &mut [f64],
) {
    gradient.fill(0.0);
    for shifted in shifts.chunks_exact_mut(theta.len()) {
        let out = &mut *shifted;
        vectorised!(|out| for (x, t) in out.iter_mut().zip(theta) {
            *x = t - *x;
        });
        landscape.gradient(shifted, lanes, own);
        let (sum, own) = (&mut *gradient, &*own);
        vectorised!(|sum| for (g, x) in sum.iter_mut().zip(own) {
            *g += x;
        });
    }
    let share = 1.0 / batch as f64;
    vectorised!(|gradient| for g in gradient.iter_mut() {
        *g *= share;
    });
}
