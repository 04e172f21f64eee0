//! SGD: θ ← θ − ηg.

use super::{Real, Rule};

/// Stochastic gradient descent (Robbins and Monro 1951).
#[derive(Clone, Copy, Debug)]
pub struct Sgd;

impl Rule for Sgd {
    type Coordinate<N: Real> = [N; 0];
    type Particle<N: Real> = [N; 0];

    #[inline(always)]
    fn update<N: Real>(&self, gradient: N, _: &mut [N; 0], _: &[N; 0], _: N, eta: f64) -> N {
        gradient.scale(eta)
    }
}
