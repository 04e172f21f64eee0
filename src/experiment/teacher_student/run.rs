//! Runs the cells of a teacher–student experiment, keeping each on disk as soon as it is finished.

use std::path::Path;

use super::cell::Cell;
use super::figures::figures;
use super::outcome::{Outcome, Run};
use super::rulings::rulings;
use super::spec::StudentSpec;
use super::text::sections;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::each;
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use crate::replicates::{Replicated, runs};
use base::error::Result;
use measurement::reading::Reading;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::random::{Stream, cell_key};
use simulation::student::task::label;
use simulation::student::{Inputs, train};

/// What is measured, in words, and how it is read off a run.
type Measured = (&'static str, fn(&Run) -> f64);

const MEASURED: [Measured; 2] = [
    ("training accuracy (percent)", |run| run.training_accuracy),
    ("test accuracy (percent)", |run| run.test_accuracy),
];

impl Protocol for StudentSpec {
    fn plan(&self) -> Vec<Planned> {
        self.cells.iter().map(Cell::plan).collect()
    }

    fn memory(&self) -> u64 {
        let threads = memory::workers(0);
        let cell = |cell: &Cell| {
            let examples = (cell.train + cell.test) as u64;
            let width = (cell.dim + cell.student.width + cell.teacher_width) as u64;
            memory::numbers(&[examples, width, threads])
        };
        self.cells.iter().map(cell).max().unwrap_or(0)
    }

    fn counted(&self) -> &'static str {
        "data.train and data.test"
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = each(&self.cells, |cell| runs(cell, context, progress, folder))?;
        Ok(self.conclude(&finished, &context.scale))
    }
}

impl StudentSpec {
    fn conclude(&self, finished: &[Vec<Run>], scale: &str) -> Finding {
        let outcomes: Vec<Outcome<'_>> = self
            .cells
            .iter()
            .zip(finished)
            .map(|(cell, runs)| Outcome { cell, runs })
            .collect();
        let seeds = self.cells.first().map_or(0, |cell| cell.seeds);
        let made = format!("{seeds} seeds a cell, scale {scale}");
        let mut estimates = Vec::new();
        for o in &outcomes {
            for (quantity, of) in MEASURED {
                if let Ok(estimate) = o.percent(of, self.confidence) {
                    estimates.push(Reading::measured(&o.cell.label, quantity, estimate));
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

impl Replicated for Cell {
    type Run = Run;

    fn label(&self) -> &str {
        &self.label
    }

    fn seeds(&self) -> u64 {
        self.seeds
    }

    fn run(&self, context: &Context, replicate: u64) -> Option<Run> {
        training_run(self, context, replicate)
    }
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
