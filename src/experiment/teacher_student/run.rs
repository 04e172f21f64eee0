//! Runs the cells of a teacher–student experiment, keeping each on disk as soon as it is finished.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::cell::Cell;
use super::figures::figures;
use super::outcome::{Finished, Outcome, Run};
use super::rulings::rulings;
use super::spec::StudentSpec;
use super::text::sections;
use crate::error::{Error, Result};
use crate::experiment::context::{Context, Progress};
use crate::experiment::finding::Finding;
use crate::experiment::protocol::Protocol;
use crate::report::checkpoint;
use crate::report::record::CellEstimate;
use crate::report::table::{Column, Table};
use crate::report::verdicts::Verdicts;
use crate::simulation::random::{Stream, cell_key};
use crate::simulation::student::task::label;
use crate::simulation::student::{Inputs, train};

/// What is measured, in words, and how it is read off a run.
type Measured = (&'static str, fn(&Run) -> f64);

const MEASURED: [Measured; 2] = [
    ("training accuracy (percent)", |run| run.training_accuracy),
    ("test accuracy (percent)", |run| run.test_accuracy),
];

impl Protocol for StudentSpec {
    fn cells(&self) -> usize {
        self.cells.len()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let mut finished = Vec::with_capacity(self.cells.len());
        for cell in &self.cells {
            finished.push(cell_result(cell, context, progress, folder)?);
            progress.cell_done();
        }
        Ok(self.conclude(&finished, &context.scale))
    }
}

impl StudentSpec {
    fn conclude(&self, finished: &[Finished], scale: &str) -> Finding {
        let outcomes: Vec<Outcome<'_>> = self
            .cells
            .iter()
            .zip(finished)
            .map(|(cell, done)| Outcome {
                cell,
                runs: &done.runs,
            })
            .collect();
        let seeds = self.cells.first().map_or(0, |cell| cell.seeds);
        let made = format!("{seeds} seeds a cell, scale {scale}");
        let mut estimates = Vec::new();
        for o in &outcomes {
            for (quantity, of) in MEASURED {
                if let Ok(estimate) = o.percent(of, self.confidence) {
                    estimates.push(CellEstimate {
                        cell: o.cell.label.clone(),
                        quantity: quantity.into(),
                        estimate,
                    });
                }
            }
        }
        let steps = self.cells.iter().map(|cell| cell.seeds * cell.steps).sum();
        Finding {
            samples: samples(&outcomes),
            estimates,
            verdicts: Verdicts {
                claims: rulings(self, &outcomes),
                self_checks: Vec::new(),
            },
            figures: figures(self, &outcomes, &made),
            sections: sections(self, &outcomes),
            particle_steps: steps,
            lane_steps: steps,
            diverged: 0,
        }
    }
}

fn cell_result(
    cell: &Cell,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
) -> Result<Finished> {
    let key = format!("{:016x}", cell_key(&cell.label));
    let identity = serde_json::json!({ "cell": cell, "seed": context.seed }).to_string();
    if context.resume
        && let Some(done) = checkpoint::load(folder, &key, &identity)?
    {
        return Ok(done);
    }
    let counter = Arc::new(AtomicU64::new(0));
    progress.cell(&cell.label, cell.seeds, &counter);
    let runs = context.pool.install(|| {
        (0..cell.seeds)
            .into_par_iter()
            .map(|replicate| {
                let run = training_run(cell, context, replicate);
                counter.fetch_add(1, Ordering::Relaxed);
                run
            })
            .collect::<Option<Vec<Run>>>()
    });
    let Some(runs) = runs else {
        return Err(Error::Interrupted(format!(
            "stopped in {}; finished cells are in {}; run the same command with --resume to go on",
            cell.label,
            folder.display()
        )));
    };
    let done = Finished { runs };
    checkpoint::save(folder, &key, &identity, &done)?;
    Ok(done)
}

/// One training run; `None` where Ctrl-C was pressed. Inputs, teacher and first parameters are those of every
/// cell with the same seed, teacher and student, so that rules are compared seed by seed.
fn training_run(cell: &Cell, context: &Context, replicate: u64) -> Option<Run> {
    let stream = |what: &str| {
        let name = format!("teacher-student/{what}");
        Stream::new(context.seed, cell_key(&name))
    };
    let sets = [("training", cell.train), ("test", cell.test)]
        .map(|(what, n)| Inputs::draw(&stream(what), replicate, n, cell.dim));
    let teacher = cell.teacher.network(cell.dim, cell.teacher_width);
    let truth = teacher.draw(
        &stream(&format!("teacher/{}", cell.teacher.name())),
        replicate,
    );
    let tasks = label(&teacher, &truth, sets.into());
    let [training, test] = &tasks[..] else {
        return None;
    };
    let student = cell
        .student
        .architecture
        .network(cell.dim, cell.student.width);
    let name = format!("student/{}", cell.student.architecture.name());
    let start = student.draw(&stream(&name), replicate);
    let rule = cell.rule.build();
    let learned = train(&student, training, &*rule, start, cell.steps, &context.stop)?;
    let [training_accuracy, test_accuracy] =
        [training, test].map(|task| task.accuracy(&task.inputs.through(&student, &learned)));
    Some(Run {
        training_accuracy,
        test_accuracy,
    })
}

/// A row per training run.
fn samples(outcomes: &[Outcome<'_>]) -> Table {
    let rows: Vec<(&str, u64, &Run)> = outcomes
        .iter()
        .flat_map(|o| {
            let label = o.cell.label.as_str();
            (0..).zip(o.runs).map(move |(seed, run)| (label, seed, run))
        })
        .collect();
    let number = |of: fn(&Run) -> f64| Column::F64(rows.iter().map(|row| of(row.2)).collect());
    let labels = rows.iter().map(|row| row.0.to_string()).collect();
    Table {
        columns: vec![
            ("cell".into(), Column::Text(labels)),
            (
                "seed".into(),
                Column::U64(rows.iter().map(|row| row.1).collect()),
            ),
            (
                "training_accuracy".into(),
                number(|run| run.training_accuracy),
            ),
            ("test_accuracy".into(), number(|run| run.test_accuracy)),
        ],
    }
}
