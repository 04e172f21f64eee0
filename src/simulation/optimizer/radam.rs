//! RAdam: Adam whose adaptive step waits until its variance is finite.

use super::entry::{
    BETA1, BETA2, DECOUPLED, EPSILON, ETA, Entry, L2, Parameter, Values, configured,
};
use super::moments::{average, average_square, correction, weigh};
use super::{Rate, Real, Rule};

/// From which ρ_t on the step is adaptive, and what is done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// θ ← θ − ηm̂ until ρ_t > 5, as in torch.optim.RAdam.
    Torch,
    /// θ ← θ − ηm̂ until ρ_t > 4, as in the paper.
    Paper,
    /// Until ρ_t ≥ 5 the authors' code takes θ ← θ − ηm̂ with `degenerated_to_sgd`, otherwise neither
    /// step nor weight decay.
    Authors {
        /// Whether the un-adapted step is taken.
        degenerated_to_sgd: bool,
    },
}

/// ρ_t and r_t, the same in every rule that rectifies.
#[derive(Clone, Copy, Debug)]
pub struct Rectification {
    /// β₂, of which ρ_t is made.
    pub beta2: f64,
}

impl Rectification {
    fn rho_infinity(self) -> f64 {
        2.0 / (1.0 - self.beta2) - 1.0
    }

    /// ρ_t = ρ_∞ − 2tβ₂ᵗ/(1 − β₂ᵗ) = 2a_t/w_t − 1, given w_t = 1 − β₂ᵗ.
    ///
    /// a_t/w_t is the mean age of the squares in the average, 1 for the newest: a_t = (1 − β₂) Σᵢ iβ₂ⁱ⁻¹ over i ≤ t,
    /// which `age` accumulates as a ← β₂a + w_t. The difference of ρ_∞ and its lag would lose ρ_t's digits as β₂ → 1.
    #[inline(always)]
    pub fn rho<N: Real>(self, age: &mut N, weight2: &N) -> N {
        *age = age.clone().scale(self.beta2) + weight2.clone();
        (age.clone() / weight2.clone()).scale(2.0).offset(-1.0)
    }

    /// r_t = √((ρ_t − 4)(ρ_t − 2)ρ_∞/((ρ_∞ − 4)(ρ_∞ − 2)ρ_t)), for ρ_t > 4.
    #[inline(always)]
    pub fn r<N: Real>(self, rho: &N) -> N {
        let limit = self.rho_infinity();
        let scale = limit / ((limit - 4.0) * (limit - 2.0));
        let product = rho.clone().offset(-4.0) * rho.clone().offset(-2.0);
        (product.scale(scale) / rho.clone()).sqrt()
    }
}

/// RAdam (Liu et al. 2020): once ρ_t is large enough θ ← θ − η r_t m̂ √(1 − β₂ᵗ)/(√v + ε).
#[derive(Clone, Copy, Debug)]
pub struct RAdam {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, beside the uncorrected root.
    pub epsilon: f64,
    /// Threshold and what precedes it.
    pub before: Before,
}

impl Rule for RAdam {
    /// m, v.
    type Coordinate<N: Real> = [N; 2];
    /// 1 − β₁ᵗ, 1 − β₂ᵗ, the mean age's numerator, positive in the adaptive phase, factor of the adaptive step, factor of the plain one.
    type Particle<N: Real> = [N; 6];

    const MEMORY: &'static [&'static str] = &["m", "v"];

    #[inline(always)]
    fn tick<N: Real>(&self, [weight1, weight2, age, adaptive, scaled, plain]: &mut [N; 6]) {
        weigh(weight1, self.beta1);
        weigh(weight2, self.beta2);
        let rectification = Rectification { beta2: self.beta2 };
        let rho = rectification.rho(age, weight2);
        let (one, none) = (age.like(1.0), age.like(-1.0));
        *adaptive = match self.before {
            Before::Torch => rho.clone().offset(-5.0).where_positive(one, none),
            Before::Paper => rho.clone().offset(-4.0).where_positive(one, none),
            Before::Authors { .. } => (-rho.clone()).offset(5.0).where_positive(none, one),
        };
        let corrected = correction(weight1);
        *scaled = rectification.r(&rho) * corrected.clone() * weight2.clone().sqrt();
        *plain = match self.before {
            Before::Authors { degenerated_to_sgd } if !degenerated_to_sgd => age.like(0.0),
            _ => corrected,
        };
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v]: &mut [N; 2],
        [_, _, _, adaptive, scaled, plain]: &[N; 6],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g.clone(), self.beta1);
        average_square(v, g, self.beta2);
        let momentum = m.clone() * rate.eta.clone();
        let root = v.clone().sqrt().offset(self.epsilon);
        let rectified = (momentum.clone() * scaled.clone()).ratio_or_zero(root);
        adaptive
            .clone()
            .where_positive(rectified, momentum * plain.clone())
    }

    #[inline(always)]
    fn decay_scale<N: Real>(&self, [_, _, _, adaptive, _, plain]: &[N; 6], mean: &N) -> N {
        let one = mean.like(1.0);
        if let Before::Authors { .. } = self.before {
            // Decay goes with the step: none where there is none.
            let moves = plain.clone().where_positive(one.clone(), mean.like(0.0));
            adaptive.clone().where_positive(one, moves)
        } else {
            one
        }
    }
}

fn rule(v: &Values, before: Before) -> RAdam {
    RAdam {
        beta1: v["beta1"],
        beta2: v["beta2"],
        epsilon: v["epsilon"],
        before,
    }
}

/// RAdam as in torch.
pub const RADAM: Entry = Entry {
    name: "radam",
    formula: "ρ_t = ρ_∞ − 2tβ₂ᵗ/(1 − β₂ᵗ);  ρ_t > 5: θ ← θ − η r_t m̂ √(1 − β₂ᵗ)/(√v + ε), else θ ← θ − ηm̂",
    source: "Liu et al. 2020; torch.optim.RAdam",
    parameters: &[ETA, BETA1, BETA2, EPSILON, L2, DECOUPLED],
    build: &|v| configured(rule(v, Before::Torch), v),
    stability_limit: None,
    degree: &|_| None,
    written: None,
};

/// RAdam as in the authors' code.
pub const RADAM_AUTHORS: Entry = Entry {
    name: "radam-authors",
    formula: "as radam, adaptive for ρ_t ≥ 5; before, neither step nor decay, or θ ← θ − ηm̂ with degenerated_to_sgd",
    source: "Liu et al. 2020, the authors' code (in double precision)",
    parameters: &[
        ETA,
        BETA1,
        BETA2,
        EPSILON,
        Parameter::switch(
            "degenerated_to_sgd",
            false,
            "an un-adapted step before the adaptive phase",
        ),
        DECOUPLED,
    ],
    build: &|v| {
        let degenerated_to_sgd = v.on("degenerated_to_sgd");
        configured(rule(v, Before::Authors { degenerated_to_sgd }), v)
    },
    stability_limit: None,
    degree: &|_| None,
    written: None,
};

/// RAdam as in the paper.
pub const RADAM_PAPER: Entry = Entry {
    name: "radam-paper",
    formula: "as radam, adaptive for ρ_t > 4, without ε",
    source: "Liu et al. 2020, Algorithm 2",
    parameters: &[ETA, BETA1, BETA2, EPSILON.or(0.0), L2],
    build: &|v| configured(rule(v, Before::Paper), v),
    stability_limit: None,
    degree: &|_| None,
    written: None,
};
