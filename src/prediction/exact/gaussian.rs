//! Gaussian tails with relative accuracy, and the exits of a Brownian bridge.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// P(ξ > z) for a standard normal.
pub(super) fn upper_tail(z: f64) -> f64 {
    0.5 * complementary_error(z * FRAC_1_SQRT_2)
}

/// The density of a standard normal.
pub(super) fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// Probability that a step from `distance` below a boundary to a normal (`gap` below it on average,
/// standard deviation 1) ends below the boundary after crossing it on the way.
///
/// ∫₀^∞ φ(z − μ) e^{−2az} dz = e^{2a² − 2aμ} P(ξ < μ − 2a) = ½ e^{−μ²/2} erfcx((2a − μ)/√2), with
/// a = `distance` and μ = `gap` in standard deviations: the reflection principle for a bridge.
pub(super) fn crossed_and_back(distance: f64, gap: f64) -> f64 {
    let z = (2.0 * distance - gap) * FRAC_1_SQRT_2;
    if z < 1.0 {
        (2.0 * distance * (distance - gap)).exp() * 0.5 * complementary_error(z)
    } else {
        0.5 * (-0.5 * gap * gap).exp() * scaled_complement(z)
    }
}

/// erfc(z) to a few ulp, where the usual rational approximations leave 1e-11: exit probabilities
/// enter a mean time with their relative error.
fn complementary_error(z: f64) -> f64 {
    if z >= 1.0 {
        return (-z * z).exp() * scaled_complement(z);
    }
    if z <= -1.0 {
        return 2.0 - complementary_error(-z);
    }
    // erf z = 2z/√π e^{−z²} Σ (2z²)^k / (2k + 1)!!, all terms of one sign (Abramowitz and Stegun 7.1.6).
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..40 {
        term *= 2.0 * z * z / f64::from(2 * k + 1);
        sum += term;
    }
    1.0 - 2.0 * z / PI.sqrt() * (-z * z).exp() * sum
}

/// e^{z²} erfc(z) for z ≥ 1, by its continued fraction (Abramowitz and Stegun 7.1.14).
///
/// The error falls like e^{−2z√(2n)} with n terms, below 1e-17 for n = 200/z² + 10.
fn scaled_complement(z: f64) -> f64 {
    let terms = (200.0 / (z * z)).ceil() + 10.0;
    let mut fraction = z;
    for k in (1..=terms as u32).rev() {
        fraction = z + 0.5 * f64::from(k) / fraction;
    }
    1.0 / (PI.sqrt() * fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_keep_their_relative_accuracy() {
        // Values to 16 digits by 30-digit arithmetic.
        for (z, expected) in [
            (-1.0, 0.841_344_746_068_542_9),
            (1.0, 0.158_655_253_931_457_05),
            (1.4, 0.080_756_659_233_771_06),
            (1.5, 0.066_807_201_268_858_06),
            (8.0, 6.220_960_574_271_785e-16),
            (30.0, 4.906_713_927_148_187e-198),
        ] {
            let error = (upper_tail(z) / expected - 1.0).abs();
            // z² ε from the rounding of the argument.
            assert!(error < 2e-16 * (4.0 + z * z), "{z}: {error}");
        }
        assert!((density(0.0) - 0.398_942_280_401_432_7).abs() < 1e-16);
    }

    #[test]
    fn without_drift_the_bridge_doubles_the_exits() {
        for a in [0.1, 1.0, 4.0, 9.0] {
            let ratio = crossed_and_back(a, a) / upper_tail(a);
            assert!((ratio - 1.0).abs() < 1e-13, "{a}: {ratio}");
        }
    }

    #[test]
    fn both_branches_agree_with_their_integral() {
        for (distance, gap) in [(0.4, 1.1), (3.0, 1.0), (4.0, 0.5), (6.0, 9.0), (0.3, -2.0)] {
            // Midpoint rule; its error is the boundary term h²/24 of the slope at 0.
            let h = 1e-4;
            let sum: f64 = (0..200_000)
                .map(|i| {
                    let z = (f64::from(i) + 0.5) * h;
                    density(z - gap) * (-2.0 * distance * z).exp() * h
                })
                .sum();
            let ratio = crossed_and_back(distance, gap) / sum;
            assert!((ratio - 1.0).abs() < 1e-6, "{distance} {gap}: {ratio}");
        }
    }
}
