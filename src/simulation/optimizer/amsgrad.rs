//! AMSGrad: Adam whose second moment never falls.

use super::adam::Adam;
use super::entry::{BETA1, BETA2, DECOUPLED, EPSILON, ETA, Entry, L2, Values, configured};
use super::moments::{average, average_square};
use super::{Rate, Real, Rule};

/// AMSGrad (Reddi et al. 2018): Adam with v̂ = max_{s≤t}(v_s)/(1 − β₂ᵗ), the maximum over uncorrected v,
/// as in torch.optim.Adam. The paper divides neither moment by its correction and has no ε.
#[derive(Clone, Copy, Debug)]
pub struct Amsgrad {
    /// β₁, β₂, ε.
    pub adam: Adam,
    /// Whether both moments are corrected for their start at 0.
    pub bias_correction: bool,
}

impl Rule for Amsgrad {
    /// m, v, max v.
    type Coordinate<N: Real> = [N; 3];
    /// As Adam.
    type Particle<N: Real> = [N; 4];

    const MEMORY: &'static [&'static str] = &["m", "v", "max_v"];

    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut [N; 4]) {
        self.adam.tick(particle);
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        [m, v, largest]: &mut [N; 3],
        [_, _, correction1, correction2]: &[N; 4],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        average(m, g.clone(), self.adam.beta1);
        average_square(v, g, self.adam.beta2);
        *largest = largest.clone().maximum(v.clone());
        let (first, second) = if self.bias_correction {
            (
                m.clone() * correction1.clone(),
                largest.clone() * correction2.clone(),
            )
        } else {
            (m.clone(), largest.clone())
        };
        let root = second.sqrt().offset(self.adam.epsilon);
        (first * rate.eta.clone()).ratio_or_zero(root)
    }
}

fn rule(v: &Values, bias_correction: bool) -> Amsgrad {
    let (beta1, beta2, epsilon) = (v["beta1"], v["beta2"], v["epsilon"]);
    let adam = Adam {
        beta1,
        beta2,
        epsilon,
    };
    Amsgrad {
        adam,
        bias_correction,
    }
}

/// AMSGrad as the libraries have it.
pub const AMSGRAD: Entry = Entry {
    name: "amsgrad",
    formula: "as adam, with v̂ = max_{s≤t}(v_s)/(1 − β₂ᵗ)",
    source: "Reddi et al. 2018; torch.optim.Adam with amsgrad",
    parameters: &[ETA, BETA1, BETA2, EPSILON, L2, DECOUPLED],
    build: &|v| configured(rule(v, true), v),
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};

/// AMSGrad as the paper has it.
pub const AMSGRAD_PAPER: Entry = Entry {
    name: "amsgrad-paper",
    formula: "θ ← θ − η m/(√max_{s≤t}(v_s) + ε), without bias corrections",
    source: "Reddi et al. 2018, Algorithm 2",
    parameters: &[ETA, BETA1, BETA2, EPSILON.or(0.0), L2, DECOUPLED],
    build: &|v| configured(rule(v, false), v),
    stability_limit: None,
    degree: &|_| Some(0.0),
    written: None,
};
