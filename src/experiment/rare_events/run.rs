//! Runs the cells of a rare-events experiment, keeping each on disk as soon as it is finished.

use std::path::Path;
use std::sync::atomic::AtomicU64;

use rayon::prelude::*;

use super::cell::RareCell;
use super::checks::self_checks;
use super::figures::figures;
use super::outcome::{Brute, Finished, Outcome, Run};
use super::spec::RareSpec;
use super::text::sections;
use crate::context::{Context, Progress};
use crate::escape::solved;
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_parts};
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::{Error, Result};
use measurement::exit_rate::{ExitRate, of_effective};
use measurement::mean::not_enough;
use measurement::rate::{Exposure, Observation};
use measurement::reading::{Exact, Reading};
use measurement::{DEFAULT_CONFIDENCE, Estimate};
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::splitting::Splitting;
use simulation::ensemble::{End, Ensemble, Plan, Process};
use simulation::random::{Stream, cell_key};

impl Protocol for RareSpec {
    fn plan(&self) -> Vec<Planned> {
        // What splitting will take is what it measures.
        let cell = |cell: &RareCell| Planned {
            work: None,
            ..cell.cell.plan()
        };
        self.cells.iter().map(cell).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = each(&self.cells, |cell| {
            cell_result(cell, context, progress, folder)
        })?;
        let references = context.pool.install(|| {
            let all = self.cells.par_iter();
            all.map(|cell| cell.reference().map_err(Error::Failed))
                .collect::<Result<Vec<_>>>()
        })?;
        let outcomes = self
            .cells
            .iter()
            .zip(&finished)
            .zip(references)
            .map(|((cell, done), reference)| Outcome::of(cell, done, reference, self.confidence))
            .collect::<Result<Vec<_>>>()?;
        let steps = |done: &Finished| {
            let split: u64 = done.runs.iter().map(|run| run.steps).sum();
            split + done.brute.map_or(0, |brute| brute.steps)
        };
        let particle_steps = finished.iter().map(steps).sum();
        Ok(Finding {
            samples: samples(&outcomes),
            estimates: estimates(&outcomes, self.confidence)?,
            verdicts: Verdicts {
                claims: self
                    .claims
                    .iter()
                    .map(|claim| claim.rule(&outcomes, self.confidence))
                    .collect(),
                self_checks: self_checks(&outcomes),
            },
            figures: figures(&outcomes, &context.scale),
            sections: sections(&outcomes),
            particle_steps,
            lane_steps: particle_steps,
            diverged: 0,
        })
    }
}

fn cell_result(
    cell: &RareCell,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
) -> Result<Finished> {
    let label = &cell.cell.label;
    let piece = Piece::of(label, cell, cell.plan.runs);
    let process = cell.cell.process(context.seed).map_err(Error::Failed)?;
    let run = |i| run(cell, &*process, context.seed, i).map(Some);
    kept_parts(piece, context, progress, folder, run, |runs| {
        Ok(match brute(cell, &*process, &runs, context)? {
            Some(brute) => Come::Whole(Finished { runs, brute }),
            None => Come::Stopped(Some(runs)),
        })
    })
}

/// One run, whose random numbers no other run shares.
fn run(cell: &RareCell, process: &dyn Process, seed: u64, i: u64) -> Result<Run> {
    let stream = Stream::new(seed, cell_key(&format!("{}/run={i}", cell.cell.label)));
    let splitting = Splitting {
        process,
        stream: &stream,
        scheme: &cell.scheme(),
    };
    let split = splitting.run().map_err(|error| match error {
        Error::Failed(what) => Error::Failed(format!("{}: {what}", cell.cell.label)),
        other => other,
    })?;
    Ok(Run {
        probability: split.probability,
        cycle: split.cycle,
        levels: split.levels,
        steps: split.steps,
    })
}

/// First exits of the same process one by one, where they do not take too long. The outer `None` is
/// Ctrl-C. An SDE is split as the chain of its grid points, which the driver for first exits is not.
fn brute(
    cell: &RareCell,
    process: &dyn Process,
    runs: &[Run],
    context: &Context,
) -> Result<Option<Option<Brute>>> {
    let particles = cell.plan.brute_particles;
    let p: f64 = runs.iter().map(|run| run.probability).sum();
    let mean = runs.iter().map(|run| run.cycle).sum::<f64>() / p;
    let affordable = particles as f64 * mean <= cell.plan.brute_steps;
    if particles == 0 || process.continuous() || !affordable {
        return Ok(Some(None));
    }
    let stream = Stream::new(
        context.seed,
        cell_key(&format!("{}/brute", cell.cell.label)),
    );
    let plan = Plan {
        particles,
        // Beyond what any of them takes, were the estimate right.
        max_steps: (100.0 * mean) as u64,
        start: cell.cell.start_point(),
        exit: cell.exit(),
        coordinate: cell.cell.coordinate,
        lanes: context.lanes,
    };
    let ensemble = Ensemble {
        process,
        stream: &stream,
        plan: &plan,
    };
    let counter = AtomicU64::new(0);
    let found = context
        .pool
        .install(|| ensemble.run(&context.stop, &counter));
    let Some(found) = found else {
        return Ok(None);
    };
    let seen = found.ends.iter().filter_map(|end| match *end {
        End::Exited(n) => Some((n, true)),
        End::Censored(n) => Some((n, false)),
        End::Diverged(_) => None,
    });
    let seen = seen.map(|(n, exited)| Observation {
        time: n as f64,
        exited,
    });
    let seen: Vec<Observation> = seen.collect();
    let exposure = Exposure::of(&seen)?;
    Ok(Some(Some(Brute {
        exits: exposure.exits,
        steps: exposure.time_at_risk as u64,
        effective: ExitRate::of(&seen, DEFAULT_CONFIDENCE)?.effective,
    })))
}

/// A row per run.
fn samples(outcomes: &[Outcome<'_>]) -> Table {
    let rows: Vec<(&str, u64, &Run)> = outcomes
        .iter()
        .flat_map(|o| {
            let label = o.cell.cell.label.as_str();
            (0..).zip(&o.done.runs).map(move |(i, run)| (label, i, run))
        })
        .collect();
    let number = |of: fn(&Run) -> f64| Column::F64(rows.iter().map(|row| of(row.2)).collect());
    let whole = |of: fn(&Run) -> u64| Column::U64(rows.iter().map(|row| of(row.2)).collect());
    let labels = rows.iter().map(|row| row.0.to_string()).collect();
    let indices = rows.iter().map(|row| row.1).collect();
    Table {
        columns: vec![
            ("cell".into(), Column::Text(labels)),
            ("run".into(), Column::U64(indices)),
            ("probability".into(), number(|run| run.probability)),
            ("cycle_steps".into(), number(|run| run.cycle)),
            ("levels".into(), whole(|run| run.levels)),
            ("steps".into(), whole(|run| run.steps)),
        ],
    }
}

/// A row per cell and quantity, with its exact reference where there is one.
fn estimates(outcomes: &[Outcome<'_>], confidence: f64) -> Result<Vec<Reading>> {
    let mut rows = Vec::new();
    for o in outcomes {
        let label = &o.cell.cell.label;
        let runs = o.done.runs.len() as u64;
        let open = |quantity: &str, value: f64, how: &str| {
            let found = Estimate::without_interval(value, runs, how);
            Reading::measured(label, quantity, found)
        };
        let height = Exact::by("closed form", o.cell.height());
        let reference = &o.reference;
        let chain = "Nyström solution of the discrete Gaussian chain";
        let own = reference.steps.map(|steps| solved(chain, steps));
        let sde = reference.sde_steps.map(|steps| solved("quadrature", steps));
        rows.extend([
            Reading::measured(label, "escape rate Γ (per step)", o.rate.clone()),
            Reading::of(label, "mean exit step", Some(o.mean()), own),
            Reading::known(label, "barrier ΔL/T", height),
            Reading::measured(label, "p, from Σ to the exit", o.probability.clone()),
            open("steps of a cycle", o.cycle, "mean over runs"),
            open(
                "relative standard deviation of a run over √(−ln p/N)",
                o.spread / o.ideal,
                "over runs, no interval",
            ),
            open("steps of a run", o.work, "mean over runs"),
        ]);
        let law = reference.law_steps.map(|steps| {
            let method = "Kramers–Langer law, exact for high barriers only";
            Exact::by(method, steps)
        });
        let known = [
            ("mean exit step of the SDE", sde),
            ("mean exit step, asymptotic law", law),
        ];
        rows.extend(
            known
                .into_iter()
                .filter_map(|(quantity, exact)| Some(Reading::known(label, quantity, exact?))),
        );
        if let Some(brute) = &o.done.brute {
            let estimate = match brute.effective {
                None => {
                    Estimate::without_interval(brute.rate(), brute.exits, &not_enough(brute.exits))
                }
                Some(effective) => of_effective(&brute.exposure(), effective, confidence)?,
            };
            let quantity = "escape rate Γ by brute force (per step)";
            rows.push(Reading::measured(label, quantity, estimate));
        }
    }
    Ok(rows)
}
