//! The cubic potential, L = Σᵢ (θᵢ²/2 − θᵢ³/3): one well, one top, no way back.

use super::Kind;
use super::separable::{Profile, Separable};
use crate::float::Float;

/// L(θ) = Σᵢ (θᵢ²/2 − θᵢ³/3): minimum at 0, curvature 1; saddle at 1, curvature −1; ΔL = 1/6.
/// Beyond the top the surface falls without end, so an escape is final.
///
/// Source: the metastable well of Kramers' problem, as in Hänggi, Talkner & Borkovec,
/// Rev. Mod. Phys. 62 (1990) 251.
pub type Cubic = Separable<MetastableWell>;

/// f(x) = x²/2 − x³/3.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MetastableWell;

impl Profile for MetastableWell {
    fn name(&self) -> &'static str {
        "cubic"
    }

    #[inline(always)]
    fn value(&self, x: f64) -> f64 {
        (0.5 - x / 3.0) * x * x
    }

    #[inline(always)]
    fn slope<F: Float>(&self, x: F) -> F {
        (F::of(1.0) - x) * x
    }

    #[inline(always)]
    fn curvature(&self, x: f64) -> f64 {
        1.0 - 2.0 * x
    }

    fn stationary(&self) -> Vec<(Kind, f64)> {
        vec![(Kind::Minimum, 0.0), (Kind::Saddle, 1.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::barrier;
    use super::*;

    #[test]
    fn the_barrier_is_a_sixth() {
        let [minimum, saddle] = barrier(&Cubic::new(1).unwrap()).unwrap();
        assert!((saddle.value - minimum.value - 1.0 / 6.0).abs() <= f64::EPSILON);
    }
}
