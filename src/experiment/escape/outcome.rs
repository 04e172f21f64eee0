//! What one cell came to: its exits, their mean and rate with intervals, and the reference beside them.

use super::cell::Cell;
use super::paper::{PaperTime, paper_time};
use super::reference::Reference;
use super::step_bias::StepBias;
use crate::error::Result;
use crate::experiment::exits::Exits;
use crate::measurement::Estimate;
use crate::measurement::exponentiality::{Exponentiality, FEWEST_EXITS, cox_oakes};
use crate::measurement::mean::Moments;
use crate::measurement::rate::{Exposure, Observation, maximum_likelihood};

/// The statistics of a finished cell.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The cell.
    pub cell: Cell,
    /// Its exact references.
    pub reference: Reference,
    /// The paper's time, or why there is none.
    pub paper: std::result::Result<PaperTime, String>,
    /// Particles that left.
    pub exited: u64,
    /// Particles that were still inside at the last step.
    pub censored: u64,
    /// Particles that diverged.
    pub diverged: u64,
    /// Γ per step, maximum likelihood over all that was seen.
    pub rate: Estimate,
    /// Γ per step after the truncation, if any was asked for.
    pub late_rate: Option<Estimate>,
    /// Mean exit step with its interval, where nothing was censored.
    pub mean: Option<Estimate>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// What the time step does to the mean, where half of it was run too.
    pub step_bias: Option<StepBias>,
    /// Coefficient of variation and the test against the exponential law.
    pub exponentiality: Option<Exponentiality>,
    /// ln Γ with its standard error, from the late rate where there is one.
    pub log_rate: Option<(f64, f64)>,
}

/// Names of the series, in the order of the file.
pub fn series_names(outcomes: &[Outcome]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for o in outcomes {
        if !names.contains(&o.cell.series) {
            names.push(o.cell.series.clone());
        }
    }
    names
}

impl Outcome {
    /// The statistics of `finished`, which belongs to `cell`, beside the cell's reference.
    ///
    /// # Errors
    /// No time at risk: every particle diverged.
    pub fn of(
        cell: &Cell,
        finished: &Exits,
        reference: Reference,
        truncate: u64,
        confidence: f64,
    ) -> Result<Self> {
        let observations: Vec<Observation> = finished
            .ends
            .iter()
            .filter(|n| **n != 0)
            .map(|n| Observation {
                time: n.unsigned_abs() as f64,
                exited: *n > 0,
            })
            .collect();
        let exposure = Exposure::of(&observations)?;
        let rate = maximum_likelihood(&exposure, confidence)?;
        let mut moments = Moments::default();
        for seen in &observations {
            moments.push(seen.time);
        }
        let complete = exposure.censored == 0 && exposure.exits > 1;
        let exponentiality = if exposure.exits >= FEWEST_EXITS {
            Some(cox_oakes(&observations)?)
        } else {
            None
        };
        let late = match truncate {
            0 => None,
            t => Some(Exposure::after(&observations, t as f64)?),
        };
        let late_rate = match &late {
            Some(late) if late.time_at_risk > 0.0 => Some(maximum_likelihood(late, confidence)?),
            _ => None,
        };
        let used = late.as_ref().unwrap_or(&exposure);
        // Exit times that are not exponential spread by their own coefficient of variation.
        let spread = match (&late, &exponentiality) {
            (None, Some(e)) => e.cv.unwrap_or(1.0),
            _ => 1.0,
        };
        let log_rate = crate::measurement::forms::Cell::from_exposure(cell.x, used)
            .ok()
            .map(|c| (c.log_rate, c.sigma * spread));
        Ok(Outcome {
            cell: cell.clone(),
            reference,
            paper: paper_time(cell),
            exited: exposure.exits,
            censored: exposure.censored,
            diverged: finished.diverged(),
            rate,
            late_rate,
            mean: if complete {
                Some(moments.estimate(confidence)?)
            } else {
                None
            },
            standard_error: if complete {
                moments.standard_error()
            } else {
                None
            },
            step_bias: None,
            exponentiality,
            log_rate,
        })
    }
}
