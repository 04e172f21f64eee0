//! The paper's own escape time for a cell, where the paper has one.

use super::cell::{Cell, Driver, Noise, Shape};
use super::leaving::Leaving;
use crate::error::Result;
use crate::experiment::well;
use crate::prediction::condition::Condition;
use crate::prediction::exact::kramers_law;
use crate::prediction::theory::adai::{self, Escape, Inertia};
use crate::simulation::sde::Reading;

/// What the paper predicts for a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperTime {
    /// ln of the exponential factor.
    pub exponent: f64,
    /// τ in iterations of the process, until the first of all coordinates has left.
    pub iterations: f64,
    /// The theory's own conditions, with their numbers.
    pub validity: Vec<Condition>,
}

/// Theorem 3.2 (SGD and its SDE) or Theorem 3 (momentum) under C = |H|/B, of the well in which particles start and the
/// barrier between it and the exit. s is that of the two-temperature well, |H_be|/(H_ae + |H_be|).
///
/// # Errors
/// A sentence why the paper has no time for the cell: another driver or noise, coupled coordinates, or no such barrier.
pub fn paper_time(cell: &Cell) -> std::result::Result<PaperTime, String> {
    let law = law(&cell.driver).ok_or("The paper has no formula for this driver.")?;
    let time = |leaving: Leaving| -> std::result::Result<PaperTime, String> {
        let barrier = well::barrier(&leaving.way)?;
        let h_saddle = barrier.h_saddle.abs();
        let escape = Escape {
            eta: law.eta,
            batch: law.batch,
            h_min: barrier.h_min,
            h_saddle,
            barrier: barrier.height,
            s: h_saddle / (barrier.h_min + h_saddle),
        };
        let (exponent, iterations, mut validity) =
            law.of(&escape).map_err(|error| error.to_string())?;
        validity.push(kramers_law::one_barrier(leaving.way.wells));
        Ok(PaperTime {
            exponent,
            iterations: iterations / leaving.coordinates as f64,
            validity,
        })
    };
    let surface = cell.surface()?;
    if !surface.separable() {
        return Err(
            "The paper's formula is for one coordinate, and those of this surface are coupled."
                .into(),
        );
    }
    cell.leaving()
        .and_then(time)
        .map_err(|why| format!("The paper's formula has no meaning here: {why}."))
}

/// The law of a driver.
struct Law {
    eta: f64,
    batch: f64,
    kind: Kind,
}

enum Kind {
    /// dt. An SDE has no step size of its own, so only the barrier conditions apply to it.
    Sde(f64),
    Sgd,
    Momentum(Inertia),
}

fn law(driver: &Driver) -> Option<Law> {
    match driver {
        Driver::Shaped {
            shape: Shape::Hessian,
            reading: Reading::Ito,
            eta_over_batch,
            scheme,
            ..
        } => Some(Law {
            eta: *eta_over_batch,
            batch: 1.0,
            kind: Kind::Sde(scheme.dt),
        }),
        Driver::Optimizer {
            rule,
            noise: Noise::Hessian { batch, .. },
        } if rule.values.is_plain() => {
            let eta = rule.values["eta"];
            let kind = match rule.entry.name {
                "sgd" => Kind::Sgd,
                "sgdm" => {
                    let beta1 = rule.values["beta1"];
                    Kind::Momentum(Inertia::of_rule(eta, beta1, 1.0 - beta1).ok()?)
                }
                _ => return None,
            };
            Some(Law {
                eta,
                batch: *batch,
                kind,
            })
        }
        _ => None,
    }
}

impl Law {
    /// Exponent, iterations and conditions.
    fn of(&self, escape: &Escape) -> Result<(f64, f64, Vec<Condition>)> {
        Ok(match &self.kind {
            Kind::Sde(dt) => {
                let time = adai::sgd(escape)?;
                let validity = adai::high_barriers(escape)?.to_vec();
                (time.exponent, time.time / dt, validity)
            }
            Kind::Sgd => {
                let time = adai::sgd(escape)?;
                (time.exponent, time.iterations, adai::validity(escape)?)
            }
            Kind::Momentum(inertia) => {
                let time = adai::momentum(escape, inertia)?;
                let validity = adai::momentum_validity(escape, inertia)?;
                (time.exponent, time.iterations, validity)
            }
        })
    }
}
