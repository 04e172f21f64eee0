//! The paper's own escape time for a cell, where the paper has one.

use super::cell::{Cell, Driver, Noise, Shape};
use super::leaving::Leaving;
use crate::well;
use base::error::Result;
use prediction::condition::Condition;
use prediction::exact::kramers_law;
use prediction::theory::adai::{self, Escape, Inertia};
use simulation::sde::Reading;

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

#[cfg(test)]
mod tests {
    use super::super::EscapeSpec;
    use super::*;
    use crate::spec::{Document, Section};
    use simulation::optimizer::registry::Rules;

    /// SGD in a tilted double well, x³ − x + 0.1 = 0 at −1.0467, 0.1010 and 0.9456.
    fn cell(course: &str) -> Cell {
        let text = format!(
            "[landscape]\nexpression = \"0.25*(x^2-1)^2+0.1*x\"\n\
             [noise]\nname = \"hessian\"\nbatch = 0.7\nfloor = 0.3\n\
             [[optimizer]]\nname = \"sgd\"\neta = 0.04\n\
             [ensemble]\nparticles = 2000\nmax_steps = 100\n{course}\n"
        );
        let document = Document::parse("file.toml", &text).unwrap();
        let root = Section::new("", &document.root).unwrap();
        let spec = EscapeSpec::read(&root, "tilted", &Rules::default()).unwrap();
        spec.cells[0].clone()
    }

    #[test]
    fn the_paper_speaks_of_the_well_that_particles_start_in() {
        // By hand: H_a = 1.68276, |H_b| = 0.96938, ΔL = 0.157665 of the shallow well on the right.
        for start in ["0.9456", "0.7", "1.2"] {
            let course = format!("start = {start}\nexit = -0.6\ndirection = \"below\"");
            let paper = paper_time(&cell(&course)).unwrap();
            assert!((paper.exponent - 4.8106).abs() < 5e-4, "{}", paper.exponent);
            assert!(
                (paper.iterations / 19898.0 - 1.0).abs() < 1e-3,
                "{}",
                paper.iterations
            );
            let failed: Vec<String> = paper
                .validity
                .iter()
                .filter(|condition| !condition.holds())
                .map(ToString::to_string)
                .collect();
            assert_eq!(failed.len(), 1, "{failed:?}");
            assert!(failed[0].starts_with("2BΔL/(ηH_ae) = 3.27"), "{failed:?}");
        }
    }

    #[test]
    fn an_exit_behind_another_well_or_before_any_barrier_has_no_law() {
        let beyond = cell("start = 0.9456\nexit = -1.5\ndirection = \"below\"");
        let paper = paper_time(&beyond).unwrap();
        let last = paper.validity.last().unwrap();
        assert!(!last.holds() && last.name.contains("other wells"), "{last}");
        let before = cell("start = 0.9456\nexit = 0.5\ndirection = \"below\"");
        let why = paper_time(&before).unwrap_err();
        assert!(why.contains("no saddle lies between"), "{why}");
    }

    #[test]
    fn the_exit_at_the_saddle_is_that_of_the_starts_well() {
        let right = cell("start = 0.8\nexit = \"saddle\"\ndirection = \"below\"");
        let left = cell("exit = \"saddle\"");
        assert_eq!(right.exit, left.exit);
        assert!((right.exit - 0.101_031_257_881).abs() < 1e-10 && left.start[0] < -1.04);
    }
}
