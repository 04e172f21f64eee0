//! Runs the cells, keeping each on disk as soon as it is finished.

use std::path::Path;

use super::figures::figures;
use super::observation::{Finished, observe};
use super::rulings::{rulings, self_checks};
use super::spec::{Cell, SlowSpec};
use super::text::sections;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::Result;
use measurement::reading::Reading;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::{Course, Optimizing};
use simulation::optimizer::entry::Values;
use simulation::optimizer::sgd::SGD;
use simulation::optimizer::sgdm::SGDM;
use simulation::random::{Stream, cell_key};

/// A cell with what was found.
pub type Outcome<'a> = (&'a Cell, &'a Finished);

impl Protocol for SlowSpec {
    fn plan(&self) -> Vec<Planned> {
        let cell = |cell: &Cell| {
            Planned::of(&cell.label, &cell.series)
                .with("problem", cell.problem.name())
                .with("eta", cell.eta)
                .with("beta", cell.beta)
                .runs(self.particles, cell.steps)
                .in_coordinates(cell.problem.start().len())
        };
        self.cells.iter().map(cell).collect()
    }

    fn memory(&self) -> u64 {
        let dim = |cell: &Cell| cell.problem.start().len() as u64;
        let widest = self.cells.iter().map(dim).max().unwrap_or(0);
        memory::numbers(&[self.particles, widest])
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = each(&self.cells, |cell| {
            self.finish(cell, context, progress, folder)
        })?;
        let outcomes: Vec<Outcome> = self.cells.iter().zip(&finished).collect();
        let made = format!(
            "{} particles a cell, scale {}",
            self.particles, context.scale
        );
        let steps = finished.iter().map(|f| f.particle_steps).sum();
        Ok(Finding {
            samples: samples(&outcomes),
            estimates: estimates(&outcomes),
            verdicts: Verdicts {
                claims: rulings(self, &outcomes)?,
                self_checks: self_checks(&outcomes),
            },
            figures: figures(self, &outcomes, &made)?,
            sections: sections(self)?,
            particle_steps: steps,
            lane_steps: steps,
            diverged: finished.iter().map(|f| f.diverged).sum(),
        })
    }
}

impl SlowSpec {
    fn finish(
        &self,
        cell: &Cell,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<Finished> {
        let piece = Piece {
            label: &cell.label,
            settings: serde_json::json!({
                "cell": cell, "tau": self.tau, "particles": self.particles,
                "confidence": self.confidence,
            }),
            parts: self.particles,
        };
        kept_from(piece, context, progress, folder, |begun, counter| {
            let optimizer = if cell.beta == 0.0 {
                (SGD.build)(&Values::defaults(&SGD, 0.0).with("eta", cell.eta))
            } else {
                let values = Values::defaults(&SGDM, 0.0).with("eta", cell.eta);
                (SGDM.build)(&values.with("beta1", cell.beta))
            };
            let process = Optimizing {
                oracle: cell.problem.oracle()?,
                optimizer,
            };
            let stream = Stream::new(context.seed, cell_key(&cell.label));
            let from = cell.problem.start();
            let start = |_: u64, theta: &mut [f64], _: &mut [f64]| theta.copy_from_slice(&from);
            let course = Course {
                process: &process,
                stream: &stream,
                particles: self.particles,
                start: &start,
                at: &[cell.steps],
                lanes: context.lanes,
            };
            let run = || course.run_from(begun, &context.stop, counter);
            match context.pool.install(run) {
                Ok(seen) => observe(cell, &seen, self.tau, self.confidence).map(Come::Whole),
                Err(part) => Ok(Come::Stopped(Some(part))),
            }
        })
    }
}

/// A row per cell.
fn samples(outcomes: &[Outcome]) -> Table {
    let number = |of: &dyn Fn(&Outcome) -> f64| Column::F64(outcomes.iter().map(of).collect());
    let text = |of: &dyn Fn(&Cell) -> String| {
        Column::Text(outcomes.iter().map(|(cell, _)| of(cell)).collect())
    };
    let missing = f64::NAN;
    Table {
        columns: vec![
            ("cell".into(), text(&|c| c.label.clone())),
            ("problem".into(), text(&|c| c.problem.name().into())),
            ("series".into(), text(&|c| c.series.clone())),
            ("eta".into(), number(&|(c, _)| c.eta)),
            ("beta".into(), number(&|(c, _)| c.beta)),
            (
                "steps".into(),
                Column::U64(outcomes.iter().map(|(c, _)| c.steps).collect()),
            ),
            (
                "mean".into(),
                number(&|(_, f)| f.mean.value.unwrap_or(missing)),
            ),
            ("mean_standard_error".into(), number(&|(_, f)| f.mean_error)),
            (
                "variance".into(),
                number(&|(_, f)| f.variance.value.unwrap_or(missing)),
            ),
            (
                "distance".into(),
                number(&|(_, f)| f.distance.as_ref().and_then(|d| d.value).unwrap_or(missing)),
            ),
        ],
    }
}

/// A row per cell and quantity.
fn estimates(outcomes: &[Outcome]) -> Vec<Reading> {
    let mut rows = Vec::new();
    for (cell, found) in outcomes {
        let distance = found.distance.as_ref();
        let all = [
            ("mean", Some(&found.mean)),
            ("variance", Some(&found.variance)),
            ("Kolmogorov distance from the slow law", distance),
        ];
        rows.extend(all.into_iter().filter_map(|(quantity, estimate)| {
            Some(Reading::measured(&cell.label, quantity, estimate?.clone()))
        }));
    }
    rows
}
