//! Runs the cells, keeping each on disk as soon as it is finished.

use std::path::Path;

use rayon::prelude::*;

use super::cell::Cell;
use super::figures::figures;
use super::reference::{Rates, Well};
use super::rulings::{rulings, self_checks};
use super::spec::FrictionSpec;
use super::text::sections;
use crate::context::{Context, Progress};
use crate::exits::Exits;
use crate::finding::Finding;
use crate::kept::{Come, Piece, each, kept_from};
use crate::memory;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::{Error, Result};
use measurement::exit_rate::{ExitRate, mean_time as of_rate};
use measurement::mean::Moments;
use measurement::rate::Observation;
use measurement::reading::{Exact, Reading};
use measurement::{Estimate, Sampled};
use prediction::exact::fokker_planck::Refined;
use report::verdicts::Verdicts;
use simulation::ensemble::{Ensemble, Exit, Plan};
use simulation::random::{Stream, cell_key};

/// A cell with what was found and what is exact of it.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Mean time with its interval; `None` where a particle was censored or lost.
    pub mean: Option<Estimate>,
    /// The same as it is held against the exact time.
    pub measured: Option<Sampled>,
    /// The exact mean time of the particle.
    pub exact: Refined,
    /// The paper's τ.
    pub paper: f64,
}

/// γ of a drawn curve, per factor of ten.
const PER_DECADE: f64 = 8.0;

impl Protocol for FrictionSpec {
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
        let finished = each(&self.cells, |cell| {
            simulated(cell, context, progress, folder)
        })?;
        context
            .pool
            .install(|| self.conclude(&finished, &context.scale))
    }
}

impl FrictionSpec {
    fn conclude(&self, finished: &[Exits], scale: &str) -> Result<Finding> {
        let Some(first) = self.cells.first() else {
            return Err(Error::Failed("the experiment has no cell".into()));
        };
        let line = first.surface().map_err(Error::Failed)?;
        let well = Well {
            line: &*line,
            temperature: first.temperature,
            minimum: self.minimum,
            saddle: self.saddle,
        };
        // Exact times do not know of the step.
        let coarsest = self.cells.iter().filter(|cell| cell.step == first.step);
        let times: Vec<(f64, f64, Refined)> = coarsest
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|cell| Ok((cell.damping, cell.exit, well.time(cell.damping, cell.exit)?)))
            .collect::<Result<_>>()?;
        let outcomes = self
            .cells
            .iter()
            .zip(finished)
            .map(|(cell, done)| {
                let same = times
                    .iter()
                    .find(|t| t.0 == cell.damping && t.1 == cell.exit);
                let exact = same
                    .map(|t| t.2)
                    .ok_or_else(|| Error::Failed(format!("no exact time for {}", cell.label)))?;
                let (mean, measured) = mean_time(cell, done, self.confidence)?.unzip();
                let paper = well.paper_time(cell.damping)?;
                Ok(Outcome {
                    cell,
                    mean,
                    measured,
                    exact,
                    paper,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let rates: Vec<Rates> = self
            .curve()
            .into_par_iter()
            .map(|damping| well.rates(damping))
            .collect::<Result<_>>()?;
        let made = format!("{} particles a cell, scale {scale}", first.particles);
        Ok(Finding {
            samples: Exits::table(finished),
            estimates: estimates(&outcomes, &rates),
            verdicts: Verdicts {
                claims: rulings(self, &well, &outcomes)?,
                self_checks: self_checks(&outcomes),
            },
            figures: figures(self, &outcomes, &rates, &made),
            sections: sections(self, &well, &outcomes, &rates)?,
            particle_steps: finished.iter().map(|f| f.particle_steps).sum(),
            lane_steps: finished.iter().map(|f| f.lane_steps).sum(),
            diverged: finished
                .iter()
                .map(|f| f.ends.iter().filter(|n| **n == 0).count() as u64)
                .sum(),
        })
    }

    /// Dampings of the curves: evenly in ln γ over those of the cells and a factor of 1.6 beyond.
    fn curve(&self) -> Vec<f64> {
        let of = |pick: fn(f64, f64) -> f64, from: f64| {
            self.cells.iter().map(|cell| cell.damping).fold(from, pick)
        };
        let (low, high) = (of(f64::min, f64::INFINITY) / 1.6, of(f64::max, 0.0) * 1.6);
        let count = ((high / low).log10() * PER_DECADE).ceil().max(2.0);
        (0..=count as u32)
            .map(|k| low * (high / low).powf(f64::from(k) / count))
            .collect()
    }
}

fn simulated(
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
            let process = cell.process().map_err(Error::Failed)?;
            let stream = Stream::new(context.seed, cell_key(&cell.label));
            let plan = Plan {
                particles: cell.particles,
                max_steps: cell.max_steps,
                start: vec![cell.start],
                exit: Exit::Above(cell.exit),
                coordinate: None,
                lanes: context.lanes,
            };
            let ensemble = Ensemble {
                process: &*process,
                stream: &stream,
                plan: &plan,
            };
            let begun = begun.map(|begun| begun.unpacked());
            let exits = context
                .pool
                .install(|| ensemble.run_from(begun, &context.stop, counter));
            let pack = |exits| Exits::new(&cell.label, &exits);
            Ok(Come::of(exits.map(pack).map_err(pack)))
        },
    )
}

/// The mean time; `None` where a particle was censored or lost.
fn mean_time(cell: &Cell, done: &Exits, confidence: f64) -> Result<Option<(Estimate, Sampled)>> {
    if done.ends.iter().any(|n| *n <= 0) {
        return Ok(None);
    }
    let times = done.ends.iter().map(|n| Observation {
        time: *n as f64 * cell.step,
        exited: true,
    });
    let times: Vec<Observation> = times.collect();
    let rate = ExitRate::of(&times, confidence)?.estimate;
    let moments: Moments = times.iter().map(|seen| seen.time).collect();
    Ok(of_rate(&rate).map(|mean| (mean, Sampled::mean(&moments))))
}

/// A row per cell and quantity, and one per damping and law.
fn estimates(outcomes: &[Outcome<'_>], rates: &[Rates]) -> Vec<Reading> {
    let mut rows = Vec::new();
    for outcome in outcomes {
        let label = &outcome.cell.label;
        let Refined {
            value,
            relative_error,
            ..
        } = outcome.exact;
        let exact = Exact::by("Klein–Kramers, absorbing half-range", value);
        let exact = exact.within(value * relative_error);
        let measured = outcome.mean.clone();
        rows.push(Reading::of(
            label,
            "mean passage time",
            measured,
            Some(exact),
        ));
        let paper = Exact::by("closed form", outcome.paper);
        rows.push(Reading::known(
            label,
            "τ of Theorem 3 at one temperature",
            paper,
        ));
    }
    for rate in rates {
        let cell = format!("γ={:.6}", rate.damping);
        let all = [
            ("hop rate", rate.hop, "Klein–Kramers, slowest eigenvalue"),
            (
                "rate of Theorem 3 at one temperature",
                rate.kramers,
                "closed form",
            ),
            ("rate of Mel'nikov and Meshkov", rate.bridged, "closed form"),
        ];
        rows.extend(all.map(|(quantity, value, method)| {
            Reading::known(&cell, quantity, Exact::by(method, value)).at("damping", rate.damping)
        }));
    }
    rows
}
