//! Padam: Adam with a power between 0 and ½ in place of the root.

use super::entry::{AMSGRAD, BETA1, BETA2, EPSILON, ETA, Entry, L2, Parameter, Values, configured};
use super::moments::{average, average_square, weigh};
use super::{Rate, Real, Rule};

/// Padam (Chen et al. 2018, and the authors' code): θ ← θ − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) m/(√w + ε)^{2p}, w = max v
/// with `amsgrad` (default), else v. The code's correction is √(1 − β₂ᵗ) at every p; the paper has none.
#[derive(Clone, Copy, Debug)]
pub struct Padam {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, within the power.
    pub epsilon: f64,
    /// p: ½ is AMSGrad, 0 momentum.
    pub p: f64,
    /// Whether v may not fall.
    pub amsgrad: bool,
    /// Whether the moments are corrected for their start at 0.
    pub bias_correction: bool,
}

impl Rule for Padam {
    /// m, v, max v.
    type Coordinate<N: Real> = [N; 3];
    /// 1 − β₁ᵗ, 1 − β₂ᵗ, √(1 − β₂ᵗ)/(1 − β₁ᵗ).
    type Particle<N: Real> = [N; 3];

    const MEMORY: &'static [&'static str] = &["m", "v", "max_v"];

    #[inline(always)]
    fn tick<N: Real>(&self, [weight1, weight2, correction]: &mut [N; 3]) {
        weigh(weight1, self.beta1);
        weigh(weight2, self.beta2);
        *correction = if self.bias_correction {
            weight2.clone().sqrt() / weight1.clone()
        } else {
            weight1.like(1.0)
        };
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v, largest]: &mut [N; 3],
        [_, _, correction]: &[N; 3],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g.clone(), self.beta1);
        average_square(v, g, self.beta2);
        *largest = largest.clone().maximum(v.clone());
        let second = if self.amsgrad { largest } else { v }.clone();
        let size = second.sqrt().offset(self.epsilon).power(2.0 * self.p);
        (m.clone() * correction.clone() * rate.eta.clone()).ratio_or_zero(size)
    }
}

fn rule(v: &Values, bias_correction: bool) -> Padam {
    Padam {
        beta1: v["beta1"],
        beta2: v["beta2"],
        epsilon: v["epsilon"],
        p: v["p"],
        amsgrad: v.on("amsgrad"),
        bias_correction,
    }
}

const P: Parameter = Parameter::new("p", Some(0.125), 0.0, 0.5, "p, half the power of the root");

/// Padam as in the authors' code.
pub const PADAM: Entry = Entry {
    name: "padam",
    formula: "θ ← θ − η√(1 − β₂ᵗ)/(1 − β₁ᵗ) m/(√max v + ε)^{2p}",
    source: "Chen et al. 2018, and the authors' code",
    parameters: &[ETA, BETA1, BETA2, EPSILON, P, AMSGRAD.or(1.0), L2],
    build: &|v| configured(rule(v, true), v),
    stability_limit: None,
    degree: &|v| Some(1.0 - 2.0 * v["p"]),
    written: None,
};

/// Padam as in the paper.
pub const PADAM_PAPER: Entry = Entry {
    name: "padam-paper",
    formula: "θ ← θ − η m/(max v)^p, without bias corrections",
    source: "Chen et al. 2018, Algorithm 1",
    parameters: &[ETA, BETA1, BETA2, EPSILON.or(0.0), P, AMSGRAD.or(1.0), L2],
    build: &|v| configured(rule(v, false), v),
    stability_limit: None,
    degree: &|v| Some(1.0 - 2.0 * v["p"]),
    written: None,
};
