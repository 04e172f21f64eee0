//! Adai: the inertia β₁ of each coordinate adapts to its second moment, the learning rate does not.

use super::entry::{BETA2, DECOUPLED, ETA, Entry, L2, Parameter, Values, configured};
use super::moments::{average_square, correction, weigh};
use super::{Rate, Real, Rule};

/// Adai (Xie et al. 2022, Algorithm 2, and the authors' code): v ← β₂v + (1 − β₂)g², v̂ = v/(1 − β₂ᵗ),
/// β₁ = clip(1 − β₀ v̂/v̄, 0, 1 − ε) with v̄ the mean of v̂ over all coordinates,
/// m ← β₁m + (1 − β₁)g, θ ← θ − η m/(1 − Πβ₁).
///
/// While every gradient has been exactly zero, v̄ = 0 and θ stays where it is.
#[derive(Clone, Copy, Debug)]
pub struct Adai {
    /// β₀, the scale of 1 − β₁; may exceed 1.
    pub beta0: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, the least value of 1 − β₁.
    pub epsilon: f64,
}

impl Adai {
    /// From the parameters `beta0`, `beta2`, `epsilon`.
    pub fn of(v: &Values) -> Self {
        let (beta0, beta2, epsilon) = (v["beta0"], v["beta2"], v["epsilon"]);
        Adai {
            beta0,
            beta2,
            epsilon,
        }
    }

    /// 1 − β₁ = clip(β₀ share, ε, 1), where `share` is v̂/v̄ or a power of it.
    #[inline(always)]
    pub fn freshness<N: Real>(&self, share: N) -> N {
        share.scale(self.beta0).clamp(self.epsilon, 1.0)
    }
}

impl Rule for Adai {
    /// m, v, 1 − Πβ₁.
    type Coordinate<N: Real> = [N; 3];
    /// 1 − β₂ᵗ, 1/(1 − β₂ᵗ).
    type Particle<N: Real> = [N; 2];

    const MEMORY: &'static [&'static str] = &["m", "v", "weight"];
    const COUPLED: bool = true;

    #[inline(always)]
    fn tick<N: Real>(&self, [weight2, correction2]: &mut [N; 2]) {
        weigh(weight2, self.beta2);
        *correction2 = correction(weight2);
    }

    #[inline(always)]
    fn couple<N: Real>(&self, g: N, [_, v, _]: &mut [N; 3], [_, correction2]: &[N; 2]) -> N {
        average_square(v, g, self.beta2);
        v.clone() * correction2.clone()
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
        let fresh = self.freshness((v.clone() * correction2.clone()).ratio_or_zero(mean));
        *m = m.clone() + (g - m.clone()) * fresh.clone();
        *weight = weight.clone() + (-weight.clone()).offset(1.0) * fresh;
        (m.clone() * rate.eta.clone()).ratio_or_zero(weight.clone())
    }
}

/// β₀ of the Adai family.
pub const BETA0: Parameter = Parameter::new("beta0", Some(0.1), 0.0, 1e3, "β₀, scale of 1 − β₁");
/// ε of the Adai family.
pub const INERTIA_BOUND: Parameter =
    Parameter::new("epsilon", Some(1e-3), 0.0, 1.0, "ε, least value of 1 − β₁");

const DECAYING: &str = "as adai, with θ ← (1 − η_t λ)θ";

/// Adai.
pub const ADAI: Entry = Entry {
    name: "adai",
    formula: "v ← β₂v + (1 − β₂)g², β₁ = clip(1 − β₀v̂/v̄, 0, 1 − ε), m ← β₁m + (1 − β₁)g;  θ ← θ − η m/(1 − Πβ₁)",
    source: "Xie et al. 2022 (Adai), Algorithm 2, and the authors' code",
    parameters: &[ETA, BETA0, BETA2.or(0.99), INERTIA_BOUND, L2, DECOUPLED],
    build: &|v| configured(Adai::of(v), v),
    stability_limit: None,
    degree: &|_| Some(1.0),
    written: None,
};

/// Adai with decoupled weight decay.
pub const ADAIW: Entry = Entry {
    name: "adaiw",
    formula: DECAYING,
    source: "Xie et al. 2022 (Adai), the authors' code with decoupled decay",
    parameters: &[
        ETA,
        BETA0,
        BETA2.or(0.99),
        INERTIA_BOUND,
        DECOUPLED.or(5e-4),
    ],
    build: &|v| configured(Adai::of(v), v),
    stability_limit: None,
    degree: &|_| Some(1.0),
    written: None,
};

/// Adai with stable weight decay, which is the same map: Adai's learning rate is isotropic.
pub const ADAIS: Entry = Entry {
    name: "adais",
    formula: DECAYING,
    source: "Xie et al. 2020 (Stable Weight Decay), and the authors' code; equal to adaiw",
    parameters: &[
        ETA,
        BETA0,
        BETA2.or(0.99),
        INERTIA_BOUND,
        DECOUPLED.or(5e-4),
    ],
    build: &|v| configured(Adai::of(v), v),
    stability_limit: None,
    degree: &|_| Some(1.0),
    written: None,
};
