//! Adam, with AMSGrad as a switch.

use super::{Real, Rule};

/// Below this a power βᵗ is set to 0: it has long ceased to matter beside 1.
const NEGLIGIBLE: f64 = 1e-30;

/// Adam (Kingma and Ba 2015) as in torch.optim.Adam:
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η m̂/(√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
/// With `amsgrad` (Reddi et al. 2018) v̂ is max_{s≤t}(v_s)/(1 − β₂ᵗ): the maximum is over uncorrected v.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// β₁, first moment.
    pub beta1: f64,
    /// β₂, second moment.
    pub beta2: f64,
    /// ε, beside the root.
    pub epsilon: f64,
    /// Whether v̂ may fall.
    pub amsgrad: bool,
}

impl Rule for Adam {
    /// m, v, max v.
    type Coordinate<N: Real> = [N; 3];
    /// β₁ᵗ, β₂ᵗ, 1/(1 − β₁ᵗ), 1/(1 − β₂ᵗ).
    type Particle<N: Real> = [N; 4];

    fn particle_start(&self, slot: usize) -> f64 {
        [1.0, 1.0, 0.0, 0.0][slot]
    }

    #[inline(always)]
    fn tick<N: Real>(&self, [power1, power2, correction1, correction2]: &mut [N; 4]) {
        *power1 = power1.clone().scale(self.beta1).zero_below(NEGLIGIBLE);
        *power2 = power2.clone().scale(self.beta2).zero_below(NEGLIGIBLE);
        *correction1 = power1.like(1.0) / (-power1.clone()).offset(1.0);
        *correction2 = power2.like(1.0) / (-power2.clone()).offset(1.0);
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        gradient: N,
        [m, v, largest]: &mut [N; 3],
        [_, _, correction1, correction2]: &[N; 4],
        _: N,
        eta: f64,
    ) -> N {
        *m = m.clone().scale(self.beta1) + gradient.clone().scale(1.0 - self.beta1);
        *v = v.clone().scale(self.beta2) + (gradient.clone() * gradient).scale(1.0 - self.beta2);
        let second = if self.amsgrad {
            *largest = largest.clone().maximum(v.clone());
            largest.clone()
        } else {
            v.clone()
        };
        let root = (second * correction2.clone()).sqrt().offset(self.epsilon);
        // 0/0, all gradients so far zero and ε = 0, is no step.
        (m.clone() * correction1.clone())
            .scale(eta)
            .ratio_or_zero(root)
    }
}
