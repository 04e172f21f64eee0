//! Yogi: a second moment that moves by at most (1 − β₂)g² a step, up or down.

use super::entry::{BETA1, BETA2, EPSILON, ETA, Entry, L2, Parameter, Values, configured};
use super::moments::{average, correct, root};
use super::{Rate, Real, Rule};

/// Yogi (Zaheer et al. 2018): v ← v − (1 − β₂) sign(v − g²) g², m ← β₁m + (1 − β₁)g, θ ← θ − η m̂/(√v̂ + ε).
///
/// The reference code starts m as well as v at its initial accumulator and corrects both for a start at 0;
/// the paper starts m at 0 and corrects nothing.
#[derive(Clone, Copy, Debug)]
pub struct Yogi {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, beside the root.
    pub epsilon: f64,
    /// m₀.
    pub m_init: f64,
    /// v₀.
    pub v_init: f64,
    /// Whether the moments are divided by 1 − βᵗ.
    pub bias_correction: bool,
}

impl Rule for Yogi {
    /// m, v.
    type Coordinate<N: Real> = [N; 2];
    /// 1 − β₁ᵗ, 1 − β₂ᵗ, the factors of m and v.
    type Particle<N: Real> = [N; 4];

    const MEMORY: &'static [&'static str] = &["m", "v"];

    fn coordinate_start(&self, slot: usize) -> f64 {
        [self.m_init, self.v_init][slot]
    }

    fn particle_start(&self, slot: usize) -> f64 {
        [0.0, 0.0, 1.0, 1.0][slot]
    }

    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut [N; 4]) {
        if self.bias_correction {
            correct(particle, self.beta1, self.beta2);
        }
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v]: &mut [N; 2],
        [_, _, correction1, correction2]: &[N; 4],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g.clone(), self.beta1);
        let square = g.clone() * g;
        let excess = v.clone() - square.clone();
        let change = square.scale(1.0 - self.beta2);
        let risen = (-excess.clone()).where_positive(v.clone() + change.clone(), v.clone());
        *v = excess.where_positive(v.clone() - change, risen);
        let root = root(v, correction2, self.epsilon);
        (m.clone() * correction1.clone() * rate.eta.clone()).ratio_or_zero(root)
    }
}

fn rule(v: &Values, bias_correction: bool) -> Yogi {
    Yogi {
        beta1: v["beta1"],
        beta2: v["beta2"],
        epsilon: v["epsilon"],
        m_init: v["m_init"],
        v_init: v["v_init"],
        bias_correction,
    }
}

const M_INIT: Parameter = Parameter::new(
    "m_init",
    Some(1e-6),
    -1e6,
    1e6,
    "m₀, first moment at the start",
);
const V_INIT: Parameter = Parameter::new(
    "v_init",
    Some(1e-6),
    0.0,
    1e6,
    "v₀, second moment at the start",
);

/// Yogi as in the reference code.
pub const YOGI: Entry = Entry {
    name: "yogi",
    formula: "v ← v − (1 − β₂) sign(v − g²) g², m ← β₁m + (1 − β₁)g;  θ ← θ − η m̂/(√v̂ + ε), m₀ = v₀ = 1e-6",
    source: "Zaheer et al. 2018; the pytorch-optimizer collection",
    parameters: &[ETA, BETA1, BETA2, EPSILON.or(1e-3), M_INIT, V_INIT, L2],
    build: &|v| configured(rule(v, true), v),
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};

/// Yogi as in the paper.
pub const YOGI_PAPER: Entry = Entry {
    name: "yogi-paper",
    formula: "as yogi, without bias corrections, m₀ = 0",
    source: "Zaheer et al. 2018, Algorithm 2",
    parameters: &[
        ETA,
        BETA1,
        BETA2,
        EPSILON.or(1e-3),
        M_INIT.or(0.0),
        V_INIT,
        L2,
    ],
    build: &|v| configured(rule(v, false), v),
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};
