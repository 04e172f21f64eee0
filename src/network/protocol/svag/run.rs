//! Trains every cell, keeping each on disk as soon as it is finished.

use std::path::Path;

use super::cell::Cell;
use super::figures::figures;
use super::outcome::{Look, Outcome, Run, pairs, slope};
use super::rulings::rulings;
use super::spec::SvagSpec;
use super::text::sections;
use crate::device;
use crate::minibatch::Minibatches;
use crate::protocol::course::Course;
use crate::protocol::members::seeds_of;
use crate::protocol::task::stream;
use crate::set::Examples;
use crate::training::Training;
use base::error::Result;
use experiment::context::{Context, Progress};
use experiment::finding::Finding;
use experiment::kept::{each, finite};
use experiment::plan::Planned;
use experiment::protocol::Protocol;
use measurement::Estimate;
use measurement::reading::Reading;
use report::table::{Column, Table};
use report::verdicts::Verdicts;

/// Examples that a look takes at a time.
const MOST: i64 = 2000;

impl Protocol for SvagSpec {
    fn plan(&self) -> Vec<Planned> {
        self.cells.iter().map(Cell::plan).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = each(&self.cells, |cell| {
            let of = (cell.label.as_str(), cell, &cell.schooling);
            seeds_of(of, context, progress, folder, |group| {
                train(cell, context, group, folder)
            })
        })?;
        let outcomes: Vec<Outcome<'_>> = self
            .cells
            .iter()
            .zip(&finished)
            .map(|(cell, runs)| Outcome { cell, runs })
            .collect();
        Ok(self.conclude(&outcomes, context))
    }
}

impl SvagSpec {
    fn conclude(&self, outcomes: &[Outcome<'_>], context: &Context) -> Finding {
        let seeds = self.cells.first().map_or(0, |cell| cell.schooling.seeds);
        let made = format!("{seeds} seeds, scale {}", context.scale);
        let steps = self.cells.iter().map(|cell| seeds * cell.schooling.steps);
        let steps = steps.sum();
        let lost = |run: &&Run| run.looks.iter().any(|look| !look.train_loss.is_finite());
        Finding {
            samples: samples(outcomes),
            estimates: self.estimates(outcomes),
            figures: figures(self, outcomes, &made),
            sections: sections(self, outcomes),
            verdicts: Verdicts {
                claims: rulings(self, outcomes),
                self_checks: Vec::new(),
            },
            particle_steps: steps,
            lane_steps: steps,
            diverged: outcomes.iter().flat_map(|o| o.runs).filter(lost).count() as u64,
        }
    }

    fn estimates(&self, outcomes: &[Outcome<'_>]) -> Vec<Reading> {
        let mut rows = Vec::new();
        let mut push = |eta: f64, l: Option<u64>, quantity: &str, found: Result<Estimate>| {
            let Ok(found) = found else { return };
            let row = match l {
                Some(l) => {
                    let cell = format!("eta={eta}/l={l}");
                    Reading::measured(&cell, quantity, found).at("l", l)
                }
                None => Reading::measured(&format!("eta={eta}"), quantity, found),
            };
            rows.push(row.at("eta", eta));
        };
        let all = pairs(outcomes);
        for pair in &all {
            let (eta, l) = (pair.eta, Some(pair.l));
            let words = "mean |log10 loss ratio| in the second half";
            push(eta, l, words, pair.gap(self.confidence));
            let words = "the same without momentum, on different batches";
            push(eta, l, words, pair.chance(self.confidence));
            let words = "test accuracy with momentum less without (points)";
            push(eta, l, words, pair.accuracy(self.confidence));
        }
        for &eta in &self.eta {
            let found = slope(self, eta, &all).map(|(found, _)| found);
            push(eta, None, "slope of ln gap against ln l", found);
        }
        rows
    }
}

/// The trainings of a group of seeds; `None` where Ctrl-C was pressed.
fn train(cell: &Cell, context: &Context, group: &[u64], folder: &Path) -> Result<Option<Vec<Run>>> {
    let device = device::find(context.device)?;
    let (objective, sets) = cell.task.prepare(context, group, device)?;
    let mut training = cell.schooling.begin(
        &cell.task,
        (&objective, &sets),
        (&cell.rule, cell.gradient()),
        (context, group),
        device,
    )?;
    if cell.apart {
        let examples: Vec<&Examples> = sets.iter().map(|set| &set.train).collect();
        let other = stream(context.seed, "other batches");
        let draw = cell.schooling.draw();
        training.batches = Minibatches::new(Examples::stack(&examples), draw, other, group);
    }
    let tests: Vec<&Examples> = sets.iter().map(|set| &set.test).collect();
    let test = Examples::stack(&tests);
    let look = |training: &Training<'_>, _: &[Vec<Look>]| -> Vec<Look> {
        let evaluate = |examples: &Examples| {
            let (theta, statistics) = (training.theta(), &training.statistics);
            objective.evaluate(theta, examples, statistics, MOST)
        };
        let train = evaluate(&training.batches.examples);
        let both = train.loss.iter().zip(evaluate(&test).accuracy);
        both.map(|(loss, accuracy)| Look {
            step: training.taken(),
            train_loss: finite(*loss),
            test_accuracy: finite(accuracy),
        })
        .collect()
    };
    let course = Course {
        context,
        folder,
        label: format!("{}/seeds {group:?}", cell.label),
        settings: serde_json::to_value(cell).unwrap_or_default(),
    };
    let seen = course.follow(&mut training, &cell.schooling.marks(), look, |_| false)?;
    Ok(seen.map(|seen| {
        let run = |member: usize| Run {
            looks: seen.iter().map(|all| all[member]).collect(),
        };
        (0..group.len()).map(run).collect()
    }))
}

/// A row per training and look.
fn samples(outcomes: &[Outcome<'_>]) -> Table {
    let rows: Vec<(&Cell, u64, &Look)> = outcomes
        .iter()
        .flat_map(|o| {
            let seeds = (0..).zip(o.runs);
            seeds
                .flat_map(move |(seed, run)| run.looks.iter().map(move |look| (o.cell, seed, look)))
        })
        .collect();
    let number =
        |of: &dyn Fn(&(&Cell, u64, &Look)) -> f64| Column::F64(rows.iter().map(of).collect());
    let whole =
        |of: &dyn Fn(&(&Cell, u64, &Look)) -> u64| Column::U64(rows.iter().map(of).collect());
    let labels = rows.iter().map(|row| row.0.label.clone()).collect();
    Table {
        columns: vec![
            ("cell".into(), Column::Text(labels)),
            ("seed".into(), whole(&|row| row.1)),
            ("l".into(), whole(&|row| row.0.l)),
            ("step".into(), whole(&|row| row.2.step)),
            ("time".into(), number(&|row| row.0.time(row.2.step))),
            ("train_loss".into(), number(&|row| row.2.train_loss)),
            ("test_accuracy".into(), number(&|row| row.2.test_accuracy)),
        ],
    }
}
