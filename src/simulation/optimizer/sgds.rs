//! SGD with stable weight decay: momentum as in [`super::momentum`], the decay scaled with it.

use super::entry::{ETA, Entry, MU, NESTEROV, STABLE, TAU, configured};
use super::momentum::Momentum;
use super::{Rate, Real, Rule};

/// SGDS (Xie et al. 2020, "Stable Weight Decay Regularization", and the authors' code): decoupled decay
/// scaled by the sum of the momentum kernel, c = (1 − τ)/(1 − μ).
#[derive(Clone, Copy, Debug)]
pub struct Sgds {
    /// The momentum.
    pub momentum: Momentum,
}

impl Rule for Sgds {
    type Coordinate<N: Real> = [N; 1];
    type Particle<N: Real> = [N; 2];

    const MEMORY: &'static [&'static str] = &["b"];

    fn particle_start(&self, slot: usize) -> f64 {
        self.momentum.particle_start(slot)
    }

    #[inline(always)]
    fn tick<N: Real>(&self, particle: &mut [N; 2]) {
        self.momentum.tick(particle);
    }

    #[inline(always)]
    fn update<N: Real>(
        &self,
        g: N,
        buffer: &mut [N; 1],
        particle: &[N; 2],
        mean: N,
        rate: &Rate<N>,
    ) -> N {
        self.momentum.update(g, buffer, particle, mean, rate)
    }

    #[inline(always)]
    fn decay_scale<N: Real>(&self, _: &[N; 2], mean: &N) -> N {
        mean.like((1.0 - self.momentum.tau) / (1.0 - self.momentum.mu))
    }
}

/// SGDS.
pub const SGDS: Entry = Entry {
    name: "sgds",
    formula: "as momentum, with θ ← (1 − cηλ)θ, c = (1 − τ)/(1 − μ)",
    source: "Xie et al. 2020 (Stable Weight Decay), and the authors' code",
    parameters: &[ETA, MU, TAU, NESTEROV, STABLE],
    build: &|v| {
        let momentum = Momentum::of(v);
        configured(Sgds { momentum }, v)
    },
    stability_limit: Some(&Momentum::stability_limit),
    degree: &|_| Some(1.0),
    written: None,
};
