//! SGD with momentum as the deep-learning libraries write it: b₁ = g₁, b ← μb + (1 − τ)g.

use super::{Real, Rule};

/// SGD with momentum μ, dampening τ and optional Nesterov form, as in torch.optim.SGD.
///
/// The first buffer is g₁ itself, without the factor 1 − τ. The direction is b, or g + μb with
/// `nesterov`.
#[derive(Clone, Copy, Debug)]
pub struct Momentum {
    /// μ, the decay of the buffer; 0 is plain SGD.
    pub mu: f64,
    /// τ, the dampening of the fresh gradient.
    pub tau: f64,
    /// Nesterov's look-ahead, reformulated at the current point.
    pub nesterov: bool,
}

impl Rule for Momentum {
    type Coordinate<N: Real> = [N; 1];
    /// Weight of the gradient of this step, and of the next.
    type Particle<N: Real> = [N; 2];

    fn particle_start(&self, slot: usize) -> f64 {
        [0.0, 1.0][slot]
    }

    #[inline(always)]
    fn tick<N: Real>(&self, [now, next]: &mut [N; 2]) {
        *now = next.clone();
        *next = next.like(1.0 - self.tau);
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        gradient: N,
        [b]: &mut [N; 1],
        [weight, _]: &[N; 2],
        _: N,
        eta: f64,
    ) -> N {
        if self.mu == 0.0 {
            return gradient.scale(eta);
        }
        *b = b.clone().scale(self.mu) + gradient.clone() * weight.clone();
        if self.nesterov {
            (gradient + b.clone().scale(self.mu)).scale(eta)
        } else {
            b.clone().scale(eta)
        }
    }
}
