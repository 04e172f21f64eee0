//! Runs the cells, keeping each on disk as soon as it is finished.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::figures::figures;
use super::law::{Law, chain, step_bias};
use super::rulings::{rulings, self_checks};
use super::spec::{DensitySpec, Reading};
use super::text::sections;
use crate::context::{Context, Progress};
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::kolmogorov::distance;
use measurement::mean::Moments;
use measurement::reading::{Exact, Reading as Row};
use report::table::{Column, Table};
use report::verdicts::Verdicts;
use simulation::ensemble::Course;
use simulation::random::{Stream, cell_key};

/// A finished cell, as it is kept on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Finished {
    theta: Vec<f64>,
    particle_steps: u64,
}

/// A cell with what was found and what is exact of it.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Where its particles are.
    pub theta: Vec<f64>,
    /// The steady states, one for each reading.
    pub laws: Vec<(Reading, Law)>,
    /// How far the particles' law is from each of them.
    pub distances: Vec<(Reading, Estimate)>,
    /// E θ² with its standard error.
    pub moment: Moments,
    /// E θ² of the chain itself, or why it is not known.
    pub chain: std::result::Result<f64, String>,
    /// How far the scheme's law is from that of its SDE, or why that is not known; 0 for an optimizer.
    pub bias: std::result::Result<f64, String>,
}

impl Protocol for DensitySpec {
    fn plan(&self) -> Vec<Planned> {
        self.cells.iter().map(Cell::plan).collect()
    }

    fn memory(&self) -> u64 {
        let rows: u64 = self.cells.iter().map(|cell| cell.particles).sum();
        rows.saturating_mul(memory::ROW)
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        // First what may be refused, so that nothing is simulated in vain.
        let laws = self.cells.iter().map(laws).collect::<Result<Vec<_>>>()?;
        let finished = each(&self.cells, |cell| {
            simulated(cell, context, progress, folder)
        })?;
        let steps = finished.iter().map(|done| done.particle_steps).sum();
        let outcomes = self
            .cells
            .iter()
            .zip(laws.into_iter().zip(finished))
            .map(|(cell, (laws, done))| self.outcome(cell, laws, done))
            .collect::<Result<Vec<_>>>()?;
        let particles = self.cells.first().map_or(0, |cell| cell.particles);
        let made = format!("{particles} particles a process, scale {}", context.scale);
        Ok(Finding {
            samples: samples(&outcomes),
            estimates: estimates(&outcomes, self.confidence)?,
            verdicts: Verdicts {
                claims: rulings(self, &outcomes)?,
                self_checks: self_checks(&outcomes),
            },
            figures: figures(&outcomes, &made),
            sections: sections(&outcomes),
            particle_steps: steps,
            lane_steps: steps,
            diverged: outcomes.iter().map(|o| o.moment.diverged()).sum(),
        })
    }
}

impl DensitySpec {
    fn outcome<'a>(
        &self,
        cell: &'a Cell,
        laws: Vec<(Reading, Law)>,
        done: Finished,
    ) -> Result<Outcome<'a>> {
        let distances = laws
            .iter()
            .map(|(reading, law)| {
                let found = distance(&done.theta, |theta| law.below(theta), self.confidence)?;
                Ok((*reading, found))
            })
            .collect::<Result<Vec<_>>>()?;
        // Itô's is that of the SDE whose scheme the chain is.
        let sde = Law::of(cell, Reading::Ito.interpretation())?;
        let own = chain(cell, &sde);
        Ok(Outcome {
            bias: step_bias(cell, &sde, &own),
            chain: own.map(|law| law.second_moment()),
            cell,
            laws,
            distances,
            moment: done.theta.iter().map(|theta| theta * theta).collect(),
            theta: done.theta,
        })
    }
}

/// The steady states of a cell, one for each reading.
fn laws(cell: &Cell) -> Result<Vec<(Reading, Law)>> {
    let all = Reading::ALL.into_iter();
    all.map(|reading| Ok((reading, Law::of(cell, reading.interpretation())?)))
        .collect()
}

fn simulated(
    cell: &Cell,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
) -> Result<Finished> {
    let piece = Piece::of(&cell.label, cell, cell.particles);
    kept_from(piece, context, progress, folder, |begun, counter| {
        let process = cell.process().map_err(Error::Failed)?;
        let stream = Stream::new(context.seed, cell_key(&cell.label));
        let count = cell.starts.len().max(1) as u64;
        let start = |particle: u64, theta: &mut [f64], _: &mut [f64]| {
            theta[0] = cell
                .starts
                .get((particle % count) as usize)
                .copied()
                .unwrap_or(0.0);
        };
        let course = Course {
            process: &*process,
            stream: &stream,
            particles: cell.particles,
            start: &start,
            at: &[cell.steps],
            lanes: context.lanes,
        };
        let run = || course.run_from(begun, &context.stop, counter);
        Ok(Come::of(context.pool.install(run).map(|mut seen| {
            Finished {
                theta: seen.theta.pop().unwrap_or_default(),
                particle_steps: seen.particle_steps,
            }
        })))
    })
}

/// A row per particle.
fn samples(outcomes: &[Outcome<'_>]) -> Table {
    let (mut cell, mut particle, mut theta) = (Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        for (i, x) in outcome.theta.iter().enumerate() {
            cell.push(outcome.cell.label.clone());
            particle.push(i as u64);
            theta.push(*x);
        }
    }
    Table {
        columns: vec![
            ("cell".into(), Column::Text(cell)),
            ("particle".into(), Column::U64(particle)),
            ("theta".into(), Column::F64(theta)),
        ],
    }
}

/// A row per cell and quantity.
fn estimates(outcomes: &[Outcome<'_>], confidence: f64) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for outcome in outcomes {
        let cell = &outcome.cell.label;
        for (reading, found) in &outcome.distances {
            let words = reading.words();
            let quantity = format!("Kolmogorov distance from the {words} steady state");
            rows.push(Row::measured(cell, &quantity, found.clone()));
        }
        let measured = outcome.moment.estimate(confidence)?;
        let chain = outcome.chain.as_ref().ok();
        let exact = chain.map(|chain| Exact::by("stationary equation of the chain", *chain));
        rows.push(Row::of(cell, "E θ²", Some(measured), exact));
        if let Ok(bias) = outcome.bias
            && bias > 0.0
        {
            let bias = Exact::by("stationary equation of the chain", bias);
            rows.push(Row::known(
                cell,
                "Kolmogorov distance of the scheme from its SDE",
                bias,
            ));
        }
    }
    Ok(rows)
}
