//! Standard normals and random words for a block of particles, keyed by (particle, step, coordinate).

use std::cell::Cell;

use pulp::bytemuck::cast_slice_mut;
use pulp::{Arch, Scalar};

use super::box_muller::{Coefficients, box_muller};
use super::philox::Column;
use super::single;
use super::stream::{Grain, Purpose, Stream};
use crate::lanes::{Lanes, WithLanes, dispatch};
use crate::vectorised::vectorised;

/// Where a block's lanes stand: lane `l` is particle `particle[l]`, about to take step `step[l]`.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// Particle index of each lane.
    pub particle: &'a [u64],
    /// Steps that each lane's particle has taken.
    pub step: &'a [u64],
}

/// Numbers that a block's normals may come as.
pub trait Drawn: Sized {
    /// In which precision a stream's normals are computed, where they come as these numbers.
    fn grain(stream: &Stream) -> Grain;

    /// Fills `out` with the normals of one round, which `period` steps share: rows of one value per lane, a multiple of
    /// those that a draw makes.
    fn fill(stream: &Stream, purpose: Purpose, at: Address<'_>, period: u64, out: &mut [Self]);
}

/// How many steps share a round of draws: a draw makes two normals, or four of single precision, so steps that
/// need another number are drawn for together. All lanes of a block must stand at a multiple of it.
pub fn period<F: Drawn>(stream: &Stream, normals_per_step: usize) -> u64 {
    steps_a_round(F::grain(stream), normals_per_step)
}

fn steps_a_round(grain: Grain, normals_per_step: usize) -> u64 {
    let odd = normals_per_step.trailing_zeros();
    match grain {
        Grain::Double => 2 >> odd.min(1),
        Grain::Single => 4 >> odd.min(2),
    }
}

thread_local! {
    // Singles on their way to doubles; kept between calls, since a step must not allocate.
    static SINGLES: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

impl Drawn for f64 {
    fn grain(stream: &Stream) -> Grain {
        stream.grain()
    }

    fn fill(stream: &Stream, purpose: Purpose, at: Address<'_>, period: u64, out: &mut [f64]) {
        let words = |out| Words {
            stream,
            purpose,
            at,
            period,
            out,
        };
        match stream.grain() {
            Grain::Double => dispatch(Arch::new(), Normals(words(cast_slice_mut(out)))),
            Grain::Single => {
                let mut singles = SINGLES.take();
                singles.resize(out.len(), 0.0);
                f32::fill(stream, purpose, at, period, &mut singles);
                let from = &singles;
                vectorised!(|out| for (x, single) in out.iter_mut().zip(from) {
                    *x = f64::from(*single);
                });
                SINGLES.set(singles);
            }
        }
    }
}

impl Drawn for f32 {
    fn grain(_: &Stream) -> Grain {
        Grain::Single
    }

    fn fill(stream: &Stream, purpose: Purpose, at: Address<'_>, period: u64, out: &mut [f32]) {
        let words = Words {
            stream,
            purpose,
            at,
            period,
            out: cast_slice_mut(out),
        };
        dispatch(Arch::new(), SingleNormals(words));
    }
}

/// Fills `out` with the normals of one round: [`period`] · `per_step` rows of one value per lane.
///
/// Row `s · per_step + j` holds normal `j` of step `step[l] + s`.
pub fn fill_normals<F: Drawn>(stream: &Stream, at: Address<'_>, per_step: usize, out: &mut [F]) {
    let period = period::<F>(stream, per_step);
    F::fill(stream, Purpose::Process, at, period, out);
}

/// Rows of fresh normals, one value per lane, of the step that each lane's particle is about to take; their number is a
/// multiple of [`FRESH_ROWS`].
pub fn fill_fresh<F: Drawn>(stream: &Stream, at: Address<'_>, out: &mut [F]) {
    F::fill(stream, Purpose::Rule, at, 1, out);
}

/// Most normals that a draw makes.
pub const FRESH_ROWS: usize = 4;

/// Fills `out` with random words for the step that each lane's particle is about to take: an even number of
/// rows of one word per lane.
pub fn fill_words(stream: &Stream, purpose: Purpose, at: Address<'_>, out: &mut [u64]) {
    let words = Words {
        stream,
        purpose,
        at,
        period: 1,
        out,
    };
    dispatch(Arch::new(), words);
}

/// Rows of words, 64 bits or 32 each.
struct Words<'a, W> {
    stream: &'a Stream,
    purpose: Purpose,
    at: Address<'a>,
    period: u64,
    out: &'a mut [W],
}

impl WithLanes for Words<'_, u64> {
    type Output = ();

    #[inline(always)]
    fn with_lanes<S: Lanes>(mut self, simd: S) {
        self.fill(simd);
    }
}

impl Words<'_, u64> {
    /// Two registers of lanes at a time.
    #[inline(always)]
    fn fill<S: Lanes>(&mut self, simd: S) {
        let lanes = self.at.particle.len();
        let mut first = 0;
        while first + 2 * S::WIDTH <= lanes {
            self.registers::<S, 2>(simd, first);
            first += 2 * S::WIDTH;
        }
        if first + S::WIDTH <= lanes {
            self.registers::<S, 1>(simd, first);
            first += S::WIDTH;
        }
        for lane in first..lanes {
            self.registers::<Scalar, 1>(Scalar, lane);
        }
    }

    /// `K` registers of lanes from `first` on, two rows to a draw.
    #[inline(always)]
    fn registers<S: Lanes, const K: usize>(&mut self, simd: S, first: usize) {
        let lanes = self.at.particle.len();
        let mut columns = [self.column(simd, first); K];
        for (k, column) in columns.iter_mut().enumerate().skip(1) {
            *column = self.column(simd, first + k * S::WIDTH);
        }
        for (pair, rows) in self.out.chunks_exact_mut(2 * lanes).enumerate() {
            let (x, y) = rows.split_at_mut(lanes);
            let x = S::as_mut_simd_u64s(&mut x[first..]).0.iter_mut();
            let y = S::as_mut_simd_u64s(&mut y[first..]).0.iter_mut();
            let words = (self.stream).draw(simd, self.purpose, &columns, pair as u64);
            for (([w0, w1, w2, w3], x), y) in words.iter().zip(x).zip(y) {
                *x = simd.join(*w0, *w1);
                *y = simd.join(*w2, *w3);
            }
        }
    }
}

impl Words<'_, u32> {
    /// Two registers of lanes at a time, of which each row of words fills one.
    #[inline(always)]
    fn fill<S: Lanes>(&mut self, simd: S) {
        let lanes = self.at.particle.len();
        let mut first = 0;
        while first + 2 * S::WIDTH <= lanes {
            let columns = [
                self.column(simd, first),
                self.column(simd, first + S::WIDTH),
            ];
            for (index, rows) in self.out.chunks_exact_mut(4 * lanes).enumerate() {
                let [a, b] = (self.stream).draw(simd, self.purpose, &columns, index as u64);
                for ((row, a), b) in rows.chunks_exact_mut(lanes).zip(&a).zip(&b) {
                    simd.store_low(*a, *b, &mut row[first..]);
                }
            }
            first += 2 * S::WIDTH;
        }
        for lane in first..lanes {
            let columns = [self.column(Scalar, lane)];
            for (index, rows) in self.out.chunks_exact_mut(4 * lanes).enumerate() {
                let [words] = (self.stream).draw(Scalar, self.purpose, &columns, index as u64);
                for (row, word) in rows.chunks_exact_mut(lanes).zip(&words) {
                    row[lane] = *word as u32;
                }
            }
        }
    }
}

impl<W> Words<'_, W> {
    /// The part of the draws of one register of lanes that its pairs share.
    #[inline(always)]
    fn column<S: Lanes>(&self, simd: S, first: usize) -> Column<S> {
        let load = |row: &[u64]| S::as_simd_u64s(&row[first..]).0[0];
        let (particle, step) = (load(self.at.particle), load(self.at.step));
        let mut round = step;
        for _ in 0..self.period.ilog2() {
            round = simd.halve(round);
        }
        self.stream.column(simd, particle, round)
    }
}

/// Words first, then normals in their place: each loop keeps the processor busy by itself, and both
/// together would need more registers than there are.
struct Normals<'a>(Words<'a, u64>);

impl WithLanes for Normals<'_> {
    type Output = ();

    #[inline(always)]
    fn with_lanes<S: Lanes>(mut self, simd: S) {
        self.0.fill(simd);
        let lanes = self.0.at.particle.len();
        let with = Coefficients::in_memory();
        for rows in self.0.out.chunks_exact_mut(2 * lanes) {
            let (x, y) = rows.split_at_mut(lanes);
            let ((x, x_rest), (y, y_rest)) = (S::as_mut_simd_u64s(x), S::as_mut_simd_u64s(y));
            normals(simd, x, y, with);
            normals(Scalar, x_rest, y_rest, with);
        }
    }
}

/// Turns the words in `x` and `y` into the bits of normals.
#[inline(always)]
fn normals<S: Lanes>(simd: S, x: &mut [S::u64s], y: &mut [S::u64s], with: &Coefficients) {
    for (x, y) in x.iter_mut().zip(y) {
        let (first, second) = box_muller(simd, *x, *y, with);
        *x = simd.transmute_u64s_f64s(first);
        *y = simd.transmute_u64s_f64s(second);
    }
}

/// The same in single precision.
struct SingleNormals<'a>(Words<'a, u32>);

impl WithLanes for SingleNormals<'_> {
    type Output = ();

    #[inline(always)]
    fn with_lanes<S: Lanes>(mut self, simd: S) {
        self.0.fill(simd);
        let lanes = self.0.at.particle.len();
        for rows in self.0.out.chunks_exact_mut(2 * lanes) {
            let (x, y) = rows.split_at_mut(lanes);
            let ((x, x_rest), (y, y_rest)) = (S::as_mut_simd_u32s(x), S::as_mut_simd_u32s(y));
            single_normals(simd, x, y);
            single_normals(Scalar, x_rest, y_rest);
        }
    }
}

/// Turns the words in `x` and `y` into the bits of normals.
#[inline(always)]
fn single_normals<S: Lanes>(simd: S, x: &mut [S::u32s], y: &mut [S::u32s]) {
    for (x, y) in x.iter_mut().zip(y) {
        let (first, second) = single::box_muller(simd, *x, *y);
        *x = simd.transmute_u32s_f32s(first);
        *y = simd.transmute_u32s_f32s(second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::every;

    /// Lanes and normals a step that leave rests of registers, pairs and fours.
    const SIZES: [(u64, usize); 7] = [
        (1, 1),
        (7, 2),
        (8, 10),
        (21, 3),
        (64, 5),
        (100, 10),
        (40, 4),
    ];

    /// Particles and steps beyond 2³², steps at multiples of four.
    fn addresses(lanes: u64) -> (Vec<u64>, Vec<u64>) {
        (
            (0..lanes).map(|l| l * 1_234_567_891).collect(),
            (0..lanes).map(|l| 4 * l * l * 987_654_321).collect(),
        )
    }

    /// Portable code, AVX2 and AVX-512 give the same bits, those of the pair at its address.
    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let stream = Stream::new(5, 6);
        for (lanes, per_step) in SIZES {
            let (particle, step) = addresses(lanes);
            let period = steps_a_round(Grain::Double, per_step);
            let fill = |arch| {
                let rows = per_step * period as usize;
                let mut out = vec![0u64; rows * lanes as usize];
                let words = Words {
                    stream: &stream,
                    purpose: Purpose::Process,
                    at: Address {
                        particle: &particle,
                        step: &step,
                    },
                    period,
                    out: &mut out,
                };
                dispatch(arch, Normals(words));
                out
            };
            let portable = fill(Arch::Scalar);
            for (l, (p, n)) in particle.iter().zip(&step).enumerate() {
                let (a, b) = stream.bits(Purpose::Process, *p, n / period, 0);
                let (x, y) = box_muller(Scalar, a, b, Coefficients::in_memory());
                let found = [portable[l], portable[l + lanes as usize]];
                assert_eq!(found, [x.to_bits(), y.to_bits()]);
            }
            for (name, arch) in every() {
                assert!(fill(arch) == portable, "{name}, {lanes} lanes, {per_step}");
            }
        }
    }

    /// The same of single precision, and the doubles made of them.
    #[test]
    fn singles_are_the_same_bits_everywhere() {
        let stream = Stream::new(5, 6).of_grain(Grain::Single);
        for (lanes, per_step) in SIZES {
            let (particle, step) = addresses(lanes);
            let at = Address {
                particle: &particle,
                step: &step,
            };
            let period = steps_a_round(Grain::Single, per_step);
            let size = per_step * period as usize * lanes as usize;
            let fill = |arch| {
                let mut out = vec![0u32; size];
                let words = Words {
                    stream: &stream,
                    purpose: Purpose::Process,
                    at,
                    period,
                    out: &mut out,
                };
                dispatch(arch, SingleNormals(words));
                out
            };
            let portable = fill(Arch::Scalar);
            for (l, (p, n)) in particle.iter().zip(&step).enumerate() {
                let (a, b) = stream.bits(Purpose::Process, *p, n / period, 0);
                let halves = |w: u64| ((w >> 32) as u32, w as u32);
                let pairs = [halves(a), halves(b)].map(|(a, b)| single::box_muller(Scalar, a, b));
                for (i, x) in pairs.iter().flat_map(|(x, y)| [x, y]).enumerate() {
                    assert_eq!(portable[l + i * lanes as usize], x.to_bits());
                }
            }
            for (name, arch) in every() {
                assert!(fill(arch) == portable, "{name}, {lanes} lanes, {per_step}");
            }
            let mut wide = vec![0.0; size];
            fill_normals(&stream, at, per_step, &mut wide);
            let same = |(x, bits): (&f64, &u32)| *x == f64::from(f32::from_bits(*bits));
            assert!(wide.iter().zip(&portable).all(same));
        }
    }

    #[test]
    fn a_round_is_a_whole_number_of_draws() {
        let double = [1, 2, 3, 4, 10].map(|n| steps_a_round(Grain::Double, n));
        let single = [1, 2, 3, 4, 10].map(|n| steps_a_round(Grain::Single, n));
        assert_eq!((double, single), ([2, 1, 2, 1, 1], [4, 2, 4, 1, 2]));
    }
}
