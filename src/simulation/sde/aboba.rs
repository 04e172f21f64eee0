//! ABOBA: half a drift, half a kick, friction and noise exactly, half a kick, half a drift.

use super::registry::{DT, Dynamics, Entry, FRICTION, Orders, Stability, TEMPERATURE};
use super::{Increment, Integrator, Moved, Underdamped};
use crate::vectorised::vectorised;

/// The ABOBA splitting of underdamped Langevin dynamics (Leimkuhler and Matthews 2013): θ ← θ + v dt/2,
/// v ← v − ∇L dt/2, v ← e^{−γdt}v + √(T(1 − e^{−2γdt})) ξ, v ← v − ∇L dt/2, θ ← θ + v dt/2, for unit mass.
/// On a quadratic its stationary law of θ is exact, Var v = T/(1 − h dt²/4).
///
/// The memory is v; both kicks take the one gradient at the middle.
pub struct Aboba {
    dynamics: Underdamped,
}

/// Its entry.
pub const ABOBA: Entry = Entry {
    name: "aboba",
    formula: "θ ← θ + v dt/2; v ← v − ∇L dt/2; v ← e^{−γdt}v + √(T(1 − e^{−2γdt})) ξ; \
              v ← v − ∇L dt/2; θ ← θ + v dt/2",
    source: "Leimkuhler and Matthews 2013",
    scope: "dθ = v dt, dv = −∇L dt − γv dt + √(2γT) dW; stationary on a quadratic: θ exact, \
            Var v = T/(1 − h dt²/4)",
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
        Dynamics::Underdamped(dynamics) => Ok(Box::new(Aboba::new(dynamics))),
        other => Err(other.unsuited("aboba")),
    },
};

impl Aboba {
    /// The scheme for `dynamics`.
    pub fn new(dynamics: Underdamped) -> Self {
        Aboba { dynamics }
    }
}

impl Integrator for Aboba {
    fn entry(&self) -> &'static Entry {
        &ABOBA
    }

    fn dim(&self) -> usize {
        self.dynamics.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        vec![0.0; theta.len()]
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let half = 0.5 * dt;
        let kick = half * self.dynamics.lightness();
        let (kept, amplitude) = self.dynamics.relax(dt);
        let (theta, velocity, gradient) = (block.theta, block.memory, block.drift);
        {
            let (theta, velocity) = (&mut *theta, &*velocity);
            vectorised!(|theta| for (x, v) in theta.iter_mut().zip(velocity) {
                *x += half * v;
            });
        }
        self.dynamics.gradient(theta, lanes, gradient);
        let gradient = &*gradient;
        vectorised!(|theta, velocity| for (((x, v), g), xi) in
            theta.iter_mut().zip(velocity).zip(gradient).zip(normals)
        {
            *v = kept * (*v - kick * g) + amplitude * xi - kick * g;
            *x += half * *v;
        });
    }
}
