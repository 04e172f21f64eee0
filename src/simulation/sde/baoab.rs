//! BAOAB: half a kick, half a drift, friction and noise exactly, half a drift, half a kick.

use super::{Increment, Integrator, Moved, Underdamped};
use crate::simulation::vectorised::vectorised;

/// The BAOAB splitting of underdamped Langevin dynamics (Leimkuhler and Matthews 2013):
/// v ← v − ∇L dt/2, θ ← θ + v dt/2, v ← e^{−γdt}v + √(T(1 − e^{−2γdt})) ξ, θ ← θ + v dt/2,
/// v ← v − ∇L dt/2. Weak order 2, strong order 1. On a quadratic its stationary law of θ is exact.
///
/// The memory is v, then ∇L(θ), which the next step begins with: one gradient a step.
pub struct Baoab {
    dynamics: Underdamped,
}

impl Baoab {
    /// The scheme for `dynamics`.
    pub fn new(dynamics: Underdamped) -> Self {
        Baoab { dynamics }
    }
}

impl Integrator for Baoab {
    fn name(&self) -> &'static str {
        "baoab"
    }

    fn weak_order(&self) -> f64 {
        2.0
    }

    fn strong_order(&self) -> f64 {
        1.0
    }

    fn dim(&self) -> usize {
        self.dynamics.dim()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let mut memory = vec![0.0; 2 * theta.len()];
        let gradient = &mut memory[theta.len()..];
        self.dynamics.gradient(theta, 1, gradient);
        memory
    }

    /// θ is differentiable: what lies between two grid points is no bridge.
    fn bridged(&self) -> bool {
        false
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment { dt, lanes, normals } = by;
        let half = 0.5 * dt;
        let kept = (-self.dynamics.friction() * dt).exp();
        let amplitude = (self.dynamics.temperature() * (1.0 - kept * kept)).sqrt();
        let theta = block.theta;
        let (velocity, gradient) = block.memory.split_at_mut(theta.len());
        {
            let (theta, velocity, gradient) = (&mut *theta, &mut *velocity, &*gradient);
            vectorised!(|theta, velocity| for (((x, v), g), xi) in
                theta.iter_mut().zip(velocity).zip(gradient).zip(normals)
            {
                *v -= half * g;
                *x += half * *v;
                *v = kept * *v + amplitude * xi;
                *x += half * *v;
            });
        }
        self.dynamics.gradient(theta, lanes, gradient);
        let gradient = &*gradient;
        vectorised!(|velocity| for (v, g) in velocity.iter_mut().zip(gradient) {
            *v -= half * g;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::landscape::quadratic::Quadratic;
    use nalgebra::{DMatrix, Matrix2, Vector2};

    const H: f64 = 3.0;
    const FRICTION: f64 = 0.7;
    const TEMPERATURE: f64 = 0.4;

    /// On L = hθ²/2 a step is linear, (θ, v) ← M(θ, v) + bξ: M and b, read off single steps.
    fn linear(dt: f64) -> (Matrix2<f64>, Vector2<f64>) {
        let bowl = Quadratic::new(DMatrix::from_element(1, 1, H)).unwrap();
        let dynamics = Underdamped::new(Box::new(bowl), FRICTION, TEMPERATURE).unwrap();
        let scheme = Baoab::new(dynamics);
        // Three lanes: a unit of θ, of v and of ξ.
        let (mut theta, mut drift) = ([1.0, 0.0, 0.0], [0.0; 3]);
        let mut memory: Vec<f64> = vec![0.0, 1.0, 0.0, H, 0.0, 0.0];
        let by = Increment {
            dt,
            lanes: 3,
            normals: &[0.0, 0.0, 1.0],
        };
        let block = Moved {
            theta: &mut theta,
            memory: &mut memory,
            drift: &mut drift,
            variance: &mut [],
        };
        scheme.step(by, block);
        (
            Matrix2::new(theta[0], theta[1], memory[0], memory[1]),
            Vector2::new(theta[2], memory[2]),
        )
    }

    /// Mean and covariance after time `horizon` from (1, 0), by the recursion.
    fn moments(dt: f64, horizon: f64) -> (Vector2<f64>, Matrix2<f64>) {
        let (m, b) = linear(dt);
        let (mut mean, mut covariance) = (Vector2::new(1.0, 0.0), Matrix2::zeros());
        for _ in 0..(horizon / dt).round() as usize {
            mean = m * mean;
            covariance = m * covariance * m.transpose() + b * b.transpose();
        }
        (mean, covariance)
    }

    /// Var θ = T/h for every step size, and Var v = T(1 − h dt²/4) (Leimkuhler and Matthews 2013, on the
    /// harmonic oscillator), no correlation; to rounding in some thousand steps.
    #[test]
    fn the_stationary_law_of_a_quadratic_is_exact() {
        for dt in [0.05, 0.3, 0.8] {
            let (_, covariance) = moments(dt, 400.0);
            let exact = [TEMPERATURE / H, TEMPERATURE * (1.0 - H * dt * dt / 4.0)];
            assert!((covariance[(0, 0)] - exact[0]).abs() < 1e-12, "{dt}");
            assert!((covariance[(1, 1)] - exact[1]).abs() < 1e-12, "{dt}");
            assert!(covariance[(0, 1)].abs() < 1e-12, "{dt}");
        }
    }

    /// Against the exact transient, m(t) = e^{At}m₀ and Σ(t) = Σ∞ − e^{At}Σ∞e^{Aᵀt}: halving dt from 0.02
    /// divides the error by 2^p with p within 0.02 of the declared 2; the next order's share is h dt² ≈ 1e-3.
    #[test]
    fn the_weak_order_on_a_quadratic_is_two() {
        let t = 1.7;
        let flow = (Matrix2::new(0.0, 1.0, -H, -FRICTION) * t).exp();
        let stationary = Matrix2::from_diagonal(&Vector2::new(TEMPERATURE / H, TEMPERATURE));
        let mean = flow * Vector2::new(1.0, 0.0);
        let covariance = stationary - flow * stationary * flow.transpose();
        let errors = [0.02, 0.01].map(|dt| {
            let (m, c) = moments(dt, t);
            [(m - mean).norm(), (c - covariance).norm()]
        });
        for (coarse, fine) in errors[0].iter().zip(&errors[1]) {
            let order = (coarse / fine).log2();
            assert!((order - 2.0).abs() < 0.02, "{order}");
        }
    }

    #[test]
    fn a_particle_starts_at_rest_with_its_gradient() {
        let bowl = Quadratic::new(DMatrix::from_element(1, 1, H)).unwrap();
        let dynamics = Underdamped::new(Box::new(bowl), FRICTION, TEMPERATURE).unwrap();
        assert_eq!(Baoab::new(dynamics).start(&[2.0]), [0.0, 2.0 * H]);
    }
}
