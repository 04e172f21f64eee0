//! Two standard normals from 128 random bits: (±r cos φ, r sin φ), r = √(−2 ln u), |φ| ≤ π/2.
//!
//! No branch and no division. Polynomials are minimax fits computed for these intervals; the transform is
//! accurate to a few units in the last place and reaches 8.49σ (u = 2⁻⁵²).

use std::f64::consts::{FRAC_PI_2, LN_2};
use std::hint::black_box;

use pulp::Scalar;

use crate::lanes::{FRACTION, Lanes, Table};

const TWO: u64 = 0x4000_0000_0000_0000;
const SIGN: u64 = 1 << 63;

/// −2/c for the eighths of [1, 2), c near their middle but c = 2 in the last, rounded so that it has
/// twenty bits: then m · 2/c loses nothing that matters, and ln 1 = 0 comes out exactly.
static SCALE: Table = Table::new([
    -1.882_352_828_979_492_2,
    -1.684_210_777_282_714_8,
    -1.523_809_432_983_398_4,
    -1.391_304_016_113_281_2,
    -1.279_999_732_971_191_4,
    -1.185_185_432_434_082,
    -1.103_447_914_123_535_2,
    -1.0,
]);

/// −2 ln(c/2).
static LOGARITHM: Table = Table::new([
    1.265_044_998_277_727_9,
    1.042_594_145_289_773_8,
    0.842_426_810_943_314,
    0.660_482_896_903_938_7,
    0.493_719_738_630_494_6,
    0.339_798_490_823_264_85,
    0.196_879_489_975_305_05,
    0.0,
]);

/// A polynomial, highest coefficient first. Each coefficient fills a register's worth of memory, where an
/// instruction can take it from: as constants in the code they would crowd out the registers.
type Polynomial<const N: usize> = [[f64; 8]; N];

const fn polynomial<const N: usize>(coefficients: [f64; N]) -> Polynomial<N> {
    let mut rows = [[0.0; 8]; N];
    let mut i = 0;
    while i < N {
        rows[i] = [coefficients[i]; 8];
        i += 1;
    }
    rows
}

/// The polynomials of the transform.
#[repr(align(64))]
pub struct Coefficients {
    // (−2 ln(1 − s/2) − s)/s² in s² for |s| ≤ 1/8: the even part, and the odd part over s.
    even: Polynomial<5>,
    odd: Polynomial<4>,
    // sin(πw/2)/w and cos(πw/2) in w² for |w| ≤ 1.
    sine: Polynomial<9>,
    cosine: Polynomial<9>,
}

static COEFFICIENTS: Coefficients = Coefficients {
    even: polynomial([
        1.971_685_658_789_918_4e-4,
        9.765_319_153_600_322e-4,
        5.208_333_550_980_626e-3,
        3.124_999_999_939_451_2e-2,
        0.250_000_000_000_000_4,
    ]),
    odd: polynomial([
        4.373_674_534_336_666e-4,
        2.232_100_021_873_886e-3,
        1.250_000_021_340_036e-2,
        8.333_333_333_301_275e-2,
    ]),
    sine: polynomial([
        5.870_610_982_837_442e-12,
        -6.684_321_720_679_74e-10,
        5.692_134_872_719_602e-8,
        -3.598_843_007_208_697e-6,
        1.604_411_847_068_220_7e-4,
        -4.681_754_135_302_643e-3,
        7.969_262_624_616_544e-2,
        -0.645_964_097_506_246_2,
        FRAC_PI_2,
    ]),
    cosine: polynomial([
        6.333_542_223_764_13e-11,
        -6.382_312_463_486_86e-9,
        4.710_832_074_965_463e-7,
        -2.520_203_990_496_159_2e-5,
        9.192_602_740_077_617e-4,
        -2.086_348_076_319_788_4e-2,
        0.253_669_507_901_034_04,
        -1.233_700_550_136_169_3,
        1.0,
    ]),
};

impl Coefficients {
    /// The coefficients, by an address that the compiler cannot see through.
    pub fn in_memory() -> &'static Self {
        black_box(&COEFFICIENTS)
    }
}

/// Horner's scheme with fused multiply–adds.
#[inline(always)]
fn horner<S: Lanes, const N: usize>(s: S, x: S::f64s, rows: &Polynomial<N>) -> S::f64s {
    let coefficient = |row: &[f64; 8]| S::as_simd_f64s(row).0[0];
    let mut sum = coefficient(&rows[0]);
    for row in &rows[1..] {
        sum = s.mul_add_f64s(sum, x, coefficient(row));
    }
    sum
}

/// −2 ln(v/2) for normal v in (0, 2): v = 2ᵉm with m in [1, 2), s = 2 − 2m/c, and
/// −2 ln(v/2) = −2e ln 2 − 2 ln(c/2) − 2 ln(1 − s/2). Positive, and accurate relative to itself.
#[inline(always)]
fn minus_two_ln_half<S: Lanes>(s: S, v: S::f64s, with: &Coefficients) -> S::f64s {
    let scale = s.look_up_high(&SCALE, v);
    let small = s.mul_add_f64s(s.significand(v), scale, s.splat_f64s(2.0));
    let square = s.mul_f64s(small, small);
    let (even, odd) = (horner(s, square, &with.even), horner(s, square, &with.odd));
    let rest = s.mul_add_f64s(odd, small, even);
    let powers = s.splat_f64s(-2.0 * LN_2);
    let large = s.mul_add_f64s(s.exponent(v), powers, s.look_up(&LOGARITHM, v));
    s.mul_add_f64s(square, rest, s.add_f64s(large, small))
}

/// sin(πw/2)/w and cos(πw/2) for |w| ≤ 1.
#[inline(always)]
fn sine_and_cosine<S: Lanes>(s: S, w: S::f64s, with: &Coefficients) -> (S::f64s, S::f64s) {
    let square = s.mul_f64s(w, w);
    (
        horner(s, square, &with.sine),
        horner(s, square, &with.cosine),
    )
}

/// Uniform in [2, 4), an odd multiple of 2⁻⁵¹ away from both ends, from the low 52 bits.
#[inline(always)]
fn two_to_four<S: Lanes>(s: S, bits: S::u64s) -> S::f64s {
    let fraction = s.and_u64s(bits, s.splat_u64s(FRACTION));
    s.transmute_f64s_u64s(s.or_u64s(fraction, s.splat_u64s(TWO | 1)))
}

/// A uniform in (0, 1): an odd multiple of 2⁻⁵².
#[inline(always)]
pub fn open_uniform(bits: u64) -> f64 {
    0.5 * (4.0 - two_to_four(Scalar, bits))
}

/// A pair of independent standard normals.
#[inline(always)]
pub fn box_muller<S: Lanes>(
    s: S,
    a: S::u64s,
    b: S::u64s,
    with: &Coefficients,
) -> (S::f64s, S::f64s) {
    let v = s.sub_f64s(s.splat_f64s(4.0), two_to_four(s, a));
    let radius = s.sqrt_f64s(minus_two_ln_half(s, v, with));
    let w = s.sub_f64s(two_to_four(s, b), s.splat_f64s(3.0));
    let (sine, cosine) = sine_and_cosine(s, w, with);
    // The top bit of b chooses the half circle.
    let sign = s.and_u64s(b, s.splat_u64s(SIGN));
    let x = s.transmute_u64s_f64s(s.mul_f64s(radius, cosine));
    (
        s.transmute_f64s_u64s(s.xor_u64s(x, sign)),
        s.mul_f64s(s.mul_f64s(radius, w), sine),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn pair(a: u64, b: u64) -> (f64, f64) {
        box_muller(Scalar, a, b, &COEFFICIENTS)
    }

    /// Within 2 ε of the value for the logarithm (ε = 2⁻⁵², so 2 to 4 ulp) and 1.5 ε of 1 for the circular
    /// functions, whose argument is exact where the library's is rounded: |Δφ| ≤ ε π/4 is allowed for.
    #[test]
    fn logarithm_and_circular_functions_match_the_standard_library() {
        let mut worst = [0f64; 3];
        for i in 1..=200_000u32 {
            let u = f64::from(i) / 200_001.0;
            for u in [u, u * 1e-6, u * 1e-12, 1.0 - u * 1e-4, 1.0 - u * 1e-9] {
                let ours = minus_two_ln_half(Scalar, 2.0 * u, &COEFFICIENTS);
                let reference = -2.0 * u.ln();
                worst[0] = worst[0].max((ours / reference - 1.0).abs());
            }
            let w = 2.0 * u - 1.0;
            let (sine, cosine) = sine_and_cosine(Scalar, w, &COEFFICIENTS);
            let (s, c) = (w * FRAC_PI_2).sin_cos();
            worst[1] = worst[1].max((w * sine - s).abs());
            worst[2] = worst[2].max((cosine - c).abs());
        }
        let worst = worst.map(|error| error / f64::EPSILON);
        assert!(worst[0] <= 2.0, "{worst:?}");
        assert!(worst[1].max(worst[2]) <= 1.5, "{worst:?}");
    }

    #[test]
    fn extremes_are_finite_and_ordered() {
        assert_eq!(open_uniform(0), 1.0 - 2f64.powi(-52));
        assert_eq!(open_uniform(u64::MAX), 2f64.powi(-52));
        let radius = |a| pair(a, 1).0.hypot(pair(a, 1).1);
        // u = 2⁻⁵²: r = √(104 ln 2) = 8.4904…; u = 1 − 2⁻⁵²: r = √(2·2⁻⁵²).
        assert!((radius(u64::MAX) - (104.0 * LN_2).sqrt()).abs() < 4.0 * f64::EPSILON * 8.0);
        assert!((radius(0) / 2f64.powf(-25.5) - 1.0).abs() < 4.0 * f64::EPSILON);
    }

    /// The angle runs once around the circle: its 2⁴ sixteenths, each found at the place it should be.
    #[test]
    fn the_angle_covers_the_circle_once() {
        for sixteenth in 0..16u64 {
            let (half, part) = (sixteenth >> 3, sixteenth & 7);
            let b = half << 63 | part << 49 | 1 << 48;
            let (x, y) = pair(0x1234_5678_9ABC_DEF0, b);
            let within = (part as f64 + 0.5) / 8.0 - 0.5;
            let expected = if half == 0 {
                within * PI
            } else {
                (1.0 - within) * PI
            };
            let turn = (y.atan2(x) - expected).rem_euclid(2.0 * PI);
            assert!(turn.min(2.0 * PI - turn) < 1e-14, "{sixteenth}");
        }
    }
}
