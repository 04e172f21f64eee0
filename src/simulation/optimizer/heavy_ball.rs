//! Heavy ball: m ← β₁m + β₃g, θ ← θ − ηm.

use super::{Real, Rule};

/// Polyak's heavy ball (1964) in the notation of Xie et al. 2021; β₃ = 1 is the usual code, and the
/// step per unit gradient is then η/(1 − β₁) in the long run. The buffer starts at 0.
#[derive(Clone, Copy, Debug)]
pub struct HeavyBall {
    /// β₁, the decay of the momentum.
    pub beta1: f64,
    /// β₃, the weight of the fresh gradient.
    pub beta3: f64,
}

impl Rule for HeavyBall {
    type Coordinate<N: Real> = [N; 1];
    type Particle<N: Real> = [N; 0];

    #[inline(always)]
    fn update<N: Real>(&self, gradient: N, [m]: &mut [N; 1], _: &[N; 0], _: N, eta: f64) -> N {
        *m = m.clone().scale(self.beta1) + gradient.scale(self.beta3);
        m.clone().scale(eta)
    }
}
