//! The cosine surface, L = Σᵢ (1 − cos θᵢ): periodic wells, a pendulum in each coordinate.

use std::f64::consts::PI;

use super::Kind;
use super::separable::{Profile, Separable};
use crate::float::Float;

/// L(θ) = Σᵢ (1 − cos θᵢ): minima at 2πk, curvature 1; saddles between them, curvature −1; ΔL = 2.
///
/// Smooth and periodic, so that expectations on it follow from Fourier series to rounding. Source: Risken, The
/// Fokker–Planck Equation, ch. 11.
pub type Cosine = Separable<Wave>;

/// f(x) = 1 − cos x.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wave;

impl Profile for Wave {
    fn name(&self) -> &'static str {
        "cosine"
    }

    #[inline(always)]
    fn value(&self, x: f64) -> f64 {
        1.0 - x.cos()
    }

    #[inline(always)]
    fn slope<F: Float>(&self, x: F) -> F {
        x.sin()
    }

    #[inline(always)]
    fn curvature(&self, x: f64) -> f64 {
        x.cos()
    }

    fn stationary(&self) -> Vec<(Kind, f64)> {
        vec![
            (Kind::Minimum, 0.0),
            (Kind::Saddle, PI),
            (Kind::Minimum, 2.0 * PI),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::barrier;
    use super::*;

    #[test]
    fn the_barrier_is_two() {
        let [minimum, saddle] = barrier(&Cosine::new(1).unwrap()).unwrap();
        assert!((saddle.value - minimum.value - 2.0).abs() < 1e-15);
        assert!((saddle.theta[0].abs() - PI).abs() < 1e-15);
    }
}
