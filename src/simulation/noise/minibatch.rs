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
        let row = |b: usize| &indices[b * lanes..][..lanes];
        average(
            &*self.landscape,
            &at,
            self.batch,
            scratch,
            gradient,
            |b, x| {
                // The last has no next; that its own samples are asked for again does no harm.
                let next = row((b + 1).min(self.batch - 1));
                vectorised!(|x| self.shift(at.theta, row(b), next, x));
            },
        );
    }
}

impl Minibatch {
    /// θ − x for the sample of each lane, coordinate-major; the samples of `next` are set on their way.
    #[inline(always)]
    fn shift(&self, theta: &[f64], indices: &[u64], next: &[u64], shifted: &mut [f64]) {
        // Lanes that are brought together before they are written.
        const TOGETHER: usize = 8;
        let lanes = indices.len();
        let (groups, rest) = indices.as_chunks::<TOGETHER>();
        for (group, indices) in groups.iter().enumerate() {
            let [a, b, c, d, e, f, g, h] = *indices;
            let sample = |j: u64| self.pool.sample(j as usize);
            for j in &next[group * TOGETHER..][..TOGETHER] {
                prefetch(sample(*j));
            }
            let (a, b, c, d) = (sample(a), sample(b), sample(c), sample(d));
            let (e, f, g, h) = (sample(e), sample(f), sample(g), sample(h));
            for i in 0..self.pool.dim() {
                let at = i * lanes + group * TOGETHER;
                let x = [a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i]];
                let rows = shifted[at..][..TOGETHER].iter_mut();
                for ((y, t), x) in rows.zip(&theta[at..][..TOGETHER]).zip(x) {
                    *y = t - x;
                }
            }
        }
        for (lane, j) in (lanes - rest.len()..).zip(rest) {
            for (i, x) in self.pool.sample(*j as usize).iter().enumerate() {
                shifted[i * lanes + lane] = theta[i * lanes + lane] - x;
            }
        }
    }
}

/// (1/B) Σ_b ∇f(θ − x_b) over a block. `shift` writes θ − x_b, coordinate-major; `scratch` holds two values for
/// each coordinate and lane.
pub(super) fn average(
    landscape: &dyn Landscape,
    at: &Place<'_>,
    batch: usize,
    scratch: &mut [f64],
    gradient: &mut [f64],
    mut shift: impl FnMut(usize, &mut [f64]),
) {
    let size = at.theta.len();
    let (shifted, own) = scratch[..2 * size].split_at_mut(size);
    gradient.fill(0.0);
    for b in 0..batch {
        shift(b, shifted);
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
