//! What the generator and minibatches need of a vector register beyond [`pulp::Simd`], for each instruction set.
//!
//! Every operation is exact, so that one algorithm gives one result on all of them.

use pulp::{Arch, Scalar, Simd, WithSimd, cast};

const LOW: u64 = 0xFFFF_FFFF;
/// The fraction of a double.
pub const FRACTION: u64 = 0x000F_FFFF_FFFF_FFFF;
const ONE: u64 = 0x3FF0_0000_0000_0000;

/// 64-bit lanes that can be multiplied in halves, taken apart as doubles and used to look things up.
pub trait Lanes: Simd {
    /// Lanes in a register.
    const WIDTH: usize = size_of::<Self::u64s>() / size_of::<u64>();

    /// The 64-bit product of the low halves.
    fn product(self, a: Self::u64s, b: Self::u64s) -> Self::u64s;
    /// The two halves of each lane exchanged.
    fn exchange(self, a: Self::u64s) -> Self::u64s;
    /// The low half of `high` above the low half of `low`.
    fn join(self, high: Self::u64s, low: Self::u64s) -> Self::u64s;
    /// a/2, rounded down.
    fn halve(self, a: Self::u64s) -> Self::u64s;
    /// ⌊log₂ x⌋ for a positive normal x.
    fn exponent(self, x: Self::f64s) -> Self::f64s;
    /// x scaled by a power of 2 into [1, 2), for a positive normal x.
    fn significand(self, x: Self::f64s) -> Self::f64s;
    /// The entry for x: which eighth of [1, 2) its significand lies in.
    fn look_up(self, table: &Table, x: Self::f64s) -> Self::f64s;
    /// The same for a table whose entries have nothing in their low halves.
    fn look_up_high(self, table: &Table, x: Self::f64s) -> Self::f64s;
    /// Writes the low halves of `a`'s lanes, then of `b`'s, to the front of `to`.
    fn store_low(self, a: Self::u64s, b: Self::u64s, to: &mut [u32]);
    /// 32-bit lanes, taken for signed whole numbers, as the nearest singles.
    fn signed(self, a: Self::u32s) -> Self::f32s;
    /// The columns of a matrix of four, whose row `l` is the one for lane l.
    fn columns<'a>(self, row: impl Fn(usize) -> &'a [f64; 4]) -> [Self::f64s; 4];
}

/// Eight doubles, whole and in halves: AVX2 can pick among eight halves only.
#[repr(C, align(64))]
pub struct Table {
    whole: [f64; 8],
    high: [u32; 8],
    low: [u32; 8],
}

impl Table {
    /// A table of these entries.
    pub const fn new(whole: [f64; 8]) -> Self {
        let (mut high, mut low) = ([0; 8], [0; 8]);
        let mut i = 0;
        while i < 8 {
            high[i] = (whole[i].to_bits() >> 32) as u32;
            low[i] = whole[i].to_bits() as u32;
            i += 1;
        }
        Table { whole, high, low }
    }
}

/// Exponents by integer arithmetic: 2⁵² + (exponent + bias) is a double that needs no conversion.
const SHIFTED: u64 = 0x4330_0000_0000_0000;
const SHIFT: f64 = 4_503_599_627_370_496.0 + 1023.0;

impl Lanes for Scalar {
    #[inline(always)]
    fn product(self, a: u64, b: u64) -> u64 {
        (a & LOW) * (b & LOW)
    }
    #[inline(always)]
    fn exchange(self, a: u64) -> u64 {
        a.rotate_left(32)
    }
    #[inline(always)]
    fn join(self, high: u64, low: u64) -> u64 {
        high << 32 | low & LOW
    }
    #[inline(always)]
    fn halve(self, a: u64) -> u64 {
        a >> 1
    }
    #[inline(always)]
    fn exponent(self, x: f64) -> f64 {
        f64::from_bits(x.to_bits() >> 52 | SHIFTED) - SHIFT
    }
    #[inline(always)]
    fn significand(self, x: f64) -> f64 {
        f64::from_bits(x.to_bits() & FRACTION | ONE)
    }
    #[inline(always)]
    fn look_up(self, table: &Table, x: f64) -> f64 {
        table.whole[(x.to_bits() >> 49 & 7) as usize]
    }
    #[inline(always)]
    fn look_up_high(self, table: &Table, x: f64) -> f64 {
        self.look_up(table, x)
    }
    #[inline(always)]
    fn store_low(self, a: u64, b: u64, to: &mut [u32]) {
        to[..2].copy_from_slice(&[a as u32, b as u32]);
    }
    #[inline(always)]
    fn signed(self, a: u32) -> f32 {
        a as i32 as f32
    }
    #[inline(always)]
    fn columns<'a>(self, row: impl Fn(usize) -> &'a [f64; 4]) -> [f64; 4] {
        *row(0)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{_MM_MANT_NORM_1_2, _MM_MANT_SIGN_ZERO};

    use pulp::x86::{V3, V4};

    use super::*;

    impl Lanes for V3 {
        #[inline(always)]
        fn product(self, a: Self::u64s, b: Self::u64s) -> Self::u64s {
            cast(self.avx2._mm256_mul_epu32(cast(a), cast(b)))
        }
        #[inline(always)]
        fn exchange(self, a: Self::u64s) -> Self::u64s {
            cast(self.avx2._mm256_shuffle_epi32::<0b10_11_00_01>(cast(a)))
        }
        #[inline(always)]
        fn join(self, high: Self::u64s, low: Self::u64s) -> Self::u64s {
            let high = self.avx2._mm256_slli_epi64::<32>(cast(high));
            cast(
                self.avx2
                    ._mm256_blend_epi32::<0b10_10_10_10>(cast(low), high),
            )
        }
        #[inline(always)]
        fn halve(self, a: Self::u64s) -> Self::u64s {
            cast(self.avx2._mm256_srli_epi64::<1>(cast(a)))
        }
        #[inline(always)]
        fn exponent(self, x: Self::f64s) -> Self::f64s {
            let biased = cast(self.avx2._mm256_srli_epi64::<52>(cast(x)));
            let shifted = self.or_u64s(biased, self.splat_u64s(SHIFTED));
            self.sub_f64s(cast(shifted), self.splat_f64s(SHIFT))
        }
        #[inline(always)]
        fn significand(self, x: Self::f64s) -> Self::f64s {
            let fraction = self.and_u64s(cast(x), self.splat_u64s(FRACTION));
            cast(self.or_u64s(fraction, self.splat_u64s(ONE)))
        }
        #[inline(always)]
        fn look_up(self, table: &Table, x: Self::f64s) -> Self::f64s {
            let [high, low] = [table.high, table.low].map(|halves| pick(self, halves, x));
            cast(self.join(high, low))
        }
        #[inline(always)]
        fn look_up_high(self, table: &Table, x: Self::f64s) -> Self::f64s {
            let high = pick(self, table.high, x);
            cast(self.avx2._mm256_slli_epi64::<32>(cast(high)))
        }
        #[inline(always)]
        fn store_low(self, a: Self::u64s, b: Self::u64s, to: &mut [u32]) {
            // Each half of the register has two of a's and two of b's, which then go to their places.
            let mixed = self
                .avx
                ._mm256_shuffle_ps::<0b10_00_10_00>(cast(a), cast(b));
            let low = self
                .avx2
                ._mm256_permute4x64_epi64::<0b11_01_10_00>(cast(mixed));
            Self::as_mut_simd_u32s(to).0[0] = cast(low);
        }
        #[inline(always)]
        fn signed(self, a: Self::u32s) -> Self::f32s {
            cast(self.avx._mm256_cvtepi32_ps(cast(a)))
        }
        #[inline(always)]
        fn columns<'a>(self, row: impl Fn(usize) -> &'a [f64; 4]) -> [Self::f64s; 4] {
            let row = |l| cast(*row(l));
            // Pairs of rows beside each other, by even and by odd columns.
            let (even, odd) = (
                [
                    self.avx._mm256_unpacklo_pd(row(0), row(1)),
                    self.avx._mm256_unpacklo_pd(row(2), row(3)),
                ],
                [
                    self.avx._mm256_unpackhi_pd(row(0), row(1)),
                    self.avx._mm256_unpackhi_pd(row(2), row(3)),
                ],
            );
            let first = |[a, b]: [_; 2]| cast(self.avx._mm256_permute2f128_pd::<0x20>(a, b));
            let second = |[a, b]: [_; 2]| cast(self.avx._mm256_permute2f128_pd::<0x31>(a, b));
            [first(even), first(odd), second(even), second(odd)]
        }
    }

    /// Half an entry for each lane, in the low half of the lane.
    #[inline(always)]
    fn pick(simd: V3, halves: [u32; 8], x: <V3 as Simd>::f64s) -> <V3 as Simd>::u64s {
        // Only the three lowest bits of each half of the index count.
        let eighth = simd.avx2._mm256_srli_epi64::<49>(cast(x));
        cast(simd.avx2._mm256_permutevar8x32_epi32(cast(halves), eighth))
    }

    impl Lanes for V4 {
        #[inline(always)]
        fn product(self, a: Self::u64s, b: Self::u64s) -> Self::u64s {
            cast(self.avx512f._mm512_mul_epu32(cast(a), cast(b)))
        }
        #[inline(always)]
        fn exchange(self, a: Self::u64s) -> Self::u64s {
            cast(self.avx512f._mm512_shuffle_epi32::<0b10_11_00_01>(cast(a)))
        }
        #[inline(always)]
        fn join(self, high: Self::u64s, low: Self::u64s) -> Self::u64s {
            let high = cast(self.avx512f._mm512_slli_epi64::<32>(cast(high)));
            self.or_u64s(high, self.and_u64s(low, self.splat_u64s(LOW)))
        }
        #[inline(always)]
        fn halve(self, a: Self::u64s) -> Self::u64s {
            cast(self.avx512f._mm512_srli_epi64::<1>(cast(a)))
        }
        #[inline(always)]
        fn exponent(self, x: Self::f64s) -> Self::f64s {
            cast(self.avx512f._mm512_getexp_pd(cast(x)))
        }
        #[inline(always)]
        fn significand(self, x: Self::f64s) -> Self::f64s {
            cast(
                self.avx512f
                    ._mm512_getmant_pd::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_ZERO>(cast(x)),
            )
        }
        #[inline(always)]
        fn look_up(self, table: &Table, x: Self::f64s) -> Self::f64s {
            let eighth = self.avx512f._mm512_srli_epi64::<49>(cast(x));
            cast(
                self.avx512f
                    ._mm512_permutexvar_pd(eighth, cast(table.whole)),
            )
        }
        #[inline(always)]
        fn look_up_high(self, table: &Table, x: Self::f64s) -> Self::f64s {
            self.look_up(table, x)
        }
        #[inline(always)]
        fn store_low(self, a: Self::u64s, b: Self::u64s, to: &mut [u32]) {
            let a = self.avx512f._mm512_cvtepi64_epi32(cast(a));
            let b = self.avx512f._mm512_cvtepi64_epi32(cast(b));
            Self::as_mut_simd_u32s(to).0[0] = cast([a, b]);
        }
        #[inline(always)]
        fn signed(self, a: Self::u32s) -> Self::f32s {
            cast(self.avx512f._mm512_cvtepi32_ps(cast(a)))
        }
        #[inline(always)]
        fn columns<'a>(self, row: impl Fn(usize) -> &'a [f64; 4]) -> [Self::f64s; 4] {
            // Row l above row l + 4: each half of the register is turned as by AVX2.
            let rows = |l: usize| cast([*row(l), *row(l + 4)]);
            let simd = self.avx512f;
            let (even, odd) = (
                [
                    simd._mm512_unpacklo_pd(rows(0), rows(1)),
                    simd._mm512_unpacklo_pd(rows(2), rows(3)),
                ],
                [
                    simd._mm512_unpackhi_pd(rows(0), rows(1)),
                    simd._mm512_unpackhi_pd(rows(2), rows(3)),
                ],
            );
            let pick = |[a, b]: [_; 2], which: [u64; 8]| {
                cast(simd._mm512_permutex2var_pd(a, cast(which), b))
            };
            let first = [0, 1, 8, 9, 4, 5, 12, 13];
            let second = [2, 3, 10, 11, 6, 7, 14, 15];
            [
                pick(even, first),
                pick(odd, first),
                pick(even, second),
                pick(odd, second),
            ]
        }
    }
}

/// An operation written over any [`Lanes`].
pub trait WithLanes {
    /// What it returns.
    type Output;
    /// Does it with registers of this kind; must be inlined.
    fn with_lanes<S: Lanes>(self, simd: S) -> Self::Output;
}

/// An operation bound to one instruction set, so that `pulp` compiles it for that set.
struct On<S, Op> {
    simd: S,
    op: Op,
}

impl<S: Lanes, Op: WithLanes> WithSimd for On<S, Op> {
    type Output = Op::Output;

    #[inline(always)]
    fn with_simd<T: Simd>(self, _: T) -> Op::Output {
        self.op.with_lanes(self.simd)
    }
}

/// Runs `op` with the registers of `arch`. Processors other than x86-64 take one lane at a time.
#[inline(always)]
pub fn dispatch<Op: WithLanes>(arch: Arch, op: Op) -> Op::Output {
    #[cfg(target_arch = "x86_64")]
    match arch {
        Arch::V4(simd) => return Simd::vectorize(simd, On { simd, op }),
        Arch::V3(simd) => return Simd::vectorize(simd, On { simd, op }),
        _ => {}
    }
    let _ = arch;
    op.with_lanes(Scalar)
}

/// Every instruction set that this machine has, and the portable code.
#[cfg(test)]
pub fn every() -> Vec<(&'static str, Arch)> {
    let mut all = vec![("portable", Arch::Scalar)];
    #[cfg(target_arch = "x86_64")]
    {
        all.extend(pulp::x86::V3::try_new().map(|simd| ("AVX2", Arch::V3(simd))));
        all.extend(pulp::x86::V4::try_new().map(|simd| ("AVX-512", Arch::V4(simd))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All operations on a register's worth of one pair of words.
    struct All(u64, u64);

    impl WithLanes for All {
        type Output = Vec<Vec<u64>>;

        #[inline(always)]
        fn with_lanes<S: Lanes>(self, s: S) -> Vec<Vec<u64>> {
            static TABLE: Table = Table::new([0.1, -0.2, 0.3, 0.4, 1e300, 0.6, 1e-300, 0.8]);
            static SHORT: Table = Table::new([1.0, -2.5, 3.75, 0.5, -8.0, 0.25, 1.125, 7.0]);
            let (a, b) = (s.splat_u64s(self.0), s.splat_u64s(self.1));
            let positive = (self.0 >> 2).max(1 << 52);
            let x = s.transmute_f64s_u64s(s.splat_u64s(positive));
            let doubles = [
                s.exponent(x),
                s.significand(x),
                s.look_up(&TABLE, x),
                s.look_up_high(&SHORT, x),
            ];
            let words = [s.product(a, b), s.exchange(a), s.join(a, b), s.halve(a)];
            let words = words.iter().copied();
            let mut low = vec![0; 2 * S::WIDTH];
            s.store_low(a, b, &mut low);
            let (a_low, b_low) = low.split_at(S::WIDTH);
            let [a_low, b_low] =
                [a_low, b_low].map(|row| row.iter().map(|w| u64::from(*w)).collect());
            let single = s.signed(s.splat_u32s(self.0 as u32));
            let mut row = vec![0.0; S::F32_LANES];
            s.partial_store_f32s(&mut row, single);
            let single = row.iter().map(|x| u64::from(x.to_bits())).collect();
            words
                .chain(doubles.iter().map(|&d| s.transmute_u64s_f64s(d)))
                .map(|w| {
                    let mut row = vec![0; S::WIDTH];
                    s.partial_store_u64s(&mut row, w);
                    row
                })
                .chain([a_low, b_low, single])
                .collect()
        }
    }

    /// The columns of rows that count up.
    struct Turned([[f64; 4]; 8]);

    impl WithLanes for Turned {
        type Output = [Vec<f64>; 4];

        #[inline(always)]
        fn with_lanes<S: Lanes>(self, s: S) -> [Vec<f64>; 4] {
            s.columns(|l| &self.0[l]).map(|column| {
                let mut lanes = vec![0.0; S::WIDTH];
                s.partial_store_f64s(&mut lanes, column);
                lanes
            })
        }
    }

    #[test]
    fn rows_are_turned_into_columns() {
        let rows: [[f64; 4]; 8] = std::array::from_fn(|l| [0, 1, 2, 3].map(|i| (4 * l + i) as f64));
        for (name, arch) in every() {
            for (i, column) in dispatch(arch, Turned(rows)).iter().enumerate() {
                assert!(
                    column.iter().zip(&rows).all(|(x, row)| *x == row[i]),
                    "{name} {i}"
                );
            }
        }
    }

    #[test]
    fn instruction_sets_agree_and_are_right() {
        let mut word = 0x0123_4567_89AB_CDEFu64;
        for _ in 0..10_000 {
            let (a, b) = (word, word.wrapping_mul(0xD129_0D3B_3F15_94C5));
            word = b ^ b >> 29;
            let x = f64::from_bits((a >> 2).max(1 << 52));
            let e = (x.to_bits() >> 52) as i32 - 1023;
            assert_eq!(Scalar.exponent(x), f64::from(e));
            assert_eq!(Scalar.significand(x), x / 2f64.powi(e.max(-1022)));
            for (name, arch) in every() {
                let portable = dispatch(Arch::Scalar, All(a, b));
                for (i, row) in dispatch(arch, All(a, b)).iter().enumerate() {
                    assert!(row.iter().all(|w| *w == portable[i][0]), "{name} {i}");
                }
            }
        }
    }
}
