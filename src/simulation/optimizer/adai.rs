//! Adai: the inertia β₁ of each coordinate adapts to its second moment, the learning rate does not.

use super::{Real, Rule};

const NEGLIGIBLE: f64 = 1e-30;

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

impl Rule for Adai {
    /// m, v, Πβ₁.
    type Coordinate<N: Real> = [N; 3];
    /// β₂ᵗ, 1/(1 − β₂ᵗ).
    type Particle<N: Real> = [N; 2];

    const COUPLED: bool = true;

    fn coordinate_start(&self, slot: usize) -> f64 {
        [0.0, 0.0, 1.0][slot]
    }

    fn particle_start(&self, slot: usize) -> f64 {
        [1.0, 0.0][slot]
    }

    #[inline(always)]
    fn tick<N: Real>(&self, [power, correction]: &mut [N; 2]) {
        *power = power.clone().scale(self.beta2).zero_below(NEGLIGIBLE);
        *correction = power.like(1.0) / (-power.clone()).offset(1.0);
    }

    #[inline(always)]
    fn couple<N: Real>(&self, gradient: N, [_, v, _]: &mut [N; 3], [_, correction]: &[N; 2]) -> N {
        *v = v.clone().scale(self.beta2) + (gradient.clone() * gradient).scale(1.0 - self.beta2);
        v.clone() * correction.clone()
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        gradient: N,
        [m, v, product]: &mut [N; 3],
        [_, correction]: &[N; 2],
        mean: N,
        eta: f64,
    ) -> N {
        let relative = (v.clone() * correction.clone()).ratio_or_zero(mean);
        let inertia = (-relative.scale(self.beta0))
            .offset(1.0)
            .clamp(0.0, 1.0 - self.epsilon);
        let fresh = (-inertia.clone()).offset(1.0);
        *m = m.clone() * inertia.clone() + gradient * fresh;
        *product = (product.clone() * inertia).zero_below(NEGLIGIBLE);
        m.clone()
            .scale(eta)
            .ratio_or_zero((-product.clone()).offset(1.0))
    }
}
