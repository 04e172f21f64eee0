//! Minibatches from a pool of samples: g = (1/B) Σ_{j ∈ batch} ∇f(θ − x_j), the real one.

use pulp::bytemuck::cast_slice_mut;

use super::prefetch::prefetch;
use super::{Oracle, Place, Pool};
use crate::simulation::landscape::Landscape;
use crate::simulation::random::{Address, Permutation, Purpose, fill_words};
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

    /// Sample indices of every lane, one row for each member of the batch: by multiply–shift from 64 random
    /// bits each (the bias is n/2⁶⁴) or from the particle's permutation.
    fn indices(&self, at: &Place<'_>, indices: &mut [u64]) {
        let n = self.pool.len() as u64;
        match self.replacement {
            Replacement::With => {
                let address = Address {
                    particle: at.particle,
                    step: at.step,
                };
                fill_words(at.stream, Purpose::Batch, address, indices);
                for index in indices {
                    *index = ((u128::from(*index) * u128::from(n)) >> 64) as u64;
                }
            }
            Replacement::Without => {
                for lane in 0..at.lanes {
                    let (particle, first) = (at.particle[lane], at.step[lane] * self.batch as u64);
                    let mut epoch = first / n;
                    let mut permutation = Permutation::new(at.stream, particle, epoch, n);
                    for b in 0..self.batch {
                        let position = first + b as u64;
                        if position / n != epoch {
                            epoch = position / n;
                            permutation = Permutation::new(at.stream, particle, epoch, n);
                        }
                        indices[b * at.lanes + lane] = permutation.at(position % n);
                    }
                }
            }
        }
    }

    /// Has the samples that `indices` name on their way.
    fn prefetch(&self, indices: &[u64]) {
        for j in indices {
            prefetch(self.pool.sample(*j as usize));
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
        (self.batch.next_multiple_of(2) + 2 * self.dim()) * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let lanes = at.lanes;
        let (indices, scratch) = scratch.split_at_mut(self.batch.next_multiple_of(2) * lanes);
        let indices: &mut [u64] = cast_slice_mut(indices);
        self.indices(&at, indices);
        let indices = &*indices;
        self.prefetch(&indices[..lanes]);
        average(
            &*self.landscape,
            &at,
            self.batch,
            scratch,
            gradient,
            |b, x| {
                let [now, next] = [b, b + 1].map(|b| indices.get(b * lanes..(b + 1) * lanes));
                self.prefetch(next.unwrap_or_default());
                self.gather(now.unwrap_or_default(), x);
            },
        );
    }
}

impl Minibatch {
    /// Lays out the sample of each lane, coordinate-major.
    fn gather(&self, indices: &[u64], x: &mut [f64]) {
        // So many lanes at a time that whole lines are written.
        const TOGETHER: usize = 8;
        let lanes = indices.len();
        let (groups, rest) = indices.as_chunks::<TOGETHER>();
        for (group, indices) in groups.iter().enumerate() {
            let samples = indices.map(|j| self.pool.sample(j as usize));
            for (i, row) in x.chunks_exact_mut(lanes).enumerate() {
                let row = &mut row[group * TOGETHER..][..TOGETHER];
                for (x, sample) in row.iter_mut().zip(&samples) {
                    *x = sample[i];
                }
            }
        }
        for (lane, j) in (lanes - rest.len()..).zip(rest) {
            for (i, value) in self.pool.sample(*j as usize).iter().enumerate() {
                x[i * lanes + lane] = *value;
            }
        }
    }
}

/// (1/B) Σ_b ∇f(θ − x_b) over a block. `sample` writes x_b of every lane, coordinate-major; `scratch` holds
/// two values for each coordinate and lane.
pub(super) fn average(
    landscape: &dyn Landscape,
    at: &Place<'_>,
    batch: usize,
    scratch: &mut [f64],
    gradient: &mut [f64],
    mut sample: impl FnMut(usize, &mut [f64]),
) {
    let theta = at.theta;
    let (shifted, own) = scratch[..2 * theta.len()].split_at_mut(theta.len());
    gradient.fill(0.0);
    for b in 0..batch {
        sample(b, shifted);
        let out = &mut *shifted;
        vectorised!(|out| for (x, t) in out.iter_mut().zip(theta) {
            *x = t - *x;
        });
        landscape.gradient(shifted, at.lanes, own);
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
