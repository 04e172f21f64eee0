//! Standard normals and random words for a block of particles, keyed by (particle, step, coordinate).

use pulp::bytemuck::cast_slice_mut;
use pulp::{Arch, Scalar};

use super::box_muller::{Coefficients, box_muller};
use super::lanes::{Lanes, WithLanes, dispatch};
use super::philox::Column;
use super::stream::{Purpose, Stream};

/// Where a block's lanes stand: lane `l` is particle `particle[l]`, about to take step `step[l]`.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// Particle index of each lane.
    pub particle: &'a [u64],
    /// Steps that each lane's particle has taken.
    pub step: &'a [u64],
}

/// How many steps share a round of draws: Box–Muller makes pairs, so an odd number of normals a
/// step is drawn for two steps at once. All lanes of a block must stand at a multiple of it.
pub fn period(normals_per_step: usize) -> u64 {
    1 + (normals_per_step % 2) as u64
}

/// Fills `out` with the normals of one round: `period · per_step` rows of one value per lane.
///
/// Row `s · per_step + j` holds normal `j` of step `step[l] + s`.
pub fn fill_normals(stream: &Stream, at: Address<'_>, per_step: usize, out: &mut [f64]) {
    let words = Words {
        stream,
        purpose: Purpose::Process,
        at,
        period: period(per_step),
        out: cast_slice_mut(out),
    };
    dispatch(Arch::new(), Normals(words));
}

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

struct Words<'a> {
    stream: &'a Stream,
    purpose: Purpose,
    at: Address<'a>,
    period: u64,
    out: &'a mut [u64],
}

impl WithLanes for Words<'_> {
    type Output = ();

    #[inline(always)]
    fn with_lanes<S: Lanes>(mut self, simd: S) {
        self.fill(simd);
    }
}

impl Words<'_> {
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
            for (((a, b), x), y) in words.iter().zip(x).zip(y) {
                *x = *a;
                *y = *b;
            }
        }
    }

    /// The part of the draws of one register of lanes that its pairs share.
    #[inline(always)]
    fn column<S: Lanes>(&self, simd: S, first: usize) -> Column<S> {
        let load = |row: &[u64]| S::as_simd_u64s(&row[first..]).0[0];
        let (particle, step) = (load(self.at.particle), load(self.at.step));
        let round = if self.period == 1 {
            step
        } else {
            simd.halve(step)
        };
        self.stream.column(simd, particle, round)
    }
}

/// Words first, then normals in their place: each loop keeps the processor busy by itself, and both
/// together would need more registers than there are.
struct Normals<'a>(Words<'a>);

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

#[cfg(test)]
mod tests {
    use super::super::lanes::every;
    use super::*;

    /// Portable code, AVX2 and AVX-512 give the same bits, for every number of lanes and of normals a step,
    /// beyond 2³² too.
    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let stream = Stream::new(5, 6);
        for (lanes, per_step) in [(1, 1), (7, 2), (8, 10), (21, 3), (64, 5), (100, 10)] {
            let particle: Vec<u64> = (0..lanes).map(|l| l * 1_234_567_891).collect();
            let step: Vec<u64> = (0..lanes).map(|l| 2 * l * l * 987_654_321).collect();
            let fill = |arch| {
                let rows = per_step * period(per_step) as usize;
                let mut out = vec![f64::NAN; rows * lanes as usize];
                let at = Address {
                    particle: &particle,
                    step: &step,
                };
                let words = Words {
                    stream: &stream,
                    purpose: Purpose::Process,
                    at,
                    period: period(per_step),
                    out: cast_slice_mut(&mut out),
                };
                dispatch(arch, Normals(words));
                out.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
            };
            let portable = fill(Arch::Scalar);
            for (l, (p, n)) in particle.iter().zip(&step).enumerate() {
                let round = n >> (period(per_step) - 1);
                let (a, b) = stream.bits(Purpose::Process, *p, round, 0);
                let (x, y) = box_muller(Scalar, a, b, Coefficients::in_memory());
                let found = [portable[l], portable[l + lanes as usize]];
                assert_eq!(found, [x.to_bits(), y.to_bits()]);
            }
            for (name, arch) in every() {
                assert!(fill(arch) == portable, "{name}, {lanes} lanes, {per_step}");
            }
        }
    }
}
