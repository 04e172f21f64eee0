//! Two standard normals in single precision from 64 random bits: (±r cos φ, r sin φ), r = √(−2 ln u), |φ| ≤ π/2.
//!
//! No branch, no division and no table. u is an odd multiple of 2⁻³², rounded to a single, so that a normal reaches
//! 6.66σ (u = 2⁻³²), beyond which the normal law has 2.7·10⁻¹¹; r is accurate to a few units in the last place, and
//! what is left of the circular functions' error is below 7·10⁻⁹.

use std::f32::consts::{FRAC_PI_2, LN_2};

use crate::lanes::Lanes;

const SIGN: u32 = 1 << 31;
const ONE: u32 = 0x3F80_0000;
/// The exponent of a single.
const EXPONENT: u32 = 0x7F80_0000;
/// 1 − ⅔ as bits: added, it carries a significand of 4/3 and more into the exponent.
const CARRY: u32 = ONE - 0x3F2A_AAAB;

/// sin(πw/2)/w in w² for |w| ≤ 1.
const SINE: [f32; 5] = [
    1.516_717_1e-4,
    -4.674_143_8e-3,
    7.968_992e-2,
    -0.645_963_8,
    FRAC_PI_2,
];
/// cos(πw/2) in w².
const COSINE: [f32; 6] = [
    -2.382_415_3e-5,
    9.177_229_3e-4,
    -2.086_268_7e-2,
    0.253_669_32,
    -1.233_700_5,
    1.0,
];
/// (−2 ln(1 + z) + 2z)/z² for −⅓ ≤ z < ⅓.
const LOGARITHM: [f32; 8] = [
    -0.268_515,
    0.300_815_28,
    -0.282_366_2,
    0.329_660_35,
    -0.400_075_6,
    0.500_082_9,
    -0.666_666_4,
    0.999_999_7,
];

/// Horner's scheme with fused multiply–adds.
#[inline(always)]
fn horner<S: Lanes>(s: S, x: S::f32s, coefficients: &[f32]) -> S::f32s {
    let mut sum = s.splat_f32s(coefficients[0]);
    for c in &coefficients[1..] {
        sum = s.mul_add_f32s(sum, x, s.splat_f32s(*c));
    }
    sum
}

/// −2 ln u for u in (0, 1], by u = 2ᵉ(1 + z) with ⅔ ≤ 1 + z < 4/3.
#[inline(always)]
fn minus_two_ln<S: Lanes>(s: S, u: S::f32s) -> S::f32s {
    let bits = s.transmute_u32s_f32s(u);
    let carried = s.add_u32s(bits, s.splat_u32s(CARRY));
    let exponent = s.and_u32s(carried, s.splat_u32s(EXPONENT));
    let scaled = s.add_u32s(s.sub_u32s(bits, exponent), s.splat_u32s(ONE));
    let z = s.sub_f32s(s.transmute_f32s_u32s(scaled), s.splat_f32s(1.0));
    // The exponent's bits, taken for a whole number, are 2²³(127 + e).
    let e = s.mul_add_f32s(
        s.signed(exponent),
        s.splat_f32s(1.0 / 8_388_608.0),
        s.splat_f32s(-127.0),
    );
    let curved = s.mul_f32s(s.mul_f32s(z, z), horner(s, z, &LOGARITHM));
    let near = s.mul_add_f32s(z, s.splat_f32s(-2.0), curved);
    s.mul_add_f32s(e, s.splat_f32s(-2.0 * LN_2), near)
}

/// A pair of independent standard normals.
#[inline(always)]
pub fn box_muller<S: Lanes>(s: S, a: S::u32s, b: S::u32s) -> (S::f32s, S::f32s) {
    // (k + ½)/2³¹ from the low 31 bits; the top bit chooses the half circle.
    let sign = s.and_u32s(a, s.splat_u32s(SIGN));
    let k = s.signed(s.xor_u32s(a, sign));
    let unit = s.splat_f32s(1.0 / 2_147_483_648.0);
    let u = s.mul_add_f32s(k, unit, s.splat_f32s(0.5 / 2_147_483_648.0));
    let radius = s.sqrt_f32s(minus_two_ln(s, u));
    let w = s.mul_f32s(s.signed(b), unit);
    let square = s.mul_f32s(w, w);
    let cosine = horner(s, square, &COSINE);
    let sine = s.mul_f32s(w, horner(s, square, &SINE));
    let x = s.transmute_u32s_f32s(s.mul_f32s(radius, cosine));
    (
        s.transmute_f32s_u32s(s.xor_u32s(x, sign)),
        s.mul_f32s(radius, sine),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Scalar;

    /// The logarithm within 3 ε of its value (ε = 2⁻²³): half an ε from each of its last two sums and 7·10⁻⁸ from
    /// the fit. Sine and cosine through pairs of radius √(2 ln 2), within 4 ε.
    #[test]
    fn functions_match_the_standard_library() {
        let mut worst = [0f64; 2];
        for i in 1..=200_000u32 {
            let u = i as f32 / 200_000.0;
            for u in [u, u * 1e-3, u * 1e-9, 1.0 - u * 1e-3] {
                let exact = -2.0 * f64::from(u).ln();
                let ours = f64::from(minus_two_ln(Scalar, u));
                worst[0] = worst[0].max((ours - exact).abs() / exact.max(1e-30));
            }
            let b = i.wrapping_mul(0x9E37_79B9);
            let (x, y) = box_muller(Scalar, 1 << 30, b);
            let r = (2.0 * std::f64::consts::LN_2).sqrt();
            let phi = f64::from(b as i32) / 2f64.powi(31) * std::f64::consts::FRAC_PI_2;
            let error = (f64::from(x) - r * phi.cos()).hypot(f64::from(y) - r * phi.sin());
            worst[1] = worst[1].max(error);
        }
        let worst = worst.map(|error| error / f64::from(f32::EPSILON));
        assert!(worst[0] <= 3.0 && worst[1] <= 4.0, "{worst:?}");
    }

    /// u = 2⁻³²: r = √(64 ln 2) = 6.6604…; the largest k rounds to u = 1, hence r = 0.
    #[test]
    fn extremes_are_finite_and_ordered() {
        let radius = |a: u32| {
            let (x, y) = box_muller(Scalar, a, 12_345);
            f64::from(x).hypot(f64::from(y))
        };
        let most = (64.0 * std::f64::consts::LN_2).sqrt();
        assert!((radius(0) / most - 1.0).abs() < 4.0 * f64::from(f32::EPSILON));
        assert_eq!(radius(0), radius(SIGN));
        assert_eq!(radius(u32::MAX), 0.0);
        assert!(radius(1) < radius(0));
    }

    /// The angle runs once around the circle.
    #[test]
    fn the_angle_covers_the_circle_once() {
        for sixteenth in 0..16u32 {
            let (half, part) = (sixteenth >> 3, sixteenth & 7);
            let b = (part << 29).wrapping_add(1 << 28) ^ SIGN;
            let (x, y) = box_muller(Scalar, half << 31 | 0x1234_5678, b);
            let within = (f64::from(part) + 0.5) / 8.0 - 0.5;
            let turn = if half == 0 { within } else { 1.0 - within };
            let off = f64::from(y).atan2(f64::from(x)) / std::f64::consts::PI - turn;
            assert!((off - off.round() * if off.abs() > 1.5 { 1.0 } else { 0.0 }).abs() < 1e-6);
        }
    }
}
