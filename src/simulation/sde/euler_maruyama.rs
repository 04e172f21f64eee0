//! Euler–Maruyama: θ ← θ + b dt + √(2D dt) ξ.

use super::registry::{DT, Dynamics, Entry, Orders, Stability};
use super::{Increment, Integrator, Moved, Sde};
use crate::vectorised::vectorised;

/// The Euler–Maruyama scheme (Maruyama 1955), for any D.
pub struct EulerMaruyama {
    sde: Box<dyn Sde>,
}

/// Its entry.
pub const EULER_MARUYAMA: Entry = Entry {
    name: EulerMaruyama::NAME,
    formula: "θ ← θ + b(θ)dt + √(2D(θ)dt) ξ, exits between grid points by the Brownian bridge",
    source: "Maruyama 1955",
    scope: "dθ = b dt + √(2D) dW, any diagonal D",
    weak_order: 1.0,
    strong_order: 0.5,
    additive: Orders {
        weak: 1.0,
        strong: 1.0,
    },
    bridged: true,
    stability: Some(Stability::Curvature(2.0)),
    parameters: &[DT],
    build: |dynamics| match dynamics {
        Dynamics::Diffusion(sde) => Ok(Box::new(EulerMaruyama::new(sde))),
        other => Err(other.unsuited(EulerMaruyama::NAME)),
    },
};

impl EulerMaruyama {
    /// Its name in files. It is the scheme whose exact chain, hence bias, is known.
    pub const NAME: &str = "euler-maruyama";

    /// The scheme for `sde`.
    pub fn new(sde: Box<dyn Sde>) -> Self {
        EulerMaruyama { sde }
    }
}

impl Integrator for EulerMaruyama {
    fn entry(&self) -> &'static Entry {
        &EULER_MARUYAMA
    }

    fn dim(&self) -> usize {
        self.sde.dim()
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let Moved {
            theta,
            drift,
            variance,
            ..
        } = block;
        self.sde.drift(theta, lanes, drift);
        let drift = &*drift;
        if let Some(constant) = self.sde.constant_diffusion() {
            let v = 2.0 * constant * dt;
            let amplitude = v.sqrt();
            vectorised!(|theta, variance| for (((x, xi), b), own) in
                theta.iter_mut().zip(normals).zip(drift).zip(variance)
            {
                *own = v;
                *x += b * dt + amplitude * xi;
            });
            return;
        }
        self.sde.diffusion(theta, lanes, variance);
        vectorised!(|theta, variance| for (((x, xi), b), v) in
            theta.iter_mut().zip(normals).zip(drift).zip(variance)
        {
            *v *= 2.0 * dt;
            *x += b * dt + v.sqrt() * xi;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::quadratic::Quadratic;
    use crate::sde::{Diffusion, Overdamped};
    use nalgebra::DMatrix;

    /// By hand: θ = 2, h = 3, dt = 0.1, T = 0.45: drift −6, 2D dt = 0.09, so θ ← 2 − 0.6 + 0.3 ξ. With
    /// D = (η/2B)(|h| + δ) = 0.1 · 4.5 the same.
    #[test]
    fn one_step_by_hand() {
        let shaped = Diffusion::HessianShaped {
            scale: 0.1,
            floor: 1.5,
        };
        for diffusion in [Diffusion::Constant(0.45), shaped] {
            let bowl = Quadratic::new(DMatrix::from_element(1, 1, 3.0)).unwrap();
            let scheme = EulerMaruyama::new(Box::new(Overdamped::new(Box::new(bowl), diffusion)));
            let (mut theta, mut drift, mut variance) = ([2.0f64, 2.0], [0.0; 2], [0.0f64; 2]);
            let by = Increment {
                dt: 0.1,
                lanes: 2,
                normals: &[1.0, -2.0],
                taken: &[],
                live: &[],
            };
            let block = Moved {
                theta: &mut theta,
                memory: &mut [],
                drift: &mut drift,
                variance: &mut variance,
                scratch: &mut [],
            };
            scheme.step(by, block);
            for (found, exact) in theta.iter().zip([1.7, 0.8]) {
                assert!((found - exact).abs() < 1e-15, "{found}");
            }
            assert!(variance.iter().all(|v| (v - 0.09).abs() < 1e-16));
        }
    }
}
