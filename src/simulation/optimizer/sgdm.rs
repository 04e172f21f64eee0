//! SGDM in the exponential-average form: m ← βm + (1 − β)g, θ ← θ − ηm.

use super::{Real, Rule};

/// SGD with momentum (Wang et al. 2024, Def. 3.3): the buffer is an average that starts at 0.
#[derive(Clone, Copy, Debug)]
pub struct Sgdm {
    /// β, called β₁ in experiment files.
    pub beta1: f64,
}

impl Rule for Sgdm {
    type Coordinate<N: Real> = [N; 1];
    type Particle<N: Real> = [N; 0];

    #[inline(always)]
    fn update<N: Real>(&self, gradient: N, [m]: &mut [N; 1], _: &[N; 0], _: N, eta: f64) -> N {
        *m = m.clone().scale(self.beta1) + gradient.scale(1.0 - self.beta1);
        m.clone().scale(eta)
    }
}
