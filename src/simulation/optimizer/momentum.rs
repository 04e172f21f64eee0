//! SGD with momentum as the deep-learning libraries write it: b₁ = g₁, b ← μb + (1 − τ)g.

use super::entry::{DECOUPLED, ETA, Entry, L2, MU, NESTEROV, TAU, Values, configured};
use super::moments::decayed;
use super::{Rate, Real, Rule};

/// SGD with momentum μ, dampening τ and optional Nesterov form, as in torch.optim.SGD.
///
/// The first buffer is g₁ itself, without the factor 1 − τ; [`HeavyBall`](super::heavy_ball) and
/// [`Sgdm`](super::sgdm) start from an empty buffer, as the theory does. The direction is b, or g + μb
/// with `nesterov`: Nesterov's method with the look-ahead point taken as the iterate.
#[derive(Clone, Copy, Debug)]
pub struct Momentum {
    /// μ, the decay of the buffer; 0 is plain SGD.
    pub mu: f64,
    /// τ, the dampening of the fresh gradient.
    pub tau: f64,
    /// Nesterov's look-ahead, reformulated at the current point.
    pub nesterov: bool,
}

impl Momentum {
    /// From the parameters `mu`, `tau`, `nesterov`.
    pub fn of(v: &Values) -> Self {
        let (mu, tau, nesterov) = (v["mu"], v["tau"], v.on("nesterov"));
        Momentum { mu, tau, nesterov }
    }

    /// Largest stable ηh: 2(1 + μ)/(1 − τ), with `nesterov` 2(1 + μ)/(1 + 2μ − μτ), by the Jury conditions.
    pub fn stability_limit(v: &Values) -> f64 {
        let Momentum { mu, tau, nesterov } = Momentum::of(v);
        if mu == 0.0 {
            2.0
        } else if nesterov {
            (2.0 * (1.0 + mu) / (1.0 + 2.0 * mu - mu * tau)).min(1.0 + 1.0 / mu)
        } else {
            2.0 * (1.0 + mu) / (1.0 - tau)
        }
    }
}

impl Rule for Momentum {
    type Coordinate<N: Real> = [N; 1];
    /// Weight of the gradient of this step, and of the next.
    type Particle<N: Real> = [N; 2];

    const MEMORY: &'static [&'static str] = &["b"];

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
        g: N,
        [b]: &mut [N; 1],
        [weight, _]: &[N; 2],
        _: N,
        rate: &Rate<N>,
    ) -> N {
        if self.mu == 0.0 {
            return g * rate.eta.clone();
        }
        *b = decayed(b.clone(), self.mu) + g.clone() * weight.clone();
        let direction = if self.nesterov {
            g + decayed(b.clone(), self.mu)
        } else {
            b.clone()
        };
        direction * rate.eta.clone()
    }
}

/// SGD with momentum, the libraries' form.
pub const MOMENTUM: Entry = Entry {
    name: "momentum",
    formula: "b₁ = g₁, b ← μb + (1 − τ)g;  θ ← θ − ηb, or η(g + μb) with nesterov",
    source: "torch.optim.SGD",
    parameters: &[ETA, MU, TAU, NESTEROV, L2, DECOUPLED],
    build: &|v| configured(Momentum::of(v), v),
    stability_limit: Some(&Momentum::stability_limit),
    degree: &|_| Some(1.0),
    written: None,
};
