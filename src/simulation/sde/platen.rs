//! Platen's explicit Runge–Kutta scheme of weak order 2.

use super::registry::{DT, Dynamics, Entry, Orders, Stability};
use super::{Increment, Integrator, Moved, Noise, Sde, pieces, within};
use crate::vectorised::vectorised;
use base::error::Result;

/// Platen's explicit scheme of weak order 2 (Kloeden and Platen 1992, section 15.1), for noise of its own
/// coordinate, where its mixed terms vanish. With y = θ + b dt + σ√dt ξ and y± = θ + b dt ± σ√dt:
///
/// ```text
/// θ ← θ + ½(b(y) + b(θ))dt + ¼(σ(y₊) + σ(y₋) + 2σ(θ))√dt ξ + ¼(σ(y₊) − σ(y₋))√dt (ξ² − 1)
/// ```
///
/// With normals ξ it contains Milstein's terms, hence strong order 1.
pub struct Platen {
    sde: Box<dyn Sde>,
}

/// Its entry.
pub const PLATEN: Entry = Entry {
    name: "platen",
    formula: "θ ← θ + ½(b(y) + b(θ))dt + ¼(σ(y₊) + σ(y₋) + 2σ(θ))√dt ξ + ¼(σ(y₊) − σ(y₋))√dt (ξ² − 1); \
              y = θ + b dt + σ√dt ξ, y± = θ + b dt ± σ√dt, σ = √(2D)",
    source: "Kloeden and Platen 1992, section 15.1",
    scope: "dθ = b dt + √(2D) dW, D_ii a function of θ_i",
    weak_order: 2.0,
    strong_order: 1.0,
    additive: Orders {
        weak: 2.0,
        strong: 1.0,
    },
    bridged: true,
    stability: Some(Stability::Curvature(2.0)),
    parameters: &[DT],
    build: |dynamics| match dynamics {
        Dynamics::Diffusion(sde) => Ok(Box::new(Platen::new(sde)?)),
        other => Err(other.unsuited("platen")),
    },
};

impl Platen {
    /// The scheme for `sde`.
    ///
    /// # Errors
    /// A D_ii that depends on other coordinates.
    pub fn new(sde: Box<dyn Sde>) -> Result<Self> {
        let sde = within(sde, Noise::Own, PLATEN.name)?;
        Ok(Platen { sde })
    }
}

impl Integrator for Platen {
    fn entry(&self) -> &'static Entry {
        &PLATEN
    }

    fn dim(&self) -> usize {
        self.sde.dim()
    }

    fn scratch_rows(&self) -> usize {
        4 * self.dim()
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let (theta, drift, variance) = (block.theta, block.drift, block.variance);
        let [y, above, below, later] = pieces(block.scratch, theta.len());
        self.sde.drift(theta, lanes, drift);
        self.sde.diffusion(theta, lanes, variance);
        {
            let variance = &mut *variance;
            vectorised!(|variance| for v in variance.iter_mut() {
                *v *= 2.0 * dt;
            });
        }
        // D at y₊ and y₋ first, then y and b there.
        for (sign, d) in [(1.0, &mut *above), (-1.0, &mut *below)] {
            {
                let (theta, drift, variance, y) = (&*theta, &*drift, &*variance, &mut *y);
                vectorised!(|y| for (((y, x), b), v) in
                    y.iter_mut().zip(theta).zip(drift).zip(variance)
                {
                    *y = x + b * dt + sign * v.sqrt();
                });
            }
            self.sde.diffusion(y, lanes, d);
        }
        {
            let (theta, drift, variance, y) = (&*theta, &*drift, &*variance, &mut *y);
            vectorised!(|y| for ((((y, x), xi), b), v) in y
                .iter_mut()
                .zip(theta)
                .zip(normals)
                .zip(drift)
                .zip(variance)
            {
                *y = x + b * dt + v.sqrt() * xi;
            });
        }
        self.sde.drift(y, lanes, later);
        let (drift, later, above, below) = (&*drift, &*later, &*above, &*below);
        let variance = &*variance;
        vectorised!(|theta| for ((((((x, xi), b), l), p), m), v) in theta
            .iter_mut()
            .zip(normals)
            .zip(drift)
            .zip(later)
            .zip(above)
            .zip(below)
            .zip(variance)
        {
            let (p, m) = ((2.0 * dt * p).sqrt(), (2.0 * dt * m).sqrt());
            *x += 0.5 * (b + l) * dt
                + 0.25 * ((p + m + 2.0 * v.sqrt()) * xi + (p - m) * (xi * xi - 1.0));
        });
    }
}
