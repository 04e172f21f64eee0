//! BAOAB: half a kick, half a drift, friction and noise exactly, half a drift, half a kick.

use super::registry::{DT, Dynamics, Entry, FRICTION, Orders, Stability, TEMPERATURE};
use super::{Increment, Integrator, Moved, Underdamped};
use crate::vectorised::vectorised;

/// The BAOAB splitting of underdamped Langevin dynamics (Leimkuhler and Matthews 2013):
/// v ← v − ∇L dt/2, θ ← θ + v dt/2, v ← e^{−γdt}v + √(T(1 − e^{−2γdt})) ξ, θ ← θ + v dt/2,
/// v ← v − ∇L dt/2, for unit mass. On a quadratic its stationary law of θ is exact, that of v is off by
/// −h dt²/4.
///
/// The memory is v, then ∇L(θ), which the next step begins with: one gradient a step.
pub struct Baoab {
    dynamics: Underdamped,
}

/// Its entry.
pub const BAOAB: Entry = Entry {
    name: "baoab",
    formula: "v ← v − ∇L dt/2; θ ← θ + v dt/2; v ← e^{−γdt}v + √(T(1 − e^{−2γdt})) ξ; \
              θ ← θ + v dt/2; v ← v − ∇L dt/2",
    source: "Leimkuhler and Matthews 2013",
    scope: "dθ = v dt, dv = −∇L dt − γv dt + √(2γT) dW; stationary on a quadratic: θ exact, \
            Var v = T(1 − h dt²/4)",
    weak_order: 2.0,
    strong_order: 1.0,
    additive: Orders {
        weak: 2.0,
        strong: 1.0,
    },
    // θ is differentiable: what lies between two grid points is no bridge.
    bridged: false,
    stability: Some(Stability::Frequency(2.0)),
    parameters: &[DT, FRICTION, TEMPERATURE],
    build: |dynamics| match dynamics {
        Dynamics::Underdamped(dynamics) => Ok(Box::new(Baoab::new(dynamics))),
        other => Err(other.unsuited("baoab")),
    },
};

impl Baoab {
    /// The scheme for `dynamics`.
    pub fn new(dynamics: Underdamped) -> Self {
        Baoab { dynamics }
    }
}

impl Integrator for Baoab {
    fn entry(&self) -> &'static Entry {
        &BAOAB
    }

    fn dim(&self) -> usize {
        self.dynamics.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        self.dynamics.at_rest(theta)
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let half = 0.5 * dt;
        let kick = half * self.dynamics.lightness();
        let (kept, amplitude) = self.dynamics.relax(dt);
        let theta = block.theta;
        let (velocity, gradient) = block.memory.split_at_mut(theta.len());
        {
            let (theta, velocity, gradient) = (&mut *theta, &mut *velocity, &*gradient);
            vectorised!(|theta, velocity| for (((x, v), g), xi) in
                theta.iter_mut().zip(velocity).zip(gradient).zip(normals)
            {
                *v -= kick * g;
                *x += half * *v;
                *v = kept * *v + amplitude * xi;
                *x += half * *v;
            });
        }
        self.dynamics.gradient(theta, lanes, gradient);
        let gradient = &*gradient;
        vectorised!(|velocity| for (v, g) in velocity.iter_mut().zip(gradient) {
            *v -= kick * g;
        });
    }
}
