//! AdaPNM: positive-negative momentum over Adam's second moment.

use super::entry::{AMSGRAD, BETA1, BETA2, DECOUPLED, EPSILON, ETA, Entry, L2, configured};
use super::moments::{average_square, correct};
use super::pnm::{BETA0, Pnm};
use super::{Rate, Real, Rule};

/// AdaPNM (Xie et al. 2021, Algorithms 3 and 4, and the authors' code): PNM's direction divided by
/// 1 − β₁ᵗ and by √(w/(1 − β₂ᵗ)) + ε, where w is v or, with `amsgrad`, the largest v so far.
///
/// 1 − β₁ᵗ is not the total weight of two interleaved averages, so the first steps alternate with the
/// parity of t; paper and code agree on it.
#[derive(Clone, Copy, Debug)]
pub struct AdaPnm {
    /// β₁ and β₀.
    pub momentum: Pnm,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, beside the root.
    pub epsilon: f64,
    /// Whether v may not fall.
    pub amsgrad: bool,
}

impl Rule for AdaPnm {
    /// m_{t−2}, m_{t−1}, v, max v.
    type Coordinate<N: Real> = [N; 4];
    /// 1 − β₁ᵗ, 1 − β₂ᵗ, 1/(1 − β₁ᵗ), 1/(1 − β₂ᵗ).
    type Particle<N: Real> = [N; 4];

    const MEMORY: &'static [&'static str] = &["m_before", "m", "v", "max_v"];

    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut [N; 4]) {
        correct(particle, self.momentum.beta1, self.beta2);
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [older, newer, v, largest]: &mut [N; 4],
        [_, _, correction1, correction2]: &[N; 4],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average_square(v, g.clone(), self.beta2);
        *largest = largest.clone().maximum(v.clone());
        let second = if self.amsgrad { largest } else { v }.clone();
        let direction = self.momentum.direction(g, older, newer) * correction1.clone();
        let root = (second * correction2.clone()).sqrt().offset(self.epsilon);
        (direction * rate.eta.clone()).ratio_or_zero(root)
    }
}

/// AdaPNM.
pub const ADAPNM: Entry = Entry {
    name: "adapnm",
    formula: "p = [(1 + β₀)m_t − β₀m_{t−1}]/√γ as in pnm, v ← β₂v + (1 − β₂)g²;  θ ← θ − η p/(1 − β₁ᵗ)/(√(w/(1 − β₂ᵗ)) + ε), w = max v with amsgrad, else v",
    source: "Xie et al. 2021 (PNM), Algorithm 3 (amsgrad = false) and 4 (amsgrad = true, default), and the authors' code",
    parameters: &[
        ETA,
        BETA1,
        BETA2,
        BETA0,
        EPSILON,
        AMSGRAD.or(1.0),
        L2,
        DECOUPLED,
    ],
    build: &|v| {
        let (beta1, beta0) = (v["beta1"], v["beta0"]);
        let rule = AdaPnm {
            momentum: Pnm { beta1, beta0 },
            beta2: v["beta2"],
            epsilon: v["epsilon"],
            amsgrad: v.on("amsgrad"),
        };
        configured(rule, v)
    },
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};
