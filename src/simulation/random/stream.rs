//! The key of a stream, and what a draw is for.

use pulp::Scalar;

use super::philox::{Column, RoundKeys, draw};
use crate::lanes::Lanes;
use crate::trace;

/// What a draw is used for. Draws of different purposes never share bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Normals that drive the process: gradient noise, Brownian increments.
    Process = 0,
    /// Which samples of a pool make up a minibatch.
    Batch = 1,
    /// Uniforms of the Brownian-bridge crossing test.
    Bridge = 2,
    /// The pool of samples itself; `particle` is the sample's index.
    Pool = 3,
    /// Fresh samples whose law is not the normal.
    Fresh = 4,
    /// Where a particle starts, if that is random.
    Start = 5,
    /// Which survivor a dropped replica becomes a copy of.
    Branch = 6,
    /// Normals that an update rule draws for itself.
    Rule = 7,
}

/// The precision in which normals are computed; the bits that they are made of are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// Doubles: two normals from a draw, up to 8.49σ.
    #[default]
    Double,
    /// Singles: four normals from a draw, up to 6.66σ.
    Single,
}

/// Indices that a counter has room for.
const INDICES: u64 = 1 << 24;

/// All random numbers of one cell of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    keys: RoundKeys,
    grain: Grain,
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits that avalanches.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Stream {
    /// The stream of `cell` under the root `seed`. Neighbouring seeds and cells are unrelated.
    pub fn new(seed: u64, cell: u64) -> Self {
        let seed = mix(seed.wrapping_add(0x9E37_79B9_7F4A_7C15));
        let key = mix(seed ^ mix(cell.wrapping_add(0xD1B5_4A32_D192_ED03)));
        trace::note(|| trace::Noted::Stream(key));
        Stream {
            keys: RoundKeys::new(key),
            grain: Grain::Double,
        }
    }

    /// The number that its random numbers are a function of.
    pub fn key(&self) -> u64 {
        self.keys.key()
    }

    /// The same stream, its normals computed in this precision.
    pub fn of_grain(self, grain: Grain) -> Self {
        Stream { grain, ..self }
    }

    /// The precision of its normals.
    pub fn grain(&self) -> Grain {
        self.grain
    }

    /// The 128 bits at (purpose, particle, round, index): particle and round below 2⁴⁸.
    #[inline(always)]
    pub fn bits(&self, purpose: Purpose, particle: u64, round: u64, index: u64) -> (u64, u64) {
        if index >= INDICES {
            let beyond = self.beyond(index / INDICES);
            return beyond.bits(purpose, particle, round, index % INDICES);
        }
        let column = self.column(Scalar, particle, round);
        let [[w0, w1, w2, w3]] = self.draw(Scalar, purpose, &[column], index);
        (Scalar.join(w0, w1), Scalar.join(w2, w3))
    }

    /// The stream that goes on where the counter has no more indices: another key, so that none of its bits are
    /// those of another purpose.
    #[cold]
    fn beyond(&self, turn: u64) -> Stream {
        let key = mix(self.key() ^ mix(turn));
        Stream {
            keys: RoundKeys::new(key),
            grain: self.grain,
        }
    }

    /// The stream of another part of the same process, of which none of the bits are this one's.
    pub fn part(&self, part: u64) -> Stream {
        self.beyond(u64::MAX - part)
    }

    /// What all draws of (particle, round) have in common, a register of particles at a time.
    ///
    /// The counter's words are: round, (purpose, index), particle, (high half of round, of particle).
    #[inline(always)]
    pub(super) fn column<S: Lanes>(&self, s: S, particle: S::u64s, round: S::u64s) -> Column<S> {
        let raised = s.product(s.exchange(round), s.splat_u64s(1 << 16));
        let high = s.or_u64s(s.exchange(particle), raised);
        Column::new(s, &self.keys, round, particle, high)
    }

    /// The four words at (purpose, index) of each of these columns, in the low halves of the lanes; index below 2²⁴.
    #[inline(always)]
    pub(super) fn draw<S: Lanes, const K: usize>(
        &self,
        s: S,
        purpose: Purpose,
        columns: &[Column<S>; K],
        index: u64,
    ) -> [[S::u64s; 4]; K] {
        let word = s.splat_u64s(index | (purpose as u64) << 24);
        draw(s, &self.keys, columns, word)
    }

    /// A uniform in (0, 1).
    #[inline(always)]
    pub fn uniform(&self, purpose: Purpose, particle: u64, round: u64, index: u64) -> f64 {
        super::box_muller::open_uniform(self.bits(purpose, particle, round, index).0)
    }
}

/// A stable 64-bit name for a cell (FNV-1a), so that adding a cell changes no other cell's numbers.
pub fn cell_key(name: &str) -> u64 {
    trace::fnv_1a(name.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published offset basis and test values of 64-bit FNV-1a.
    #[test]
    fn cells_are_keyed_by_fnv_1a() {
        assert_eq!(cell_key(""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(cell_key("a"), 0xAF63_DC4C_8601_EC8C);
        assert_eq!(cell_key("foobar"), 0x8594_4171_F739_67E8);
    }

    /// The 2²⁴th draw of a sequence, which would fall on the first of another purpose if it ran on.
    #[test]
    fn an_index_beyond_the_counter_meets_no_other_draw() {
        let stream = Stream::new(1, 2);
        let many = [0, 1, INDICES, INDICES + 1, 2 * INDICES, 5 * INDICES + 7];
        let mut seen = std::collections::HashSet::new();
        for purpose in [Purpose::Process, Purpose::Batch, Purpose::Bridge] {
            for index in many {
                assert!(seen.insert(stream.bits(purpose, 3, 5, index)), "{index}");
            }
        }
    }

    #[test]
    fn every_part_of_an_address_matters() {
        let stream = Stream::new(1, 2);
        let base = stream.bits(Purpose::Process, 3, 5, 7);
        let others = [
            stream.bits(Purpose::Batch, 3, 5, 7),
            stream.bits(Purpose::Process, 3 + (1 << 32), 5, 7),
            stream.bits(Purpose::Process, 4, 5, 7),
            stream.bits(Purpose::Process, 3, 5 + (1 << 32), 7),
            stream.bits(Purpose::Process, 3, 6, 7),
            stream.bits(Purpose::Process, 3, 5, 8),
            Stream::new(2, 1).bits(Purpose::Process, 3, 5, 7),
            Stream::new(1, 3).bits(Purpose::Process, 3, 5, 7),
        ];
        for (i, other) in others.iter().enumerate() {
            assert_ne!(*other, base, "{i}");
            assert!(!others[..i].contains(other), "{i}");
        }
        assert_eq!(Stream::new(1, 2).bits(Purpose::Process, 3, 5, 7), base);
    }
}
