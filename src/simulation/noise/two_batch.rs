//! Two fresh batches a step: g = (1 + β₀)g⁽ᵃ⁾ − β₀g⁽ᵇ⁾.

use super::{Oracle, Place};
use crate::float::Float;

/// The estimator of Xie et al. 2021 (PNM), eq. 5, over any oracle whose noise is made of the step's normals:
/// two stochastic gradients at the same θ with independent noise. Its mean is ∇L, its covariance γC,
/// γ = (1 + β₀)² + β₀².
pub struct TwoBatch<O> {
    inner: O,
    beta0: f64,
}

impl<O> TwoBatch<O> {
    /// Two gradients of `inner` a step, weighted 1 + β₀ and −β₀.
    pub fn new(inner: O, beta0: f64) -> Self {
        TwoBatch { inner, beta0 }
    }
}

impl<F: Float, O: Oracle<F>> Oracle<F> for TwoBatch<O> {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn normals(&self) -> usize {
        2 * self.inner.normals()
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.inner.scratch(lanes) + self.inner.dim() * lanes
    }

    fn gradient(&self, at: Place<'_, F>, gradient: &mut [F], scratch: &mut [F]) {
        let (negative, scratch) = scratch.split_at_mut(gradient.len());
        let (first, second) = at.normals.split_at(self.inner.normals() * at.lanes);
        let positive = Place {
            normals: first,
            ..at
        };
        self.inner.gradient(positive, gradient, scratch);
        let other = Place {
            normals: second,
            ..at
        };
        self.inner.gradient(other, negative, scratch);
        let (plus, minus) = (F::of(1.0 + self.beta0), F::of(self.beta0));
        for (g, h) in gradient.iter_mut().zip(negative) {
            *g = plus * *g - minus * *h;
        }
    }
}
