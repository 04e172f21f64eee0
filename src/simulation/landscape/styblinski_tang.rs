//! The Styblinski–Tang surface, L = ½ Σᵢ (θᵢ⁴ − 16 θᵢ² + 5 θᵢ).

use super::Kind;
use super::separable::{Profile, Separable, newton};
use crate::float::Float;

/// L(θ) = ½ Σᵢ (θᵢ⁴ − 16 θᵢ² + 5 θᵢ): per coordinate a deep well, a barrier and a shallower well.
///
/// Source: Styblinski & Tang, Neural Networks 3 (1990) 467; the escape experiment of Adaptive
/// Inertia (Xie et al. 2022), Fig. 6.
pub type StyblinskiTang = Separable<Quartic>;

/// f(x) = ½ (x⁴ − 16 x² + 5 x).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quartic;

impl Profile for Quartic {
    fn name(&self) -> &'static str {
        "styblinski-tang"
    }

    #[inline(always)]
    fn value(&self, x: f64) -> f64 {
        0.5 * x * ((x * x - 16.0) * x + 5.0)
    }

    #[inline(always)]
    fn slope<F: Float>(&self, x: F) -> F {
        (F::of(2.0) * x * x - F::of(16.0)) * x + F::of(2.5)
    }

    #[inline(always)]
    fn curvature(&self, x: f64) -> f64 {
        6.0 * x * x - 16.0
    }

    fn stationary(&self) -> Vec<(Kind, f64)> {
        vec![
            (Kind::Minimum, newton(self, -2.9)),
            (Kind::Saddle, newton(self, 0.16)),
            (Kind::Minimum, newton(self, 2.75)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Landscape, barrier};
    use super::*;

    #[test]
    fn critical_points_have_the_known_digits() {
        let found: Vec<f64> = Quartic.stationary().iter().map(|&(_, x)| x).collect();
        let known: [f64; 3] = [
            -2.903_534_027_771_177,
            0.156_731_256_780_340_1,
            2.746_802_770_990_837,
        ];
        for (x, exact) in found.iter().zip(known) {
            // Rounding in f′ is about ε·2.5 to ε·46, divided by f″ ≥ 15: a few ε of x.
            let allowance = 4.0 * f64::EPSILON * exact.abs().max(0.25);
            assert!((x - exact).abs() <= allowance, "{x:e} against {exact:e}");
        }
    }

    #[test]
    fn barrier_and_curvatures_have_the_known_digits() {
        for dim in [1, 10] {
            let surface = StyblinskiTang::new(dim).unwrap();
            let [minimum, saddle] = barrier(&surface).unwrap();
            assert!(
                (saddle.value - minimum.value - 39.361_778_062_827).abs()
                    < 1e-12 * dim as f64 * 40.0
            );
            assert!((surface.hessian(&minimum.theta)[(0, 0)] - 34.583_059).abs() < 5e-7);
            assert!((surface.hessian(&saddle.theta)[(0, 0)] + 15.852_612).abs() < 5e-7);
        }
    }
}
