//! SGDM in the exponential-average form: m ← β₁m + (1 − β₁)g, θ ← θ − ηm.

use super::entry::{BETA1, DECOUPLED, ETA, Entry, L2, configured};
use super::moments::average;
use super::{Rate, Real, Rule};

/// SGD with momentum (Wang et al. 2024, Def. 3.3): the buffer is an average that starts at 0.
#[derive(Clone, Copy, Debug)]
pub struct Sgdm {
    /// β, called β₁ in experiment files.
    pub beta1: f64,
}

impl Rule for Sgdm {
    type Coordinate<N: Real> = [N; 1];
    type Particle<N: Real> = [N; 0];

    const MEMORY: &'static [&'static str] = &["m"];

    #[inline(always)]
    fn update<N: Real>(&self, g: N, [m]: &mut [N; 1], _: &[N; 0], _: N, rate: &Rate<N>) -> N {
        average(m, g, self.beta1);
        m.clone() * rate.eta.clone()
    }
}

/// SGDM.
pub const SGDM: Entry = Entry {
    name: "sgdm",
    formula: "m ← β₁m + (1 − β₁)g;  θ ← θ − ηm",
    source: "Wang et al. 2024, Def. 3.3",
    parameters: &[ETA, BETA1, L2, DECOUPLED],
    build: &|v| configured(Sgdm { beta1: v["beta1"] }, v),
    stability_limit: Some(&|v| 2.0 * (1.0 + v["beta1"]) / (1.0 - v["beta1"])),
    degree: &|_| Some(1.0),
    written: None,
};
