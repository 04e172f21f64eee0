//! AdaBound: Adam whose learning rates are clipped between bounds that close in on one value.

use super::entry::{BETA1, BETA2, EPSILON, ETA, Entry, FIXED, L2, Parameter, Values, configured};
use super::moments::{average, average_square, weigh};
use super::{Rate, Real, Rule};

/// AdaBound (Luo et al. 2019, and the authors' code): with s = √v, or √max v with `amsbound`,
/// θ ← θ − clip(η √(1 − β₂ᵗ)/(1 − β₁ᵗ)/(s + ε), lo_t, hi_t) m, lo_t = α*(1 − 1/(γt + 1)),
/// hi_t = α*(1 + 1/(γt)); α* follows the schedule as η does.
///
/// The paper has no bias correction and divides the clipped rate by √t.
#[derive(Clone, Copy, Debug)]
pub struct AdaBound {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, beside the root.
    pub epsilon: f64,
    /// α*, the rate at which the bounds meet.
    pub alpha_star: f64,
    /// γ, how fast they do.
    pub gamma: f64,
    /// Whether v may not fall.
    pub amsbound: bool,
    /// The paper's form.
    pub paper: bool,
}

impl Rule for AdaBound {
    /// m, v, max v.
    type Coordinate<N: Real> = [N; 3];
    /// t, 1 − β₁ᵗ, 1 − β₂ᵗ, factor of η before the clip, factor after it, lo_t/α*_t, hi_t/α*_t.
    type Particle<N: Real> = [N; 7];

    const MEMORY: &'static [&'static str] = &["m", "v", "max_v"];

    #[inline(always)]
    fn tick<N: Real>(&self, [t, weight1, weight2, before, after, low, high]: &mut [N; 7]) {
        let one = t.like(1.0);
        *t = t.clone().offset(1.0);
        weigh(weight1, self.beta1);
        weigh(weight2, self.beta2);
        if self.paper {
            *before = one.clone();
            *after = one.clone() / t.clone().sqrt();
        } else {
            *before = weight2.clone().sqrt() / weight1.clone();
            *after = one.clone();
        }
        let pace = t.clone().scale(self.gamma);
        *low = (-(one.clone() / pace.clone().offset(1.0))).offset(1.0);
        *high = (one / pace).offset(1.0);
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v, largest]: &mut [N; 3],
        [_, _, _, before, after, low, high]: &[N; 7],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g.clone(), self.beta1);
        average_square(v, g, self.beta2);
        *largest = largest.clone().maximum(v.clone());
        let second = if self.amsbound { largest } else { v }.clone();
        let root = second.sqrt().offset(self.epsilon);
        let limit = rate.factor.clone().scale(self.alpha_star);
        // η/0 is above every bound, so it is taken to the upper one.
        let adapted = (rate.eta.clone() * before.clone()) / root;
        let bounded = adapted
            .maximum(limit.clone() * low.clone())
            .minimum(limit * high.clone());
        bounded * after.clone() * m.clone()
    }
}

fn rule(v: &Values, paper: bool) -> AdaBound {
    AdaBound {
        beta1: v["beta1"],
        beta2: v["beta2"],
        epsilon: v["epsilon"],
        alpha_star: v["alpha_star"],
        gamma: v["gamma"],
        amsbound: v.on("amsbound"),
        paper,
    }
}

const ALPHA_STAR: Parameter = Parameter::new(
    "alpha_star",
    Some(0.1),
    0.0,
    1e6,
    "α*, learning rate in the end",
);
const GAMMA: Parameter = Parameter::new(
    "gamma",
    Some(1e-3),
    1e-12,
    1e6,
    "γ, pace at which the bounds close",
);
const AMSBOUND: Parameter = Parameter::switch("amsbound", false, "the second moment never falls");

/// AdaBound as in the authors' code.
pub const ADABOUND: Entry = Entry {
    name: "adabound",
    formula: "θ ← θ − clip(η√(1 − β₂ᵗ)/(1 − β₁ᵗ)/(√v + ε), α*(1 − 1/(γt + 1)), α*(1 + 1/(γt))) m",
    source: "Luo et al. 2019, and the authors' code",
    parameters: &[ETA, BETA1, BETA2, EPSILON, ALPHA_STAR, GAMMA, AMSBOUND, L2],
    build: &|v| configured(rule(v, false), v),
    stability_limit: None,
    degree: &|_| None,
    written: None,
};

/// AdaBoundW: the decay is multiplied neither by η nor by the schedule.
pub const ADABOUNDW: Entry = Entry {
    name: "adaboundw",
    formula: "as adabound, with θ ← (1 − λ)θ: λ is multiplied neither by η nor by the schedule",
    source: "Luo et al. 2019, the authors' code (AdaBoundW)",
    parameters: &[
        ETA, BETA1, BETA2, EPSILON, ALPHA_STAR, GAMMA, AMSBOUND, FIXED,
    ],
    build: &|v| configured(rule(v, false), v),
    stability_limit: None,
    degree: &|_| None,
    written: None,
};

/// AdaBound as in the paper.
pub const ADABOUND_PAPER: Entry = Entry {
    name: "adabound-paper",
    formula: "θ ← θ − clip(η/(√v + ε), α*(1 − 1/(γt + 1)), α*(1 + 1/(γt)))/√t m, without bias corrections",
    source: "Luo et al. 2019, Algorithm 2",
    parameters: &[
        ETA,
        BETA1,
        BETA2,
        EPSILON.or(0.0),
        ALPHA_STAR,
        GAMMA,
        AMSBOUND,
        L2,
    ],
    build: &|v| configured(rule(v, true), v),
    stability_limit: None,
    degree: &|_| None,
    written: None,
};
