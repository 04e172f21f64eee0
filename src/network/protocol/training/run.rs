//! Trains every cell, keeping each on disk as soon as it is finished.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::cell::Cell;
use super::ends::measure;
use super::figures::figures;
use super::outcome::{End, Look, Outcome, Run};
use super::quantity::Quantity;
use super::rulings::rulings;
use super::spec::TrainingSpec;
use super::text::sections;
use crate::convert::{numbers, rows, tensor};
use crate::device;
use crate::objective::Objective;
use crate::protocol::course::Course;
use crate::protocol::members::seeds_of;
use crate::protocol::task::Sets;
use crate::set::Examples;
use crate::training::{Gradient, Training};
use base::error::{Error, Result};
use experiment::context::{Context, Progress};
use experiment::finding::Finding;
use experiment::kept::{each, finite};
use experiment::plan::Planned;
use experiment::protocol::Protocol;
use measurement::reading::Reading;
use report::table::{Column, Table};
use report::verdicts::Verdicts;

/// Examples that a look takes at a time.
const MOST: i64 = 2000;

impl Protocol for TrainingSpec {
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

impl TrainingSpec {
    fn conclude(&self, outcomes: &[Outcome<'_>], context: &Context) -> Finding {
        let seeds = self.cells.first().map_or(0, |cell| cell.schooling.seeds);
        let made = format!("{seeds} seeds a cell, scale {}", context.scale);
        let runs = || outcomes.iter().flat_map(|o| o.runs);
        let steps = runs().filter_map(|run| run.looks.last().map(|look| look.step));
        let steps = steps.sum();
        let lost = |run: &&Run| !run.last(|look| look.train_loss).is_finite();
        Finding {
            samples: samples(outcomes),
            estimates: estimates(outcomes, self.confidence),
            figures: figures(self, outcomes, &made),
            sections: sections(self, outcomes),
            verdicts: Verdicts {
                claims: rulings(self, outcomes),
                self_checks: Vec::new(),
            },
            particle_steps: steps,
            lane_steps: steps,
            diverged: runs().filter(lost).count() as u64,
        }
    }
}

/// What a look at a group keeps: each member's numbers, and its parameters where its training ended there.
#[derive(Serialize, Deserialize)]
struct Seen {
    looks: Vec<Look>,
    ended: Vec<Option<Vec<f64>>>,
}

/// The trainings of a group of seeds; `None` where Ctrl-C was pressed.
fn train(cell: &Cell, context: &Context, group: &[u64], folder: &Path) -> Result<Option<Vec<Run>>> {
    let device = device::find(context.device)?;
    let (objective, sets) = cell.task.prepare(context, group, device)?;
    let mut training = cell.schooling.begin(
        &cell.task,
        (&objective, &sets),
        (&cell.rule, Gradient::Plain),
        (context, group),
        device,
    )?;
    let stack = |of: fn(&Sets) -> Option<&Examples>| {
        let all: Vec<&Examples> = sets.iter().filter_map(of).collect();
        (!all.is_empty()).then(|| Examples::stack(&all))
    };
    let lack = || Error::Failed("a data set without examples".into());
    let view = View {
        objective: &objective,
        test: stack(|set| Some(&set.test)).ok_or_else(lack)?,
        faint: stack(|set| set.faint.as_ref()),
        wrong: wrong(&sets, training.theta()),
        stop_loss: cell.stop_loss,
    };
    let course = Course {
        context,
        folder,
        label: format!("{}/seeds {group:?}", cell.label),
        settings: serde_json::to_value(cell).unwrap_or_default(),
    };
    let ended = |seen: &[Seen], member: usize| seen.iter().position(|s| s.ended[member].is_some());
    let members = group.len();
    let seen = course.follow(
        &mut training,
        &cell.schooling.marks(),
        |training, before| view.look(training, |member| ended(before, member).is_some()),
        |seen| (0..members).all(|member| ended(seen, member).is_some()),
    )?;
    let Some(seen) = seen else {
        return Ok(None);
    };
    let last = rows(training.theta());
    let runs = group.iter().enumerate().map(|(member, &seed)| {
        let at = ended(&seen, member);
        let until = at.map_or(seen.len(), |at| at + 1);
        let looks: Vec<Look> = seen[..until]
            .iter()
            .map(|s| s.looks[member].clone())
            .collect();
        let own = at
            .and_then(|at| seen[at].ended[member].as_ref())
            .unwrap_or(&last[member]);
        let theta = tensor(own, &[1, own.len() as i64], training.theta());
        let examples = training.batches.examples.member(member);
        let statistics = training.statistics.member(member, members);
        let end = cell.curvature.map_or(End::UNKNOWN, |how| {
            let of = (context.seed, seed);
            measure(&how, &objective, &theta, &examples, &statistics, of)
        });
        Run {
            looks,
            arrived: cell.stop_loss == 0.0 || at.is_some(),
            end,
        }
    });
    Ok(Some(runs.collect()))
}

/// Which training labels are wrong, sets × examples of 0 and 1.
fn wrong(sets: &[Sets], like: &Tensor) -> Option<Tensor> {
    let width = sets.first().map_or(0, |set| set.wrong.len());
    let flags: Vec<f64> = sets
        .iter()
        .flat_map(|set| set.wrong.iter().map(|wrong| f64::from(u8::from(*wrong))))
        .collect();
    (width > 0).then(|| tensor(&flags, &[sets.len() as i64, width as i64], like))
}

/// What a look looks at.
struct View<'a> {
    objective: &'a Objective,
    test: Examples,
    faint: Option<Examples>,
    wrong: Option<Tensor>,
    stop_loss: f64,
}

impl View<'_> {
    fn look(&self, training: &Training<'_>, ended: impl Fn(usize) -> bool) -> Seen {
        let theta = training.theta();
        let evaluate = |examples: &Examples| {
            self.objective
                .evaluate(theta, examples, &training.statistics, MOST)
        };
        let train = evaluate(&training.batches.examples);
        let test = evaluate(&self.test);
        let faint = self.faint.as_ref().map(evaluate);
        let memorised = self.memorised(training);
        let members = theta.size()[0] as usize;
        let looks: Vec<Look> = (0..members)
            .map(|k| Look {
                step: training.taken(),
                train_loss: finite(train.loss[k]),
                train_accuracy: finite(train.accuracy[k]),
                test_loss: finite(test.loss[k]),
                test_accuracy: finite(test.accuracy[k]),
                memorised: memorised.as_ref().map_or(f64::NAN, |m| finite(m[k])),
                faint_accuracy: faint.as_ref().map_or(f64::NAN, |f| finite(f.accuracy[k])),
            })
            .collect();
        let here = |k: usize| {
            let arrived = self.stop_loss > 0.0 && looks[k].train_loss <= self.stop_loss;
            (arrived && !ended(k)).then(|| numbers(&theta.get(k as i64)))
        };
        Seen {
            ended: (0..members).map(here).collect(),
            looks,
        }
    }

    /// The share of wrong training labels that each member gives.
    fn memorised(&self, training: &Training<'_>) -> Option<Vec<f64>> {
        let wrong = self.wrong.as_ref()?;
        let (theta, examples) = (training.theta(), &training.batches.examples);
        let members = theta.size()[0];
        let sum = |each: &Tensor| each.sum_dim_intlist(1i64, false, Kind::Double);
        let given = tch::no_grad(|| {
            let each = examples.spans(MOST).map(|(first, count)| {
                let batch = examples.span(first, count, members);
                let outputs = self
                    .objective
                    .outputs(theta, &batch.inputs, &training.statistics);
                let decided = self.objective.loss.decided(&outputs);
                decided.eq_tensor(&batch.classes).to_kind(theta.kind())
            });
            Tensor::cat(&each.collect::<Vec<_>>(), 1)
        });
        Some(numbers(&(sum(&(given * wrong)) / sum(wrong))))
    }
}

/// A row per training and look; the last of a training is where it ended.
fn samples(outcomes: &[Outcome<'_>]) -> Table {
    let rows: Vec<(&str, u64, &Look)> = outcomes
        .iter()
        .flat_map(|o| {
            (0..).zip(o.runs).flat_map(|(seed, run)| {
                let label = o.cell.label.as_str();
                run.looks.iter().map(move |look| (label, seed, look))
            })
        })
        .collect();
    let number = |of: fn(&Look) -> f64| Column::F64(rows.iter().map(|row| of(row.2)).collect());
    let whole =
        |of: &dyn Fn(&(&str, u64, &Look)) -> u64| Column::U64(rows.iter().map(of).collect());
    let labels = rows.iter().map(|row| row.0.to_string()).collect();
    Table {
        columns: vec![
            ("cell".into(), Column::Text(labels)),
            ("seed".into(), whole(&|row| row.1)),
            ("step".into(), whole(&|row| row.2.step)),
            ("train_loss".into(), number(|l| l.train_loss)),
            ("train_accuracy".into(), number(|l| l.train_accuracy)),
            ("test_loss".into(), number(|l| l.test_loss)),
            ("test_accuracy".into(), number(|l| l.test_accuracy)),
            ("memorised".into(), number(|l| l.memorised)),
            ("faint_accuracy".into(), number(|l| l.faint_accuracy)),
        ],
    }
}

/// A row per cell and quantity that at least two of its trainings have.
fn estimates(outcomes: &[Outcome<'_>], confidence: f64) -> Vec<Reading> {
    let mut rows = Vec::new();
    for o in outcomes {
        for (quantity, _, words, _) in Quantity::ALL {
            if let Ok(estimate) = o.estimate(quantity, confidence) {
                rows.push(Reading::measured(&o.cell.label, words, estimate));
            }
        }
    }
    rows
}
