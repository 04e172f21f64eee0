//! Runs every cell, keeping each on disk as soon as it is finished.

use std::path::Path;
use std::sync::atomic::Ordering;

use tch::{Kind, Tensor};

use super::cell::{Cell, Chains, Loss};
use super::figures::figures;
use super::ground::Ground;
use super::outcome::{Along, Chain, Outcome, pairs};
use super::rulings::{rulings, self_checks};
use super::spec::PosteriorSpec;
use super::text::sections;
use crate::convert::{rows, tensor};
use crate::local::Local;
use crate::minibatch::{Draw, Minibatches};
use crate::protocol::members::in_groups;
use crate::protocol::task::stream;
use crate::set::Examples;
use crate::training::{Gradient, Training};
use base::error::Result;
use experiment::context::{Context, Progress};
use experiment::finding::Finding;
use experiment::kept::{Piece, each, finite, kept};
use experiment::plan::Planned;
use experiment::protocol::Protocol;
use measurement::Estimate;
use measurement::reading::{Exact, Reading};
use report::estimates::COMPONENT;
use report::table::{Column, Table};
use report::verdicts::Verdicts;

impl Protocol for PosteriorSpec {
    fn plan(&self) -> Vec<Planned> {
        self.cells.iter().map(Cell::plan).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let ground = Ground::find(&self.cells[0].task, context)?;
        let known = self.cells.iter().map(|cell| ground.exact(cell));
        let known = known.collect::<Result<Vec<_>>>()?;
        let finished = each(&self.cells, |cell| {
            let piece = Piece::of(&cell.label, cell, cell.chains.count);
            kept(piece, context, progress, folder, |counter| {
                let Chains {
                    count, together, ..
                } = cell.chains;
                in_groups(context, count, together, |group| {
                    // Tensors stay with the worker that made them.
                    let ground = Ground::find(&cell.task, context)?;
                    let chains = follow(cell, &ground, context, group)?;
                    counter.fetch_add(group.len() as u64, Ordering::Relaxed);
                    Ok(chains)
                })
            })
        })?;
        let cells = self.cells.iter().zip(&finished).zip(known);
        let outcomes: Vec<Outcome<'_>> = cells
            .map(|((cell, chains), (exact, early))| Outcome {
                cell,
                chains,
                missing: exact
                    .iter()
                    .zip(early)
                    .map(|(all, e)| (all - e).abs())
                    .collect(),
                exact,
            })
            .collect();
        self.conclude(&ground, &outcomes, context)
    }
}

impl PosteriorSpec {
    fn conclude(
        &self,
        ground: &Ground,
        outcomes: &[Outcome<'_>],
        context: &Context,
    ) -> Result<Finding> {
        let chains = self.cells[0].chains;
        let made = format!(
            "{} chains of {} steps, scale {}",
            chains.count, chains.steps, context.scale
        );
        let steps = self.cells.len() as u64 * chains.count * chains.steps;
        let lost = |chain: &&Chain| chain.along.iter().any(|a| !a.square.is_finite());
        Ok(Finding {
            samples: samples(ground, outcomes),
            estimates: self.estimates(ground, outcomes),
            figures: figures(self, ground, outcomes, &made)?,
            sections: sections(self, ground, outcomes),
            verdicts: Verdicts {
                claims: rulings(self, ground, outcomes)?,
                self_checks: self_checks(ground, outcomes),
            },
            particle_steps: steps,
            lane_steps: steps,
            diverged: outcomes.iter().flat_map(|o| o.chains).filter(lost).count() as u64,
        })
    }

    fn estimates(&self, ground: &Ground, outcomes: &[Outcome<'_>]) -> Vec<Reading> {
        let mut all = Vec::new();
        for pair in pairs(outcomes) {
            for (k, h) in ground.curvatures.iter().enumerate() {
                let mut push = |o: &Outcome<'_>, what: &str, found: Result<Estimate>, exact| {
                    if let Ok(found) = found {
                        let row = Reading::of(&o.cell.label, what, Some(found), exact);
                        let direction = format!("direction {}", k + 1);
                        all.push(row.at(COMPONENT, &*direction).at("h", *h));
                    }
                };
                for o in pair {
                    // Of the expansion; what the network's own is, is the question.
                    let law = (o.cell.loss == Loss::Local).then(|| {
                        Exact::by("stationary recursion", o.exact[k]).within(o.missing[k])
                    });
                    push(o, "⟨(u·(θ − θ*))²⟩", o.square(k, self.confidence), law);
                    push(o, "⟨u·(θ − θ*)⟩", o.shift(k, self.confidence), None);
                }
                let excess = pair[0].excess(pair[1], k, self.confidence);
                push(
                    pair[0],
                    "excess over the second order, relative",
                    excess,
                    None,
                );
            }
        }
        all
    }
}

/// What takes steps: the network, or its expansion.
enum Walk<'a> {
    Network(Box<Training<'a>>),
    Local(Box<Local>),
}

impl Walk<'_> {
    fn step(&mut self) -> &Tensor {
        match self {
            Walk::Network(training) => {
                training.step();
                training.theta()
            }
            Walk::Local(local) => {
                local.step();
                local.theta()
            }
        }
    }
}

/// The chains of a group from θ*, each on batches of its own, which are the same for every rule and for both losses.
/// `None` where Ctrl-C was pressed.
fn follow(
    cell: &Cell,
    ground: &Ground,
    context: &Context,
    group: &[u64],
) -> Result<Option<Vec<Chain>>> {
    let members = group.len() as i64;
    let dim = ground.curvatures.len() as i64;
    let theta = ground.theta.expand([members, dim], false).contiguous();
    let draw = Draw::Anew(cell.chains.batch);
    let batches = |examples: Examples| {
        Minibatches::new(examples, draw, stream(context.seed, "batches"), group)
    };
    let rule = cell.rule.build();
    let mut walk = match cell.loss {
        Loss::Network => {
            let batches = batches(ground.sets.train.member(0));
            let (objective, gradient) = (&ground.objective, Gradient::Plain);
            let training = Training::new(objective, &*rule, batches, gradient, theta)?;
            Walk::Network(Box::new(training))
        }
        Loss::Local => {
            let rows = ground.sets.train.with_inputs(ground.rows.unsqueeze(0));
            let centre = ground.theta.shallow_clone();
            let local = Local::new(&ground.hessian, centre, batches(rows), &*rule, theta)?;
            Walk::Local(Box::new(local))
        }
    };
    // A column of `axes` is an eigenvector, and nalgebra keeps columns together.
    let axes = tensor(ground.axes.as_slice(), &[dim, dim], &ground.theta).tr();
    let mut square = Tensor::zeros([members, dim], (Kind::Double, ground.theta.device()));
    let mut shift = square.zeros_like();
    let mut looks = 0.0;
    for step in 1..=cell.chains.steps {
        if context.stopped() {
            return Ok(None);
        }
        let theta = walk.step();
        let late = step.checked_sub(cell.chains.burn_in + 1);
        if late.is_some_and(|late| (late + 1).is_multiple_of(cell.chains.every)) {
            let away = (theta - &ground.theta).matmul(&axes);
            square += &away * &away;
            shift += away;
            looks += 1.0;
        }
    }
    let (square, shift) = (rows(&(square / looks)), rows(&(shift / looks)));
    let chain = |(square, shift): (&Vec<f64>, &Vec<f64>)| Chain {
        along: square
            .iter()
            .zip(shift)
            .map(|(square, shift)| Along {
                square: finite(*square),
                shift: finite(*shift),
            })
            .collect(),
    };
    Ok(Some(square.iter().zip(&shift).map(chain).collect()))
}

/// A cell, a chain, a direction, and what it came to.
type Row<'a> = (&'a Cell, u64, usize, Along);

/// A row per chain and direction.
fn samples(ground: &Ground, outcomes: &[Outcome<'_>]) -> Table {
    let rows: Vec<Row<'_>> = outcomes
        .iter()
        .flat_map(|o| {
            let chains = (0..).zip(o.chains);
            chains.flat_map(move |(chain, found)| {
                let along = found.along.iter().enumerate();
                along.map(move |(k, along)| (o.cell, chain, k, *along))
            })
        })
        .collect();
    let number = |of: &dyn Fn(&Row<'_>) -> f64| Column::F64(rows.iter().map(of).collect());
    let labels = rows.iter().map(|row| row.0.label.clone()).collect();
    Table {
        columns: vec![
            ("cell".into(), Column::Text(labels)),
            (
                "chain".into(),
                Column::U64(rows.iter().map(|row| row.1).collect()),
            ),
            ("curvature".into(), number(&|row| ground.curvatures[row.2])),
            ("second_moment".into(), number(&|row| row.3.square)),
            ("shift".into(), number(&|row| row.3.shift)),
        ],
    }
}
