//! Adam, and AdamW, which is Adam with decoupled weight decay.

use super::amsgrad::Amsgrad;
use super::block::Optimizer;
use super::entry::{
    AMSGRAD, BETA1, BETA2, DECOUPLED, EPSILON, ETA, Entry, L2, SCHEDULED, Values, configured,
};
use super::moments::{average, average_square, correct, root};
use super::{Rate, Real, Rule};

/// Adam (Kingma and Ba 2015) as in torch.optim.Adam:
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η m̂/(√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, beside the root.
    pub epsilon: f64,
}

impl Rule for Adam {
    /// m, v.
    type Coordinate<N: Real> = [N; 2];
    /// 1 − β₁ᵗ, 1 − β₂ᵗ, 1/(1 − β₁ᵗ), 1/(1 − β₂ᵗ).
    type Particle<N: Real> = [N; 4];

    const MEMORY: &'static [&'static str] = &["m", "v"];

    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut [N; 4]) {
        correct(particle, self.beta1, self.beta2);
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
        average_square(v, g, self.beta2);
        let root = root(v, correction2, self.epsilon);
        // 0/0, all gradients so far zero and ε = 0, is no step.
        (m.clone() * correction1.clone() * rate.eta.clone()).ratio_or_zero(root)
    }
}

fn build(v: &Values) -> Box<dyn Optimizer> {
    let (beta1, beta2, epsilon) = (v["beta1"], v["beta2"], v["epsilon"]);
    let adam = Adam {
        beta1,
        beta2,
        epsilon,
    };
    if v.on("amsgrad") {
        let bias_correction = true;
        configured(
            Amsgrad {
                adam,
                bias_correction,
            },
            v,
        )
    } else {
        configured(adam, v)
    }
}

/// Adam.
pub const ADAM: Entry = Entry {
    name: "adam",
    formula: "m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²;  θ ← θ − η m̂/(√v̂ + ε)",
    source: "Kingma and Ba 2015; torch.optim.Adam",
    parameters: &[ETA, BETA1, BETA2, EPSILON, AMSGRAD, L2, DECOUPLED],
    build: &build,
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};

/// AdamW. The paper's λ is the code's ηλ: its decay follows the schedule and not η.
pub const ADAMW: Entry = Entry {
    name: "adamw",
    formula: "as adam, with θ ← (1 − η_t λ)θ (code: decoupled_decay) or (1 − factor(t) λ)θ (paper: scheduled_decay)",
    source: "Loshchilov and Hutter 2019, Algorithm 2; torch.optim.AdamW",
    parameters: &[
        ETA,
        BETA1,
        BETA2,
        EPSILON,
        AMSGRAD,
        DECOUPLED.or(0.01),
        SCHEDULED,
    ],
    build: &build,
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};
