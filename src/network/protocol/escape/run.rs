//! Runs every cell, keeping each on disk as soon as it is finished.

use std::path::Path;
use std::sync::atomic::Ordering;

use tch::{Kind, Tensor};

use super::cell::Cell;
use super::figures::figures;
use super::neuron::Neuron;
use super::outcome::{Fate, Outcome, slope};
use super::spec::EscapeSpec;
use super::text::sections;
use crate::convert::{numbers, tensor};
use crate::device;
use crate::minibatch::{Draw, Minibatches};
use crate::minimum::{Critical, critical};
use crate::protocol::members::in_groups;
use crate::protocol::task::stream;
use crate::training::{Gradient, Training};
use base::error::{Error, Result};
use experiment::context::{Context, Progress};
use experiment::finding::Finding;
use experiment::kept::{Piece, each, kept};
use experiment::plan::Planned;
use experiment::protocol::Protocol;
use measurement::reading::{Exact, Reading};
use report::table::{Column, Table};
use report::verdicts::Verdicts;

/// |∇L| at what counts as a critical point.
const FLAT: f64 = 1e-12;
/// Steps between looks at whether anyone is left inside.
const LOOK_EVERY: u64 = 50;

impl Protocol for EscapeSpec {
    fn plan(&self) -> Vec<Planned> {
        self.cells.iter().map(Cell::plan).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let neuron = self.neuron(context)?;
        neuron.landscape()?;
        let finished = each(&self.cells, |cell| {
            let piece = Piece::of(&cell.label, cell, cell.networks);
            kept(piece, context, progress, folder, |counter| {
                in_groups(context, cell.networks, cell.together, |group| {
                    let fates = watch(cell, &neuron, context, group)?;
                    counter.fetch_add(group.len() as u64, Ordering::Relaxed);
                    Ok(fates)
                })
            })
        })?;
        let cells = self.cells.iter().zip(&finished);
        let outcomes = cells
            .map(|(cell, fates)| Outcome::of(cell, fates, &neuron, self.confidence))
            .collect::<Result<Vec<_>>>()?;
        Ok(self.conclude(&neuron, &outcomes, context))
    }
}

impl EscapeSpec {
    /// The neuron with the share of wrong classes that the examples have.
    fn neuron(&self, context: &Context) -> Result<Neuron> {
        let task = &self.cells[0].task;
        let device = device::find(context.device)?;
        let (_, sets) = task.prepare(context, &[0], device)?;
        let set = sets.first();
        let set = set.ok_or_else(|| Error::Failed("a data set without examples".into()))?;
        let wrong = set.wrong.iter().filter(|wrong| **wrong).count();
        Ok(Neuron {
            alpha: self.alpha,
            wrong: wrong as f64 / set.train.len() as f64,
            l2: task.l2,
        })
    }

    fn conclude(&self, neuron: &Neuron, outcomes: &[Outcome<'_>], context: &Context) -> Finding {
        let first = &self.cells[0];
        let made = format!(
            "{} networks a cell, scale {}",
            first.networks, context.scale
        );
        let time = |o: &Outcome<'_>| -> u64 {
            o.fates
                .iter()
                .map(|fate| fate.exit.unwrap_or(o.cell.horizon))
                .sum()
        };
        let steps = outcomes.iter().map(time).sum();
        Finding {
            samples: samples(outcomes),
            estimates: self.estimates(outcomes),
            figures: figures(self, outcomes, &made),
            sections: sections(self, neuron, outcomes),
            verdicts: Verdicts {
                claims: Vec::new(),
                self_checks: outcomes.iter().filter_map(Outcome::self_check).collect(),
            },
            particle_steps: steps,
            lane_steps: steps,
            diverged: 0,
        }
    }

    fn estimates(&self, outcomes: &[Outcome<'_>]) -> Vec<Reading> {
        let rate = |o: &Outcome<'_>| {
            let chain = o.chain.map(|chain| {
                let rate = chain.rate();
                let exact = Exact::by("the chain of batches, on a grid", rate);
                exact.within(chain.relative_error * rate)
            });
            let measured = Some(o.rate.clone());
            Reading::of(&o.cell.label, "exits per step", measured, chain)
        };
        let mut rows: Vec<Reading> = outcomes.iter().map(rate).collect();
        for own in series(outcomes) {
            if let (Some(first), Ok(estimate)) = (own.first(), slope(&own, self.confidence)) {
                let (series, eta) = (&first.cell.series, first.cell.eta());
                let cell = format!("{}/{series}/eta={eta}", self.name);
                let row = Reading::measured(&cell, "slope of ln τ against B/η", estimate);
                rows.push(row.at("process", &**series).at("eta", eta));
            }
        }
        rows
    }
}

/// The outcomes of each rule and learning rate.
pub fn series<'a, 'b>(outcomes: &'b [Outcome<'a>]) -> Vec<Vec<&'b Outcome<'a>>> {
    let mut all: Vec<Vec<&Outcome<'a>>> = Vec::new();
    for o in outcomes {
        let same = |own: &&mut Vec<&Outcome<'a>>| {
            own[0].cell.series == o.cell.series && own[0].cell.eta() == o.cell.eta()
        };
        match all.iter_mut().find(same) {
            Some(own) => own.push(o),
            None => all.push(vec![o]),
        }
    }
    all
}

/// Networks from the minimum until they are beyond the plane through the saddle at right angles to the way there; each
/// has batches of its own. `None` where Ctrl-C was pressed.
fn watch(
    cell: &Cell,
    neuron: &Neuron,
    context: &Context,
    group: &[u64],
) -> Result<Option<Vec<Fate>>> {
    let device = device::find(context.device)?;
    let (objective, mut sets) = cell.task.prepare(context, &[0], device)?;
    let set = sets.pop();
    let set = set.ok_or_else(|| Error::Failed("a data set without examples".into()))?;
    let (saddle, minimum) = neuron.landscape()?;
    let dim = objective.parameters();
    let zero = Tensor::zeros([1, dim], (Kind::Double, device));
    let near = |w: f64| -> Result<Critical> {
        let mut theta = vec![0.0; dim as usize];
        theta[0] = w;
        critical(
            &objective,
            &set.train,
            &tensor(&theta, &[1, dim], &zero),
            FLAT,
        )
    };
    let (saddle, minimum) = (near(saddle)?.theta, near(minimum)?.theta);
    let way = (&minimum - &saddle).squeeze_dim(0);
    let members = group.len() as i64;
    let start = minimum.expand([members, dim], false).contiguous();
    let batches = stream(context.seed, &format!("escape/B={}", cell.batch));
    let batches = Minibatches::new(set.train, Draw::Anew(cell.batch), batches, group);
    let rule = cell.rule.build();
    let mut training = Training::new(&objective, &*rule, batches, Gradient::Plain, start)?;
    let mut inside = Tensor::ones([members], (Kind::Double, device));
    let mut survived = inside.zeros_like();
    while training.taken() < cell.horizon {
        if context.stopped() {
            return Ok(None);
        }
        training.step();
        let beyond = (training.theta() - &saddle).mv(&way).lt(0.0);
        inside *= 1.0 - beyond.to_kind(Kind::Double);
        survived += &inside;
        let looked = training.taken().is_multiple_of(LOOK_EVERY);
        if looked && inside.sum(Kind::Double).double_value(&[]) == 0.0 {
            break;
        }
    }
    // Whoever was inside after n steps and not after the next left at step n + 1.
    let both = numbers(&survived).into_iter().zip(numbers(&inside));
    Ok(Some(
        both.map(|(survived, inside)| Fate {
            exit: (inside == 0.0).then_some(survived as u64 + 1),
        })
        .collect(),
    ))
}

/// A row per network.
fn samples(outcomes: &[Outcome<'_>]) -> Table {
    let rows: Vec<(&Cell, u64, Fate)> = outcomes
        .iter()
        .flat_map(|o| (0..).zip(o.fates).map(move |(k, fate)| (o.cell, k, *fate)))
        .collect();
    let whole =
        |of: &dyn Fn(&(&Cell, u64, Fate)) -> u64| Column::U64(rows.iter().map(of).collect());
    let labels = rows.iter().map(|row| row.0.label.clone()).collect();
    Table {
        columns: vec![
            ("cell".into(), Column::Text(labels)),
            ("network".into(), whole(&|row| row.1)),
            (
                "steps".into(),
                whole(&|row| row.2.exit.unwrap_or(row.0.horizon)),
            ),
            (
                "exited".into(),
                whole(&|row| u64::from(row.2.exit.is_some())),
            ),
        ],
    }
}
