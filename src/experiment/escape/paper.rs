//! The paper's own escape time for a cell, where the paper has one.

use super::cell::{Cell, Driver, Noise, Shape};
use crate::prediction::condition::Condition;
use crate::prediction::theory::adai::{self, Escape, Inertia};
use crate::simulation::landscape::barrier::barrier;
use crate::simulation::landscape::line::curvature_at;
use crate::simulation::sde::Reading;

/// What the paper predicts for a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperTime {
    /// ln of the exponential factor.
    pub exponent: f64,
    /// τ in iterations of the process.
    pub iterations: f64,
    /// The theory's own conditions, with their numbers.
    pub validity: Vec<Condition>,
}

/// Theorem 3.2 (SGD and its SDE) or Theorem 3 (momentum) under C = |H|/B; `None` for other drivers
/// and noises. s is that of the two-temperature well, |H_be|/(H_ae + |H_be|).
pub fn paper_time(cell: &Cell) -> Option<PaperTime> {
    let line = cell.surface_of(1).ok()?;
    let found = barrier(&*line)?;
    let h_min = curvature_at(&*line, found.minimum.theta[0]);
    let h_saddle = curvature_at(&*line, found.saddle.theta[0]).abs();
    let escape = |eta: f64, batch: f64| Escape {
        eta,
        batch,
        h_min,
        h_saddle,
        barrier: found.height,
        s: h_saddle / (h_min + h_saddle),
    };
    match &cell.driver {
        Driver::Shaped {
            shape: Shape::Hessian,
            reading: Reading::Ito,
            eta_over_batch,
            scheme,
            ..
        } => {
            let escape = escape(*eta_over_batch, 1.0);
            let time = adai::sgd(&escape).ok()?;
            // The SDE has no step size of its own, so only the barrier conditions apply to it.
            let mut validity = adai::validity(&escape).ok()?;
            validity.retain(|condition| condition.above);
            Some(PaperTime {
                exponent: time.exponent,
                iterations: time.time / scheme.dt,
                validity,
            })
        }
        Driver::Optimizer {
            rule,
            noise: Noise::Hessian { batch, .. },
        } if rule.values.is_plain() => {
            let values = &rule.values;
            let escape = escape(values["eta"], *batch);
            let (time, validity) = match rule.entry.name {
                "sgd" => (adai::sgd(&escape).ok()?, adai::validity(&escape).ok()?),
                "sgdm" => {
                    let beta1 = values["beta1"];
                    let inertia = Inertia::of_rule(values["eta"], beta1, 1.0 - beta1).ok()?;
                    (
                        adai::momentum(&escape, &inertia).ok()?,
                        adai::momentum_validity(&escape, &inertia).ok()?,
                    )
                }
                _ => return None,
            };
            Some(PaperTime {
                exponent: time.exponent,
                iterations: time.iterations,
                validity,
            })
        }
        _ => None,
    }
}
