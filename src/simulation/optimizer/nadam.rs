//! NAdam: Adam with Nesterov's look-ahead in the first moment.

use super::entry::{BETA1, BETA2, DECOUPLED, EPSILON, ETA, Entry, L2, Parameter, configured};
use super::moments::{average, average_square, correction, root, weigh};
use super::{Rate, Real, Rule};

/// Below this 0.96^{tψ} is set to 0: it has long ceased to matter, and stays out of the subnormal range.
const NEGLIGIBLE: f64 = 1e-30;

/// NAdam (Dozat 2016) as in torch.optim.NAdam: μ_t = β₁(1 − ½·0.96^{tψ}), Π_t = μ₁…μ_t,
/// θ ← θ − η[μ_{t+1}m_t/(1 − Π_t μ_{t+1}) + (1 − μ_t)g/(1 − Π_t)]/(√v̂ + ε), m with the constant β₁.
#[derive(Clone, Copy, Debug)]
pub struct NAdam {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, beside the root.
    pub epsilon: f64,
    /// ψ, the pace of the momentum's warm-up.
    pub psi: f64,
}

impl NAdam {
    fn pace(&self) -> f64 {
        0.96f64.powf(self.psi)
    }

    /// 1 − μ at a step whose 0.96^{tψ} is `power`.
    #[inline(always)]
    fn fresh<N: Real>(&self, power: N) -> N {
        power.scale(0.5 * self.beta1).offset(1.0 - self.beta1)
    }
}

impl Rule for NAdam {
    /// m, v.
    type Coordinate<N: Real> = [N; 2];
    /// 0.96^{tψ}, 1 − Π_t, 1 − β₂ᵗ, the weights of m and of g, 1/(1 − β₂ᵗ).
    type Particle<N: Real> = [N; 6];

    const MEMORY: &'static [&'static str] = &["m", "v"];

    fn particle_start(&self, slot: usize) -> f64 {
        [1.0, 0.0, 0.0, 0.0, 0.0, 0.0][slot]
    }

    #[inline(always)]
    fn tick<N: Real>(&self, [pace, total, weight2, weight_m, weight_g, correction2]: &mut [N; 6]) {
        *pace = pace.clone().scale(self.pace()).zero_below(NEGLIGIBLE);
        let fresh = self.fresh(pace.clone());
        let fresh_next = self.fresh(pace.clone().scale(self.pace()));
        // 1 − μΠ = (1 − μ) + μ(1 − Π).
        let grown = |total: N, fresh: N| fresh.clone() + total * (-fresh).offset(1.0);
        *total = grown(total.clone(), fresh.clone());
        let next = (-fresh_next.clone()).offset(1.0);
        *weight_m = next / grown(total.clone(), fresh_next);
        *weight_g = fresh / total.clone();
        weigh(weight2, self.beta2);
        *correction2 = correction(weight2);
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v]: &mut [N; 2],
        [_, _, _, weight_m, weight_g, correction2]: &[N; 6],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g.clone(), self.beta1);
        average_square(v, g.clone(), self.beta2);
        let direction = m.clone() * weight_m.clone() + g * weight_g.clone();
        let root = root(v, correction2, self.epsilon);
        (direction * rate.eta.clone()).ratio_or_zero(root)
    }
}

/// NAdam.
pub const NADAM: Entry = Entry {
    name: "nadam",
    formula: "μ_t = β₁(1 − ½·0.96^{tψ}), Π_t = μ₁…μ_t;  θ ← θ − η[μ_{t+1}m/(1 − Π_{t+1}) + (1 − μ_t)g/(1 − Π_t)]/(√v̂ + ε)",
    source: "Dozat 2016; torch.optim.NAdam",
    parameters: &[
        ETA,
        BETA1,
        BETA2,
        EPSILON,
        Parameter::new(
            "psi",
            Some(0.004),
            0.0,
            1e3,
            "ψ, pace of the momentum's warm-up",
        ),
        L2,
        DECOUPLED,
    ],
    build: &|v| {
        let rule = NAdam {
            beta1: v["beta1"],
            beta2: v["beta2"],
            epsilon: v["epsilon"],
            psi: v["psi"],
        };
        configured(rule, v)
    },
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};
