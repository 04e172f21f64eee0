//! Minibatches from a pool of samples: g = (1/B) Σ_{j ∈ batch} ∇f(θ − x_j), the real one.

use pulp::bytemuck::cast_slice_mut;
use pulp::{Arch, Scalar};

use super::pool::FOUR;
use super::prefetch::prefetch;
use super::{Oracle, Place, Pool};
use crate::landscape::Landscape;
use crate::lanes::{Lanes, WithLanes, dispatch};
use crate::random::{Address, Permutation, Purpose, fill_words};
use crate::vector::Vector;
use crate::vectorised::vectorised;

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
    arch: Arch,
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
            arch: Arch::new(),
        }
    }
}

/// Indices of `batch` of n examples for every lane, one row for each member of the batch: by multiply–shift from 64 random
/// bits each (the bias is n/2⁶⁴) or from the particle's permutation.
pub(super) fn draw_indices(
    at: &Place<'_>,
    n: u64,
    batch: usize,
    replacement: Replacement,
    indices: &mut [u64],
) {
    match replacement {
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
                let (particle, first) = (at.particle[lane], at.step[lane] * batch as u64);
                let mut epoch = first / n;
                let mut permutation = Permutation::new(at.stream, particle, epoch, n);
                for b in 0..batch {
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
        self.batch.next_multiple_of(2) * lanes
            + (self.batch + 2 * self.rows() * self.at_once()) * WIDEST
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let (indices, scratch) = scratch.split_at_mut(self.batch.next_multiple_of(2) * at.lanes);
        let indices: &mut [u64] = cast_slice_mut(indices);
        let n = self.pool.len() as u64;
        draw_indices(&at, n, self.batch, self.replacement, indices);
        let places = &mut indices[..self.batch * at.lanes];
        self.pool.places(places);
        // Nothing has asked for the first lanes' samples.
        for row in places.chunks_exact(at.lanes) {
            for place in row.iter().take(AHEAD) {
                prefetch(self.pool.fours(), *place as usize);
            }
        }
        let (close, scratch) = scratch.split_at_mut(self.batch * WIDEST);
        let (shifted, own) = scratch.split_at_mut(scratch.len() / 2);
        dispatch(
            self.arch,
            Means {
                of: self,
                at,
                places,
                close: cast_slice_mut(close),
                shifted,
                own,
                gradient,
            },
        );
    }
}

/// How many lanes ahead samples are asked for.
const AHEAD: usize = 8;
/// Lanes of the widest register.
const WIDEST: usize = f64::WIDEST;

impl Minibatch {
    /// Members of a batch that are looked at in one go: their rows stay in the first-level cache.
    fn at_once(&self) -> usize {
        (1024 / (self.dim() * WIDEST)).clamp(1, self.batch)
    }

    /// Rows of coordinates, in whole fours.
    fn rows(&self) -> usize {
        FOUR * self.pool.width()
    }
}

/// The mean of each lane's gradients ∇f(θ − x), register by register of lanes, summed in the order of the batch.
struct Means<'a> {
    of: &'a Minibatch,
    at: Place<'a>,
    /// Of the samples of each member of the batch, a row of lanes.
    places: &'a [u64],
    /// Those of the lanes at hand, side by side.
    close: &'a mut [u64],
    shifted: &'a mut [f64],
    own: &'a mut [f64],
    gradient: &'a mut [f64],
}

impl WithLanes for Means<'_> {
    type Output = ();

    #[inline(always)]
    fn with_lanes<S: Lanes>(mut self, simd: S) {
        let lanes = self.at.lanes;
        let whole = lanes - lanes % S::WIDTH;
        for first in (0..whole).step_by(S::WIDTH) {
            self.register(simd, first);
        }
        for lane in whole..lanes {
            self.register(Scalar, lane);
        }
    }
}

impl Means<'_> {
    /// The lanes of one register, from `first` on. The landscape sees a block whose lanes are (member, lane).
    #[inline(always)]
    fn register<S: Lanes>(&mut self, simd: S, first: usize) {
        let (batch, most) = (self.of.batch, self.of.at_once());
        self.gather::<S>(first);
        for begin in (0..batch).step_by(most) {
            let members = most.min(batch - begin);
            self.shift(simd, first, begin, members);
            let size = self.of.dim() * members * S::WIDTH;
            let own = &mut self.own[..size];
            self.of
                .landscape
                .gradient(&self.shifted[..size], members * S::WIDTH, own);
            self.add(simd, first, members, begin == 0);
        }
        let share = simd.splat_f64s(1.0 / batch as f64);
        for row in self.gradient.chunks_exact_mut(self.at.lanes) {
            let (g, _) = S::as_mut_simd_f64s(&mut row[first..]);
            g[0] = simd.mul_f64s(g[0], share);
        }
    }

    /// Brings the places of these lanes' samples together, and sends for those of later lanes.
    #[inline(always)]
    fn gather<S: Lanes>(&mut self, first: usize) {
        let (fours, last) = (self.of.pool.fours(), self.of.pool.width() - 1);
        let rows = self.places.chunks_exact(self.at.lanes);
        for (close, row) in self.close.chunks_exact_mut(S::WIDTH).zip(rows) {
            close.copy_from_slice(&row[first..first + S::WIDTH]);
            if let Some(later) = row.get(first + AHEAD..first + AHEAD + S::WIDTH) {
                for place in later {
                    prefetch(fours, *place as usize);
                    prefetch(fours, *place as usize + last);
                }
            }
        }
    }

    /// θ − x for `members` of the batches from `begin` on, coordinate-major, and rows of no meaning up to the next four.
    #[inline(always)]
    fn shift<S: Lanes>(&mut self, simd: S, first: usize, begin: usize, members: usize) {
        let (lanes, pool) = (self.at.lanes, &self.of.pool);
        let close = &self.close[begin * S::WIDTH..][..members * S::WIDTH];
        let shifted = &mut self.shifted[..self.of.rows() * members * S::WIDTH];
        let (shifted, _) = S::as_mut_simd_f64s(shifted);
        for (c, four) in shifted.chunks_exact_mut(FOUR * members).enumerate() {
            let fours = &pool.fours()[c..];
            let theta = |i: usize| {
                let row = (FOUR * c + i).min(pool.dim() - 1) * lanes;
                S::as_simd_f64s(&self.at.theta[row + first..]).0[0]
            };
            let (t0, t1, t2, t3) = (theta(0), theta(1), theta(2), theta(3));
            let (y0, rest) = four.split_at_mut(members);
            let (y1, rest) = rest.split_at_mut(members);
            let (y2, y3) = rest.split_at_mut(members);
            let to = y0.iter_mut().zip(y1).zip(y2.iter_mut().zip(y3));
            for (((y0, y1), (y2, y3)), own) in to.zip(close.chunks_exact(S::WIDTH)) {
                let [x0, x1, x2, x3] = simd.columns(
                    #[inline(always)]
                    |l| &fours[own[l] as usize],
                );
                *y0 = simd.sub_f64s(t0, x0);
                *y1 = simd.sub_f64s(t1, x1);
                *y2 = simd.sub_f64s(t2, x2);
                *y3 = simd.sub_f64s(t3, x3);
            }
        }
    }

    /// Adds the members' gradients in turn, from 0 on if they are the `fresh` ones of a batch.
    #[inline(always)]
    fn add<S: Lanes>(&mut self, simd: S, first: usize, members: usize, fresh: bool) {
        let (own, _) = S::as_simd_f64s(self.own);
        let rows = self.gradient.chunks_exact_mut(self.at.lanes);
        for (row, own) in rows.zip(own.chunks_exact(members)) {
            let (sum, _) = S::as_mut_simd_f64s(&mut row[first..]);
            let mut total = if fresh { simd.splat_f64s(0.0) } else { sum[0] };
            for x in own {
                total = simd.add_f64s(total, *x);
            }
            sum[0] = total;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::Gradient;
    use crate::landscape::rosenbrock::Rosenbrock;
    use crate::noise::Law;
    use crate::random::Stream;

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

    /// The mean of the batch's gradients, added up in the order of the batch: bit for bit, for lanes that fill registers
    /// and lanes that do not, for batches that are looked at in several goes, and for coordinates that fill fours and
    /// that do not.
    #[test]
    fn the_gradient_is_the_mean_over_the_batch() {
        let stream = Stream::new(3, 4);
        for (lanes, batch, dim) in [
            (1, 5, 2),
            (8, 10, 10),
            (19, 3, 8),
            (16, 300, 2),
            (24, 30, 6),
        ] {
            let surface = || Box::new(Rosenbrock::new(1.0, 5.0, 1.0, dim).unwrap());
            let pool = Pool::draw(&stream, Law::Normal, 1.0, 1.0, 40, dim);
            let oracle = Minibatch::new(surface(), pool.clone(), batch, Replacement::With);
            let theta: Vec<f64> = (0..dim * lanes).map(|i| 0.1 * i as f64 - 1.0).collect();
            let particle: Vec<u64> = (0..lanes as u64).collect();
            let step = vec![7; lanes];
            let place = Place {
                lanes,
                theta: &theta,
                particle: &particle,
                step: &step,
                stream: &stream,
                normals: &[],
                live: &[],
            };
            let mut gradient = vec![f64::NAN; dim * lanes];
            let mut scratch = vec![0.0; oracle.scratch(lanes)];
            oracle.gradient(place, &mut gradient, &mut scratch);
            let mut indices = vec![0; batch.next_multiple_of(2) * lanes];
            let n = pool.len() as u64;
            draw_indices(&place, n, oracle.batch, oracle.replacement, &mut indices);
            for lane in 0..lanes {
                let mut sum = vec![0.0; dim];
                for b in 0..batch {
                    let x = pool.sample(indices[b * lanes + lane] as usize);
                    let point: Vec<f64> =
                        (0..dim).map(|i| theta[i * lanes + lane] - x[i]).collect();
                    let mut own = vec![0.0; dim];
                    surface().gradient(&point, 1, &mut own);
                    sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                }
                let share = 1.0 / batch as f64;
                for (i, sum) in sum.iter().enumerate() {
                    assert_eq!(
                        gradient[i * lanes + lane],
                        sum * share,
                        "{lanes} {batch} {dim}"
                    );
                }
            }
        }
    }
}
