//! Rates, times and steps of exits.

use base::error::{Error, Result};
use measurement::exit_rate::{ExitRate, mean_time};
use measurement::mean::Moments;
use measurement::rate::Observation;
use measurement::reading::{Exact, Reading};
use measurement::{Estimate, splitting};

use super::moments::unknown;
use super::{EXIT_PARTS, Table};
use crate::observe::{Exit, Observable};
use crate::reference::passage;
use crate::run::{Left, Split};

impl Table<'_> {
    pub(super) fn exit(
        &self,
        index: usize,
        observable: &Observable,
        exit: &Exit,
        place: usize,
    ) -> Result<Vec<Reading>> {
        let (study, cell) = (self.study, &self.study.cells[index]);
        let clock = cell.system.clock;
        let mut all: Vec<Reading> = EXIT_PARTS
            .iter()
            .map(|part| self.blank(cell, format!("{}.{part}", observable.label)))
            .collect();
        let scales = [1.0 / clock, clock, 1.0];
        // Splitting looks at the grid points of an SDE alone, which leaves a bias that its exact value has not; a reference is not split.
        let of_the_path = !exit.splitting || cell.rule().is_some() || cell.reference;
        let known = (of_the_path && passage::applies(cell))
            .then(|| {
                let boundary = study.exit(cell, observable, exit).ok()?;
                let found = match boundary {
                    Some(at) => passage::of(cell, at, study.particles, exit.max_steps, &study.name),
                    None => {
                        let constants = self.constants(cell, [&exit.until; 2], [f64::NAN; 2]);
                        passage::into_region(cell, &exit.until, constants.ok()?)
                    }
                };
                Some(found.ok_or_else(|| match boundary {
                    Some(_) => "exits of this process in this noise have no reference".to_string(),
                    None => format!(
                        "`{}` is no number that one coordinate passes, and no formula of an SDE's two coordinates that comes above another",
                        exit.until.text
                    ),
                }))
            })
            .flatten();
        let Some(results) = self.results else {
            if matches!(known, Some(Ok(_))) {
                all.iter_mut()
                    .for_each(|reading| reading.exact = Some(unknown()));
            }
            return Ok(all);
        };
        let step = known.and_then(|passage| {
            let passage = passage.map_err(Error::Failed);
            self.exact(
                cell,
                passage.and_then(|passage| passage::mean_step(cell, &passage)),
            )
        });
        if let Some(step) = step {
            let rate = Exact {
                value: 1.0 / step.value,
                error: step.error / (step.value * step.value),
                method: step.method.clone(),
            };
            for ((reading, exact), scale) in all.iter_mut().zip([&rate, &step, &step]).zip(scales) {
                reading.exact = Some(Exact {
                    value: exact.value * scale,
                    error: exact.error * scale,
                    method: exact.method.clone(),
                });
            }
        }
        let own = format!("/{}", observable.label);
        if let Some(left) = results.exits(self.run(index)).get(place) {
            let (mut rate, influence) = rate(left, study.confidence)?;
            let bridged = study.exit(cell, observable, exit)?.is_some() && !exit.splitting;
            if cell.rule().is_none() && !bridged {
                rate.method += "; seen at grid points only, so late by a bias of order √dt that the interval has not";
            }
            let mean = mean_time(&rate);
            let value = rate.value.unwrap_or(f64::NAN);
            let inverse: Vec<f64> = influence.iter().map(|v| -v / (value * value)).collect();
            let parts = [
                (Some(rate), influence),
                (mean.clone(), inverse.clone()),
                (mean, inverse),
            ];
            for ((reading, (estimate, influence)), scale) in all.iter_mut().zip(parts).zip(scales) {
                reading.measured = estimate.map(|estimate| estimate.over(1.0 / scale));
                reading.influence =
                    self.influence(index, &own, influence.iter().map(|v| v * scale).collect());
            }
        }
        Ok(all)
    }
}

/// Γ a step, and how much each particle (or run) moves it.
fn rate(left: &Left, confidence: f64) -> Result<(Estimate, Vec<f64>)> {
    match left {
        Left::Direct(exits) => {
            let ends: Vec<(f64, f64)> = exits
                .ends
                .iter()
                .filter(|n| **n != 0)
                .map(|n| (n.unsigned_abs() as f64, f64::from(u8::from(*n > 0))))
                .collect();
            if ends.is_empty() {
                let why = "every particle diverged before it left";
                return Ok((Estimate::without_interval(f64::NAN, 0, why), Vec::new()));
            }
            let observations: Vec<Observation> = ends
                .iter()
                .map(|(time, exited)| Observation {
                    time: *time,
                    exited: *exited > 0.0,
                })
                .collect();
            let rate = ExitRate::of(&observations, confidence)?;
            let n = ends.len() as f64;
            let time = ends.iter().map(|(t, _)| t).sum::<f64>() / n;
            let value = rate.estimate.value.unwrap_or(f64::NAN);
            let influence = ends.iter().map(|(t, exited)| (exited - value * t) / time);
            let influence = if value.is_finite() {
                influence.collect()
            } else {
                Vec::new()
            };
            Ok((rate.estimate, influence))
        }
        Left::Split(runs) => {
            let of = |part: fn(&Split) -> f64| runs.iter().map(part).collect::<Moments>();
            let (p, c) = (of(|run| run.probability), of(|run| run.cycle));
            let mean = |m: &Moments| m.mean().unwrap_or(f64::NAN);
            let estimate = splitting::rate(&p, &c, confidence)?;
            let Some(value) = estimate.standard_error.and(estimate.value) else {
                return Ok((estimate, Vec::new()));
            };
            let influence = runs
                .iter()
                .map(|run| value * (run.probability / mean(&p) - run.cycle / mean(&c)));
            Ok((estimate, influence.collect()))
        }
    }
}
