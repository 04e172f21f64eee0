//! AdaiV2: Adai with a dampening between momentum that sums and momentum that averages.

use super::adai::{Adai, BETA0, INERTIA_BOUND};
use super::entry::{BETA2, DECOUPLED, ETA, Entry, L2, Parameter, configured};
use super::{Rate, Real, Rule};

/// AdaiV2 (the authors' code; not in the paper): β₁ = clip(1 − β₀(v̂/v̄)^{1/(3−2τ)}, 0, 1 − ε),
/// m ← β₁m + (1 − β₁)^τ g, θ ← θ − η β₀^{1−τ} m/(1 − Πβ₁). τ = 1 is Adai.
#[derive(Clone, Copy, Debug)]
pub struct AdaiV2 {
    /// β₀, β₂, ε.
    pub adai: Adai,
    /// τ, the dampening, called δ by the authors.
    pub tau: f64,
}

impl Rule for AdaiV2 {
    /// As Adai.
    type Coordinate<N: Real> = [N; 3];
    /// As Adai.
    type Particle<N: Real> = [N; 2];

    const MEMORY: &'static [&'static str] = &["m", "v", "weight"];
    const COUPLED: bool = true;

    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut [N; 2]) {
        self.adai.tick(particle);
    }

    #[inline(always)]
    fn couple<N: Real>(&self, g: N, coordinate: &mut [N; 3], particle: &[N; 2]) -> N {
        self.adai.couple(g, coordinate, particle)
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v, weight]: &mut [N; 3],
        [_, correction2]: &[N; 2],
        mean: N,
        rate: &Rate<N>,
    ) -> N {
        let share = (v.clone() * correction2.clone()).ratio_or_zero(mean);
        let fresh = self
            .adai
            .freshness(share.power(1.0 / (3.0 - 2.0 * self.tau)));
        *m = m.clone() - m.clone() * fresh.clone() + g * fresh.clone().power(self.tau);
        *weight = weight.clone() + (-weight.clone()).offset(1.0) * fresh;
        (m.clone() * rate.eta.clone())
            .scale(self.adai.beta0.powf(1.0 - self.tau))
            .ratio_or_zero(weight.clone())
    }
}

/// AdaiV2.
pub const ADAIV2: Entry = Entry {
    name: "adaiv2",
    formula: "β₁ = clip(1 − β₀(v̂/v̄)^{1/(3−2τ)}, 0, 1 − ε), m ← β₁m + (1 − β₁)^τ g;  θ ← θ − η β₀^{1−τ} m/(1 − Πβ₁)",
    source: "Xie et al. 2022 (Adai), the authors' code",
    parameters: &[
        ETA,
        BETA0,
        BETA2.or(0.99),
        INERTIA_BOUND,
        Parameter::new("tau", Some(1.0), 0.0, 1.0, "τ, dampening; 1 is Adai"),
        L2,
        DECOUPLED,
    ],
    build: &|v| {
        let (adai, tau) = (Adai::of(v), v["tau"]);
        configured(AdaiV2 { adai, tau }, v)
    },
    stability_limit: None,
    degree: &|_| Some(1.0),
    written: None,
};
