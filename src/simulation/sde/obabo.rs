//! OBABO: half of friction and noise around a velocity-Verlet step.

use super::registry::{DT, Dynamics, Entry, FRICTION, Orders, Stability, TEMPERATURE};
use super::{Increment, Integrator, Moved, Underdamped};
use crate::vectorised::vectorised;

/// The OBABO splitting of underdamped Langevin dynamics (Bussi and Parrinello 2007): friction and noise exactly
/// over dt/2, v ← v − ∇L dt/2, θ ← θ + v dt, v ← v − ∇L dt/2, friction and noise over dt/2, for unit mass.
/// On a quadratic its stationary law of v is exact, Var θ = (T/h)/(1 − h dt²/4).
///
/// Two normals a coordinate and step. The memory is v, then ∇L(θ): one gradient a step.
pub struct Obabo {
    dynamics: Underdamped,
}

/// Its entry.
pub const OBABO: Entry = Entry {
    name: "obabo",
    formula: "v ← e^{−γdt/2}v + √(T(1 − e^{−γdt})) ξ; v ← v − ∇L dt/2; θ ← θ + v dt; v ← v − ∇L dt/2; \
              v ← e^{−γdt/2}v + √(T(1 − e^{−γdt})) ξ′",
    source: "Bussi and Parrinello 2007",
    scope: "dθ = v dt, dv = −∇L dt − γv dt + √(2γT) dW; stationary on a quadratic: v exact, \
            Var θ = (T/h)/(1 − h dt²/4)",
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
        Dynamics::Underdamped(dynamics) => Ok(Box::new(Obabo::new(dynamics))),
        other => Err(other.unsuited("obabo")),
    },
};

impl Obabo {
    /// The scheme for `dynamics`.
    pub fn new(dynamics: Underdamped) -> Self {
        Obabo { dynamics }
    }
}

impl Integrator for Obabo {
    fn entry(&self) -> &'static Entry {
        &OBABO
    }

    fn dim(&self) -> usize {
        self.dynamics.dim()
    }

    fn normals(&self) -> usize {
        2 * self.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        self.dynamics.at_rest(theta)
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let kick = 0.5 * dt * self.dynamics.lightness();
        let (kept, amplitude) = self.dynamics.relax(0.5 * dt);
        let theta = block.theta;
        let (velocity, gradient) = block.memory.split_at_mut(theta.len());
        let (first, second) = normals.split_at(theta.len());
        {
            let (theta, velocity, gradient) = (&mut *theta, &mut *velocity, &*gradient);
            vectorised!(|theta, velocity| for (((x, v), g), xi) in
                theta.iter_mut().zip(velocity).zip(gradient).zip(first)
            {
                *v = kept * *v + amplitude * xi - kick * g;
                *x += dt * *v;
            });
        }
        self.dynamics.gradient(theta, lanes, gradient);
        let gradient = &*gradient;
        vectorised!(
            |velocity| for ((v, g), xi) in velocity.iter_mut().zip(gradient).zip(second) {
                *v = kept * (*v - kick * g) + amplitude * xi;
            }
        );
    }
}
