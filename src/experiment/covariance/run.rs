//! Runs the cells, keeping each on disk as soon as it is finished.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use nalgebra::{DMatrix, DVector};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::cell::{Cell, Momentum};
use super::exact::{self, Exact};
use super::figures::figures;
use super::observation::{Observation, looked_at, observe};
use super::rulings::{rulings, self_checks};
use super::spec::{CovarianceSpec, Kind};
use super::text::sections;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::covariance::{Ends, Numbers};
use measurement::reading::{Exact as Known, Reading};
use report::estimates::COMPONENT;
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::{Begun, Course, Precision, Snapshots, Start};
use simulation::landscape::{Gradient, Landscape};
use simulation::optimizer::{Moves, Optimizer};
use simulation::random::{Drawn, Purpose, Sequence, Stream, cell_key};
use simulation::vector::Vector;

/// A finished cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finished {
    /// What was measured.
    pub observations: Vec<Observation>,
    /// Particles × steps.
    pub particle_steps: u64,
}

/// A cell with everything known about it.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Each observation with its interval and its exact value.
    pub seen: Vec<(&'a Observation, Estimate, Option<f64>)>,
}

impl Protocol for CovarianceSpec {
    fn plan(&self) -> Vec<Planned> {
        self.cells.iter().map(Cell::plan).collect()
    }

    fn memory(&self) -> u64 {
        let cell = |cell: &Cell| {
            let looks = looked_at(self.kind, &cell.steps).len() as u64;
            memory::numbers(&[cell.particles, cell.dim() as u64, looks])
        };
        self.cells.iter().map(cell).max().unwrap_or(0)
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = self.measure(context, progress, folder)?;
        let outcomes = self.outcomes(&finished);
        let particles = self.cells.first().map_or(0, |c| c.particles);
        let made = format!("{particles} particles a cell, scale {}", context.scale);
        Ok(Finding {
            samples: samples(&outcomes),
            estimates: estimates(&outcomes),
            verdicts: Verdicts {
                claims: rulings(self, &outcomes),
                self_checks: self_checks(&outcomes),
            },
            figures: figures(self, &outcomes, &made),
            sections: sections(self, &outcomes),
            particle_steps: finished.iter().map(|f| f.particle_steps).sum(),
            lane_steps: finished.iter().map(|f| f.particle_steps).sum(),
            diverged: finished
                .iter()
                .filter_map(|f| f.observations.iter().map(|o| o.diverged).max())
                .sum(),
        })
    }
}

impl CovarianceSpec {
    /// Runs every cell, or takes it from `folder`.
    ///
    /// # Errors
    /// Ctrl-C, or a file that cannot be written.
    pub fn measure(
        &self,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<Vec<Finished>> {
        each(&self.cells, |cell| {
            self.finish(cell, context, progress, folder)
        })
    }

    /// Each cell with its intervals and exact values.
    pub fn outcomes<'a>(&'a self, finished: &'a [Finished]) -> Vec<Outcome<'a>> {
        let cells = self.cells.iter().zip(finished);
        cells.map(|(cell, done)| self.outcome(cell, done)).collect()
    }

    fn finish(
        &self,
        cell: &Cell,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<Finished> {
        let piece = Piece::of(&cell.label, cell, cell.particles);
        kept_from(piece, context, progress, folder, |begun, counter| {
            let stream = cell.precision.stream(context.seed, cell_key(&cell.label));
            let at = looked_at(self.kind, &cell.steps);
            let momentum = momentum_law(cell);
            let start = |particle: u64, theta: &mut [f64], memory: &mut [f64]| {
                theta.fill(0.0);
                if let Some(factor) = &momentum {
                    let m = factor * normals(&stream, particle, theta.len());
                    memory[..theta.len()].copy_from_slice(m.as_slice());
                }
            };
            let seen = match cell.precision {
                Precision::F32 => {
                    self.simulate::<f32>(cell, &stream, &start, begun, context, counter)
                }
                _ => self.simulate::<f64>(cell, &stream, &start, begun, context, counter),
            }?;
            Ok(Come::of(seen.map(|seen| Finished {
                observations: observe(self.kind, cell, &seen, &at),
                particle_steps: seen.particle_steps,
            })))
        })
    }

    fn simulate<F: Vector + Drawn>(
        &self,
        cell: &Cell,
        stream: &Stream,
        start: &Start<'_>,
        begun: Option<Begun>,
        context: &Context,
        finished: &AtomicU64,
    ) -> Result<std::result::Result<Snapshots, Begun>>
    where
        dyn Landscape: Gradient<F>,
        dyn Optimizer: Moves<F>,
    {
        let process = cell.process::<F>().map_err(Error::Failed)?;
        let course = Course {
            process: &*process,
            stream,
            particles: cell.particles,
            start,
            at: &looked_at(self.kind, &cell.steps),
            lanes: context.lanes,
        };
        let run = || course.run_from(begun, &context.stop, finished);
        Ok(context.pool.install(run))
    }

    fn outcome<'a>(&self, cell: &'a Cell, done: &'a Finished) -> Outcome<'a> {
        let mut known = Exact::of(cell);
        let mut ends = HashMap::new();
        let seen = done.observations.iter().map(|o| {
            let exact = known.as_mut().and_then(|known| known.value(o));
            // An exact value is known of linear rules in Gaussian noise only.
            let numbers = match exact {
                Some(_) => Numbers::Gaussian,
                None => Numbers::AnyLaw,
            };
            let ends = ends
                .entry(o.dof.to_bits())
                .or_insert_with(|| Ends::of(o.dof, self.confidence));
            let estimate = o.estimate(*ends, numbers, self.confidence);
            (o, estimate, exact)
        });
        Outcome {
            cell,
            seen: seen.collect(),
        }
    }
}

/// A factor F of the covariance FFᵀ that the momentum starts with, if it starts at random.
fn momentum_law(cell: &Cell) -> Option<DMatrix<f64>> {
    if cell.momentum == Momentum::Zero {
        return None;
    }
    let recursion = exact::recursion(cell)?;
    let law = recursion.start(&vec![0.0; cell.dim()], cell.momentum.memory());
    Some(recursion.memory_of(&law.ok()?).cholesky()?.l())
}

/// Standard normals that belong to a particle's start.
fn normals(stream: &Stream, particle: u64, count: usize) -> DVector<f64> {
    let mut draws = Sequence::new(stream, Purpose::Start, particle, 0);
    DVector::from_fn(count, |_, _| StandardNormal.sample(&mut draws))
}

/// A row per cell and second moment.
pub fn samples(outcomes: &[Outcome]) -> Table {
    let rows = || {
        outcomes
            .iter()
            .flat_map(|o| o.seen.iter().map(move |(seen, _, _)| (o.cell, *seen)))
    };
    let number = |of: fn(&Observation) -> f64| Column::F64(rows().map(|(_, o)| of(o)).collect());
    let count = |of: fn(&Observation) -> u64| Column::U64(rows().map(|(_, o)| of(o)).collect());
    let text = |of: fn(&Cell, &Observation) -> String| {
        Column::Text(rows().map(|(cell, o)| of(cell, o)).collect())
    };
    Table {
        columns: vec![
            ("cell".into(), text(|cell, _| cell.label.clone())),
            ("quantity".into(), text(|_, o| o.quantity.key().into())),
            ("i".into(), count(|o| o.i as u64)),
            ("j".into(), count(|o| o.j as u64)),
            ("step".into(), count(|o| o.step)),
            ("mean".into(), number(|o| o.mean)),
            ("standard_error".into(), number(|o| o.standard_error)),
            ("particles".into(), count(|o| o.n)),
            ("diverged".into(), count(|o| o.diverged)),
        ],
    }
}

/// A row per cell and second moment, the exact values beside the measured.
pub fn estimates(outcomes: &[Outcome]) -> Vec<Reading> {
    let mut rows = Vec::new();
    for outcome in outcomes {
        for (o, estimate, exact) in &outcome.seen {
            let exact = exact.map(|exact| Known::by("linear recursion", exact));
            let quantity = o.quantity.words(o.i == o.j);
            let row = Reading::of(&outcome.cell.label, quantity, Some(estimate.clone()), exact);
            let row = row.at("step", o.step).at(COMPONENT, &*o.component());
            rows.push(match o.curvature(outcome.cell) {
                Some(h) => row.at("h", h),
                None => row,
            });
        }
    }
    rows
}

impl CovarianceSpec {
    /// How the report calls the kind.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            Kind::Posterior => "posterior covariance",
            Kind::Saddle => "mean square at a saddle",
            Kind::NoiseVariance => "variance of an update",
        }
    }
}
