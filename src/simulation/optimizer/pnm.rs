//! Positive-Negative Momentum: two interleaved averages, one added and one subtracted.

use super::{Real, Rule};

/// PNM (Xie et al. 2021, Algorithm 2, and the authors' code):
/// m_t = β₁²m_{t−2} + (1 − β₁²)g_t, θ ← θ − η[(1 + β₀)m_t − β₀m_{t−1}]/√((1 + β₀)² + β₀²).
#[derive(Clone, Copy, Debug)]
pub struct Pnm {
    /// β₁, the decay per step of each average.
    pub beta1: f64,
    /// β₀, how much of the older average is subtracted.
    pub beta0: f64,
}

impl Rule for Pnm {
    /// m_{t−2} and m_{t−1}.
    type Coordinate<N: Real> = [N; 2];
    type Particle<N: Real> = [N; 0];

    #[inline(always)]
    fn update<N: Real>(
        &self,
        gradient: N,
        [older, newer]: &mut [N; 2],
        _: &[N; 0],
        _: N,
        eta: f64,
    ) -> N {
        let decay = self.beta1 * self.beta1;
        let positive = 1.0 + self.beta0;
        let norm = (positive * positive + self.beta0 * self.beta0).sqrt();
        let fresh = older.clone().scale(decay) + gradient.scale(1.0 - decay);
        *older = newer.clone();
        *newer = fresh.clone();
        (fresh.scale(positive) - older.clone().scale(self.beta0)).scale(eta / norm)
    }
}
