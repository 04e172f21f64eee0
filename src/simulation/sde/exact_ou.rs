//! Exact sampling of the Ornstein–Uhlenbeck process.

use super::registry::{DT, Dynamics, Entry, Orders};
use super::{Increment, Integrator, Moved, OrnsteinUhlenbeck};

/// θ ← c + e^{−H dt}(θ − c) + √(T(1 − e^{−2H dt})/H) ξ (Uhlenbeck and Ornstein 1930): the law at grid
/// points is exact for any dt.
///
/// Between grid points the path is taken for a Brownian bridge of variance 2T dt; for exits that leaves a bias
/// of order dt.
pub struct ExactOu {
    process: OrnsteinUhlenbeck,
}

/// Its entry.
pub const EXACT_OU: Entry = Entry {
    name: "exact-ou",
    formula: "θ ← c + e^{−H dt}(θ − c) + √(T(1 − e^{−2H dt})/H) ξ",
    source: "Uhlenbeck and Ornstein 1930; Gillespie 1996",
    scope: "dθ = −H(θ − c)dt + √(2T) dW, a quadratic: exact at grid points, so its orders are infinite",
    weak_order: f64::INFINITY,
    strong_order: f64::INFINITY,
    additive: Orders {
        weak: f64::INFINITY,
        strong: f64::INFINITY,
    },
    bridged: true,
    stability: None,
    parameters: &[DT],
    build: |dynamics| match dynamics {
        Dynamics::OrnsteinUhlenbeck(process) => Ok(Box::new(ExactOu::new(process))),
        other => Err(other.unsuited("exact-ou")),
    },
};

impl ExactOu {
    /// The scheme for `process`.
    pub fn new(process: OrnsteinUhlenbeck) -> Self {
        ExactOu { process }
    }
}

impl Integrator for ExactOu {
    fn entry(&self) -> &'static Entry {
        &EXACT_OU
    }

    fn dim(&self) -> usize {
        self.process.rates.len()
    }

    fn scratch_rows(&self) -> usize {
        self.dim()
    }

    fn step(&self, by: Increment<'_>, block: Moved<'_>) {
        let Increment {
            dt, lanes, normals, ..
        } = by;
        let OrnsteinUhlenbeck {
            axes,
            rates,
            centre,
            temperature,
        } = &self.process;
        let (theta, own) = (block.theta, block.scratch);
        let row = |i: usize| i * lanes..(i + 1) * lanes;
        for (i, (rate, c)) in rates.iter().zip(centre.iter()).enumerate() {
            let kept = (-rate * dt).exp();
            // The variance over 2T dt: 1 at λ = 0, and defined on a saddle too.
            let x = 2.0 * rate * dt;
            let share = if x == 0.0 { 1.0 } else { -(-x).exp_m1() / x };
            let amplitude = (2.0 * temperature * dt * share).sqrt();
            for (lane, y) in own[row(i)].iter_mut().enumerate() {
                let along: f64 = (0..rates.len())
                    .map(|j| axes[(j, i)] * theta[j * lanes + lane])
                    .sum();
                *y = c + kept * (along - c) + amplitude * normals[i * lanes + lane];
            }
        }
        for j in 0..rates.len() {
            for (lane, x) in theta[row(j)].iter_mut().enumerate() {
                *x = (0..rates.len())
                    .map(|i| axes[(j, i)] * own[i * lanes + lane])
                    .sum();
            }
        }
        block.variance.fill(2.0 * temperature * dt);
    }
}
