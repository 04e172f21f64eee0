//! Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (SC 2011).

use crate::lanes::Lanes;

const MULTIPLIER: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The ten pairs of round keys of one 64-bit key, computed once per stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundKeys([[u64; 2]; 10]);

impl RoundKeys {
    /// Round keys of `key` (low word first), by the Weyl sequence of the reference.
    pub fn new(key: u64) -> Self {
        let (mut low, mut high) = (key as u32, (key >> 32) as u32);
        Self(std::array::from_fn(|_| {
            let pair = [u64::from(low), u64::from(high)];
            low = low.wrapping_add(WEYL[0]);
            high = high.wrapping_add(WEYL[1]);
            pair
        }))
    }

    /// The key that they were made of.
    pub fn key(&self) -> u64 {
        let [low, high] = self.0[0];
        low | high << 32
    }
}

/// The rounds of many counters that differ in word 1 only, as far as they are the same for all of them.
///
/// Words are 32-bit numbers in the low halves of 64-bit lanes, which is where a widening product takes
/// them from. The high halves hold remains of earlier products that never come down.
#[derive(Clone, Copy)]
pub struct Column<S: Lanes> {
    // Word 0 after round 1, but for word 1 of the counter.
    first: S::u64s,
    // What round 2 adds to word 2, round 3 to words 0 and 2; word 3 after round 3.
    second: S::u64s,
    third: [S::u64s; 2],
    last: S::u64s,
}

impl<S: Lanes> Column<S> {
    /// Words 0, 2 and 3 of the counter; high halves are ignored.
    #[inline(always)]
    pub fn new(s: S, keys: &RoundKeys, c0: S::u64s, c2: S::u64s, c3: S::u64s) -> Self {
        let [m0, m1] = MULTIPLIER.map(|m| s.splat_u64s(m));
        let key = |round: usize| keys.0[round].map(|k| s.splat_u64s(k));
        let mixed = |product, word, key| s.xor_u64s(s.exchange(product), s.xor_u64s(word, key));
        let (p0, p1) = (s.product(c0, m0), s.product(c2, m1));
        let c2 = mixed(p0, c3, key(0)[1]);
        let q1 = s.product(c2, m1);
        let c0 = mixed(q1, p1, key(1)[0]);
        let r0 = s.product(c0, m0);
        Column {
            first: s.xor_u64s(s.exchange(p1), key(0)[0]),
            second: s.xor_u64s(p0, key(1)[1]),
            third: [
                s.xor_u64s(q1, key(2)[0]),
                s.xor_u64s(s.exchange(r0), key(2)[1]),
            ],
            last: r0,
        }
    }
}

/// The four words of `K` counters with the same word 1, rounds interleaved so that one's latency hides the other's.
/// High halves are to be ignored.
#[inline(always)]
pub fn draw<S: Lanes, const K: usize>(
    s: S,
    keys: &RoundKeys,
    columns: &[Column<S>; K],
    c1: S::u64s,
) -> [[S::u64s; 4]; K] {
    let [m0, m1] = MULTIPLIER.map(|m| s.splat_u64s(m));
    let mixed = |product, word, key| s.xor_u64s(s.exchange(product), s.xor_u64s(word, key));
    // A plain loop: the standard library's array methods are not inlined into wider code.
    let mut words = [[m0; 4]; K];
    for (words, column) in words.iter_mut().zip(columns) {
        let q0 = s.product(s.xor_u64s(column.first, c1), m0);
        let r1 = s.product(s.xor_u64s(s.exchange(q0), column.second), m1);
        let [add0, add2] = column.third;
        *words = [
            s.xor_u64s(s.exchange(r1), add0),
            r1,
            s.xor_u64s(add2, q0),
            column.last,
        ];
    }
    for [k0, k1] in &keys.0[3..] {
        let (k0, k1) = (s.splat_u64s(*k0), s.splat_u64s(*k1));
        for words in &mut words {
            let [c0, c1, c2, c3] = *words;
            let (p0, p1) = (s.product(c0, m0), s.product(c2, m1));
            *words = [mixed(p1, c1, k0), p1, mixed(p0, c3, k1), p0];
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{WithLanes, dispatch, every};

    const LOW: u64 = 0xFFFF_FFFF;

    /// One counter in every lane of two registers.
    struct Wide([u64; 4], u64);

    impl WithLanes for Wide {
        type Output = Vec<u64>;

        #[inline(always)]
        fn with_lanes<S: Lanes>(self, s: S) -> Vec<u64> {
            let keys = RoundKeys::new(self.1);
            let [c0, c1, c2, c3] = self.0.map(|c| s.splat_u64s(c));
            let columns = [Column::new(s, &keys, c0, c2, c3); 2];
            let mut row = vec![0; 4 * S::WIDTH];
            let mut rows = row.chunks_exact_mut(S::WIDTH);
            for [w0, w1, w2, w3] in draw(s, &keys, &columns, c1) {
                s.partial_store_u64s(rows.next().unwrap(), s.join(w0, w1));
                s.partial_store_u64s(rows.next().unwrap(), s.join(w2, w3));
            }
            row
        }
    }

    /// Known-answer vectors published with the Random123 library for philox4x32-10, in every lane of every
    /// kind of register.
    #[test]
    fn known_answers() {
        let cases = [
            (
                [0; 4],
                0,
                [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            ),
            (
                [LOW; 4],
                u64::MAX,
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                0x299f_31d0_a409_3822,
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, words) in cases {
            let [w0, w1, w2, w3]: [u64; 4] = words;
            let expected = [w0 << 32 | w1, w2 << 32 | w3];
            for (name, arch) in every() {
                let row = dispatch(arch, Wide(counter, key));
                let width = row.len() / 4;
                for (i, word) in row.iter().enumerate() {
                    assert_eq!(*word, expected[i / width % 2], "{name}");
                }
            }
        }
    }
}
