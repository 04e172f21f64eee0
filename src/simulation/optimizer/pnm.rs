//! Positive-Negative Momentum: two interleaved averages, one added and one subtracted.

use super::entry::{BETA1, DECOUPLED, ETA, Entry, L2, Parameter, configured};
use super::moments::average;
use super::{Rate, Real, Rule};

/// PNM (Xie et al. 2021, Algorithm 2, and the authors' code):
/// m_t = β₁²m_{t−2} + (1 − β₁²)g_t, θ ← θ − η[(1 + β₀)m_t − β₀m_{t−1}]/√γ, γ = (1 + β₀)² + β₀².
#[derive(Clone, Copy, Debug)]
pub struct Pnm {
    /// β₁, the decay per step of each average.
    pub beta1: f64,
    /// β₀, how much of the older average is subtracted.
    pub beta0: f64,
}

impl Pnm {
    /// γ, the sum of the squared weights of the two averages.
    pub fn gamma(&self) -> f64 {
        let positive = 1.0 + self.beta0;
        positive * positive + self.beta0 * self.beta0
    }

    /// Takes the gradient into the older average and returns [(1 + β₀)m_t − β₀m_{t−1}]/√γ.
    #[inline(always)]
    pub fn direction<N: Real>(&self, g: N, older: &mut N, newer: &mut N) -> N {
        let (decay, norm) = (self.beta1 * self.beta1, self.gamma().sqrt());
        let mut fresh = older.clone();
        average(&mut fresh, g, decay);
        *older = newer.clone();
        *newer = fresh.clone();
        fresh.scale((1.0 + self.beta0) / norm) - older.clone().scale(self.beta0 / norm)
    }
}

impl Rule for Pnm {
    /// m_{t−2} and m_{t−1}.
    type Coordinate<N: Real> = [N; 2];
    type Particle<N: Real> = [N; 0];

    const MEMORY: &'static [&'static str] = &["m_before", "m"];

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [older, newer]: &mut [N; 2],
        _: &[N; 0],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        self.direction(g, older, newer) * rate.eta.clone()
    }
}

/// β₀ of PNM and AdaPNM, called β₂ or β₃ in the authors' code.
pub const BETA0: Parameter = Parameter::new(
    "beta0",
    Some(1.0),
    -1.0,
    1e3,
    "β₀, weight of the negative momentum",
);

/// PNM.
pub const PNM: Entry = Entry {
    name: "pnm",
    formula: "m_t = β₁²m_{t−2} + (1 − β₁²)g;  θ ← θ − η[(1 + β₀)m_t − β₀m_{t−1}]/√((1 + β₀)² + β₀²)",
    source: "Xie et al. 2021 (PNM), Algorithm 2, and the authors' code",
    parameters: &[ETA, BETA1, BETA0, L2, DECOUPLED],
    build: &|v| {
        let (beta1, beta0) = (v["beta1"], v["beta0"]);
        configured(Pnm { beta1, beta0 }, v)
    },
    stability_limit: Some(&|v| {
        let (beta1, beta0) = (v["beta1"], v["beta0"]);
        let gamma = Pnm { beta1, beta0 }.gamma();
        // Known in closed form for β₀ ≥ 0 only, where the fastest mode has period 2.
        if beta0 >= 0.0 {
            2.0 * gamma.sqrt() / (1.0 + 2.0 * beta0)
        } else {
            f64::INFINITY
        }
    }),
    degree: &|_| Some(1.0),
    written: None,
};
