//! The symmetric double well, L = Σᵢ (θᵢ⁴/4 − θᵢ²/2).

use super::Kind;
use super::separable::{Profile, Separable};
use crate::float::Float;

/// L(θ) = Σᵢ (θᵢ⁴/4 − θᵢ²/2): minima at ±1, curvature 2; saddle at 0, curvature −1; ΔL = ¼.
///
/// Source: Kramers, Physica 7 (1940) 284; the usual form as in Risken, The Fokker–Planck Equation.
pub type DoubleWell = Separable<TwoWells>;

/// f(x) = x⁴/4 − x²/2.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TwoWells;

impl Profile for TwoWells {
    fn name(&self) -> &'static str {
        "double-well"
    }

    #[inline(always)]
    fn value(&self, x: f64) -> f64 {
        let square = x * x;
        (0.25 * square - 0.5) * square
    }

    #[inline(always)]
    fn slope<F: Float>(&self, x: F) -> F {
        (x * x - F::of(1.0)) * x
    }

    #[inline(always)]
    fn curvature(&self, x: f64) -> f64 {
        3.0 * x * x - 1.0
    }

    fn stationary(&self) -> Vec<(Kind, f64)> {
        vec![
            (Kind::Minimum, -1.0),
            (Kind::Saddle, 0.0),
            (Kind::Minimum, 1.0),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::barrier;
    use super::*;

    #[test]
    fn the_barrier_is_a_quarter_in_any_dimension() {
        for dim in [1, 4] {
            let [minimum, saddle] = barrier(&DoubleWell::new(dim).unwrap()).unwrap();
            assert_eq!(saddle.value - minimum.value, 0.25);
            assert_eq!(saddle.theta[0], 0.0);
        }
    }
}
