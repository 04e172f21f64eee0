//! Runs the cells of an escape experiment, keeping each on disk as soon as it is finished.

use std::path::Path;
use std::sync::atomic::AtomicU64;

use rayon::prelude::*;

use super::cell::Cell;
use super::figures::figures;
use super::outcome::Outcome;
use super::reference::Reference;
use super::rulings::{rulings, self_checks};
use super::spec::EscapeSpec;
use super::step_bias::step_bias;
use super::text::sections;
use crate::context::{Context, Progress};
use crate::exits::Exits;
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::reading::{Exact, Reading};
use report::verdicts::Verdicts;
use simulation::ensemble::{Ensemble, Exit, FirstExits, Plan, Precision, Process};
use simulation::random::{Drawn, Stream, cell_key};
use simulation::vector::Vector;

impl Protocol for EscapeSpec {
    fn plan(&self) -> Vec<Planned> {
        let all = self.cells.iter().chain(&self.halved);
        all.map(Cell::plan).collect()
    }

    fn memory(&self) -> u64 {
        let rows: u64 = self.cells.iter().map(|cell| cell.particles).sum();
        rows.saturating_mul(memory::ROW)
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let mut finished = each(self.cells.iter().chain(&self.halved), |cell| {
            cell_result(cell, context, progress, folder)
        })?;
        let halved = finished.split_off(self.cells.len());
        let references = context.pool.install(|| {
            self.cells
                .par_iter()
                .zip(&finished)
                .map(|(cell, done)| cell.reference(done.exited() > 0).map_err(Error::Failed))
                .collect::<Result<Vec<_>>>()
        })?;
        self.conclude(&finished, &halved, references, &context.scale)
    }
}

impl EscapeSpec {
    /// Statistics, verdicts, figures and words from the finished cells.
    fn conclude(
        &self,
        finished: &[Exits],
        halved: &[Exits],
        references: Vec<Reference>,
        scale: &str,
    ) -> Result<Finding> {
        let mut outcomes = self
            .cells
            .iter()
            .zip(finished)
            .zip(references)
            .map(|((cell, done), reference)| {
                Outcome::of(cell, done, reference, self.truncate, self.confidence)
            })
            .collect::<Result<Vec<_>>>()?;
        for ((outcome, cell), done) in outcomes.iter_mut().zip(&self.halved).zip(halved) {
            outcome.step_bias = step_bias(outcome, cell, done, self.confidence)?;
        }
        let particles = self.cells.first().map_or(0, |c| c.particles);
        let made = format!("{particles} particles a cell, scale {scale}");
        let all: Vec<&Exits> = finished.iter().chain(halved).collect();
        Ok(Finding {
            samples: Exits::table(all.iter().copied()),
            estimates: estimates(&outcomes),
            verdicts: Verdicts {
                claims: rulings(self, &outcomes),
                self_checks: self_checks(&outcomes),
            },
            figures: figures(self, &outcomes, &made),
            sections: sections(self, &outcomes),
            particle_steps: all.iter().map(|f| f.particle_steps).sum(),
            lane_steps: all.iter().map(|f| f.lane_steps).sum(),
            diverged: all.iter().map(|f| f.diverged()).sum(),
        })
    }
}

fn cell_result(
    cell: &Cell,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
) -> Result<Exits> {
    let piece = Piece::of(&cell.label, cell, cell.particles);
    kept_from(
        piece,
        context,
        progress,
        folder,
        |begun: Option<Exits>, counter| {
            let begun = begun.map(|begun| begun.unpacked());
            let stream = cell.precision.stream(context.seed, cell_key(&cell.label));
            let plan = Plan {
                particles: cell.particles,
                max_steps: cell.max_steps,
                start: cell.start_point(),
                exit: if cell.upwards {
                    Exit::Above(cell.exit)
                } else {
                    Exit::Below(cell.exit)
                },
                coordinate: cell.coordinate,
                lanes: context.lanes,
            };
            let exits = match cell.precision {
                Precision::F32 => {
                    let process = cell.single_process().map_err(Error::Failed)?;
                    first_exits(&*process, &stream, &plan, begun, context, counter)
                }
                Precision::F64 | Precision::F32Noise => {
                    let process = cell.process(context.seed).map_err(Error::Failed)?;
                    first_exits(&*process, &stream, &plan, begun, context, counter)
                }
            };
            let pack = |exits| Exits::new(&cell.label, &exits);
            Ok(Come::of(exits.map(pack).map_err(pack)))
        },
    )
}

fn first_exits<F: Vector + Drawn>(
    process: &dyn Process<F>,
    stream: &Stream,
    plan: &Plan,
    begun: Option<FirstExits>,
    context: &Context,
    finished: &AtomicU64,
) -> std::result::Result<FirstExits, FirstExits> {
    let ensemble = Ensemble {
        process,
        stream,
        plan,
    };
    context
        .pool
        .install(|| ensemble.run_from(begun, &context.stop, finished))
}

/// A row per cell and quantity, with its exact reference where there is one.
fn estimates(outcomes: &[Outcome]) -> Vec<Reading> {
    let mut rows = Vec::new();
    for o in outcomes {
        let mut add = |quantity: &str, measured: Option<Estimate>, exact: Option<Exact>| {
            if measured.is_some() || exact.is_some() {
                rows.push(Reading::of(&o.cell.label, quantity, measured, exact));
            }
        };
        add("escape rate Γ (per step)", Some(o.rate.clone()), None);
        add(
            "escape rate Γ after truncation (per step)",
            o.late_rate.clone(),
            None,
        );
        let [own, sde, gaussian] = o.reference.exact();
        add("mean exit step", o.mean.clone(), own);
        if let Some(e) = &o.exponentiality {
            let how = "standard deviation over mean, no interval";
            let cv = Estimate::without_interval(e.cv.unwrap_or(f64::NAN), o.exited, how);
            add("coefficient of variation of the exit step", Some(cv), None);
            let p = Estimate::without_interval(e.p_value, o.exited, "Cox–Oakes score test");
            add("p-value of the exponential law", Some(p), None);
        }
        if let Some(bias) = &o.step_bias {
            add(
                "bias of the time step in the mean exit step",
                Some(bias.bias.clone()),
                None,
            );
            add(
                "mean exit step without it",
                Some(bias.without.clone()),
                None,
            );
        }
        add("mean exit step of the SDE", None, sde);
        add(
            "mean exit step under Gaussian noise of the same variance",
            None,
            gaussian,
        );
    }
    rows
}
