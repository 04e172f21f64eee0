//! SGD: θ ← θ − ηg.

use super::entry::{DECOUPLED, ETA, Entry, L2, configured};
use super::{Configured, Rate, Real, Rule};

/// Stochastic gradient descent (Robbins and Monro 1951).
#[derive(Clone, Copy, Debug)]
pub struct Sgd;

impl Sgd {
    /// SGD at a constant η.
    pub fn new(eta: f64) -> Configured<Self> {
        Configured::plain(Sgd, eta)
    }
}

impl Rule for Sgd {
    type Coordinate<N: Real> = [N; 0];
    type Particle<N: Real> = [N; 0];

    #[inline(always)]
    fn update<N: Real>(&self, g: N, _: &mut [N; 0], _: &[N; 0], _: N, rate: &Rate<N>) -> N {
        g * rate.eta.clone()
    }
}

/// SGD.
pub const SGD: Entry = Entry {
    name: "sgd",
    formula: "θ ← θ − ηg",
    source: "Robbins and Monro 1951",
    parameters: &[ETA, L2, DECOUPLED],
    build: &|v| configured(Sgd, v),
    stability_limit: Some(&|_| 2.0),
    degree: &|_| Some(1.0),
    written: None,
};
