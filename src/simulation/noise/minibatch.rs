//! Minibatches from a pool of samples: g = (1/B) Σ_{j ∈ batch} ∇f(θ − x_j), the real one.

use pulp::bytemuck::cast_slice_mut;

use super::{Oracle, Place, Pool};
use crate::simulation::landscape::Landscape;
use crate::simulation::random::{Address, Permutation, Purpose, fill_words};
use crate::simulation::vectorised::vectorised;

const LOW: u64 = 0xFFFF_FFFF;

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
                scale(indices, n);
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

/// ⌊wn/2⁶⁴⌋ of each word w.
fn scale(words: &mut [u64], n: u64) {
    match u32::try_from(n) {
        // By halves, which vector instructions can multiply.
        Ok(n) => vectorised!(|words| for w in words.iter_mut() {
            let n = u64::from(n);
            *w = ((*w >> 32) * n + (((*w & LOW) * n) >> 32)) >> 32;
        }),
        Err(_) => {
            for w in words {
                *w = ((u128::from(*w) * u128::from(n)) >> 64) as u64;
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
        self.batch.next_multiple_of(2) * lanes + 2 * self.dim() * TOGETHER * self.at_once()
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let lanes = at.lanes;
        let (indices, scratch) = scratch.split_at_mut(self.batch.next_multiple_of(2) * lanes);
        let indices: &mut [u64] = cast_slice_mut(indices);
        self.indices(&at, indices);
        // Nothing has asked for the first lanes' samples.
        for row in indices.chunks_exact(lanes).take(self.batch) {
            for j in row.iter().take(TOGETHER) {
                self.pool.prefetch(*j as usize);
            }
        }
        gradient.fill(0.0);
        let mut first = 0;
        while first + TOGETHER <= lanes {
            self.add::<TOGETHER>(&at, indices, first, gradient, scratch);
            first += TOGETHER;
        }
        for lane in first..lanes {
            self.add::<1>(&at, indices, lane, gradient, scratch);
        }
        let share = 1.0 / self.batch as f64;
        vectorised!(|gradient| for g in gradient.iter_mut() {
            *g *= share;
        });
    }
}

/// Lanes whose batches are brought together, a row of lanes for each member.
const TOGETHER: usize = 8;

impl Minibatch {
    /// Members of a batch that are looked at in one go: their rows stay in the first-level cache.
    fn at_once(&self) -> usize {
        (1024 / (self.dim() * TOGETHER)).clamp(1, self.batch)
    }

    /// Adds ∇f(θ − x_b) of `W` lanes from `first` on, [`TOGETHER`] or one, for all b in turn, to `gradient`.
    ///
    /// The landscape sees a block whose lanes are (member, lane).
    fn add<const W: usize>(
        &self,
        at: &Place<'_>,
        indices: &[u64],
        first: usize,
        gradient: &mut [f64],
        scratch: &mut [f64],
    ) {
        let (dim, lanes, most) = (self.dim(), at.lanes, self.at_once());
        let (shifted, own) = scratch.split_at_mut(dim * TOGETHER * most);
        for begin in (0..self.batch).step_by(most) {
            let members = most.min(self.batch - begin);
            let size = dim * W * members;
            let (shifted, own) = (&mut shifted[..size], &mut own[..size]);
            let (rows, moved) = (&indices[begin * lanes..], &mut *shifted);
            if W == TOGETHER {
                vectorised!(|moved| self.shift_together(at, rows, first, members, moved));
            } else {
                self.shift_one(at, rows, first, members, moved);
            }
            self.landscape.gradient(shifted, W * members, own);
            let (gradient, own) = (&mut *gradient, &*own);
            vectorised!(|gradient| sum::<W>(own, members, lanes, first, gradient));
        }
    }

    /// θ − x for [`TOGETHER`] lanes from `first` on and the first `members` rows of `indices`, coordinate-major.
    #[inline(always)]
    fn shift_together(
        &self,
        at: &Place<'_>,
        indices: &[u64],
        first: usize,
        members: usize,
        shifted: &mut [f64],
    ) {
        let (lanes, dim) = (at.lanes, self.pool.dim());
        for (b, row) in indices.chunks_exact(lanes).take(members).enumerate() {
            // The next lanes' samples are set on their way.
            if let Some((_, next)) = row[first..].split_first_chunk::<TOGETHER>()
                && let Some(next) = next.first_chunk::<TOGETHER>()
            {
                next.iter().for_each(|j| self.pool.prefetch(*j as usize));
            }
            let Some(&[a, k, c, d, e, f, g, h]) = row[first..].first_chunk() else {
                return;
            };
            let sample = |j: u64| &self.pool.sample(j as usize)[..dim];
            let (a, k, c, d) = (sample(a), sample(k), sample(c), sample(d));
            let (e, f, g, h) = (sample(e), sample(f), sample(g), sample(h));
            for i in 0..dim {
                let x = [a[i], k[i], c[i], d[i], e[i], f[i], g[i], h[i]];
                let theta = &at.theta[i * lanes + first..][..TOGETHER];
                let shifted = &mut shifted[(i * members + b) * TOGETHER..][..TOGETHER];
                for ((y, t), x) in shifted.iter_mut().zip(theta).zip(x) {
                    *y = t - x;
                }
            }
        }
    }

    /// The same for one lane.
    #[inline(always)]
    fn shift_one(
        &self,
        at: &Place<'_>,
        indices: &[u64],
        lane: usize,
        members: usize,
        shifted: &mut [f64],
    ) {
        for (b, row) in indices.chunks_exact(at.lanes).take(members).enumerate() {
            for (i, x) in self.pool.sample(row[lane] as usize).iter().enumerate() {
                shifted[i * members + b] = at.theta[i * at.lanes + lane] - x;
            }
        }
    }
}

/// Adds the rows of each coordinate in `own`, one for a member, to the lanes from `first` on of its row in `gradient`.
#[inline(always)]
fn sum<const W: usize>(
    own: &[f64],
    members: usize,
    lanes: usize,
    first: usize,
    gradient: &mut [f64],
) {
    let rows = own.chunks_exact(W * members);
    for (gradient, own) in gradient.chunks_exact_mut(lanes).zip(rows) {
        let sums = &mut gradient[first..][..W];
        let mut total = [0.0; W];
        total.copy_from_slice(sums);
        for member in own.as_chunks::<W>().0 {
            for (total, x) in total.iter_mut().zip(member) {
                *total += x;
            }
        }
        sums.copy_from_slice(&total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::landscape::Gradient;
    use crate::simulation::landscape::rosenbrock::Rosenbrock;
    use crate::simulation::noise::Law;
    use crate::simulation::random::Stream;

    #[test]
    fn words_are_scaled_exactly() {
        let words: Vec<u64> = (0..999u64)
            .map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15))
            .chain([0, u64::MAX])
            .collect();
        for n in [1, 3, 50_000, u64::from(u32::MAX), 1 << 32, 1 << 40] {
            let mut scaled = words.clone();
            scale(&mut scaled, n);
            let exact = |w: &u64| ((u128::from(*w) * u128::from(n)) >> 64) as u64;
            assert!(scaled.iter().zip(&words).all(|(s, w)| *s == exact(w)));
        }
    }

    /// The mean of the batch's gradients, added up in the order of the batch: bit for bit, for lanes that fill groups
    /// and lanes that do not, and for batches that are looked at in several goes.
    #[test]
    fn the_gradient_is_the_mean_over_the_batch() {
        let stream = Stream::new(3, 4);
        for (lanes, batch) in [(1, 5), (8, 10), (19, 3), (16, 300)] {
            let surface = || Box::new(Rosenbrock::new(1.0, 5.0, 1.0, 2).unwrap());
            let pool = Pool::draw(&stream, Law::Normal, 1.0, 1.0, 40, 2);
            let oracle = Minibatch::new(surface(), pool.clone(), batch, Replacement::With);
            let theta: Vec<f64> = (0..2 * lanes).map(|i| 0.1 * i as f64 - 1.0).collect();
            let particle: Vec<u64> = (0..lanes as u64).collect();
            let step = vec![7; lanes];
            let place = Place {
                lanes,
                theta: &theta,
                particle: &particle,
                step: &step,
                stream: &stream,
                normals: &[],
            };
            let mut gradient = vec![f64::NAN; 2 * lanes];
            let mut scratch = vec![0.0; oracle.scratch(lanes)];
            oracle.gradient(place, &mut gradient, &mut scratch);
            let mut indices = vec![0; batch.next_multiple_of(2) * lanes];
            oracle.indices(&place, &mut indices);
            for lane in 0..lanes {
                let mut sum = [0.0; 2];
                for b in 0..batch {
                    let x = pool.sample(indices[b * lanes + lane] as usize);
                    let point = [theta[lane] - x[0], theta[lanes + lane] - x[1]];
                    let mut own = [0.0; 2];
                    surface().gradient(&point, 1, &mut own);
                    sum = [sum[0] + own[0], sum[1] + own[1]];
                }
                let share = 1.0 / batch as f64;
                let found = [gradient[lane], gradient[lanes + lane]];
                assert_eq!(found, [sum[0] * share, sum[1] * share], "{lanes} {batch}");
            }
        }
    }
}
