//! What one cell came to: its exits, their mean and rate with intervals, and the reference beside them.

use super::cell::Cell;
use super::paper::{PaperTime, paper_time};
use super::reference::Reference;
use super::step_bias::StepBias;
use crate::exits::Exits;
use base::error::Result;
use measurement::Estimate;
use measurement::exit_rate::{ExitRate, after, mean_time};
use measurement::exponentiality::Exponentiality;
use measurement::mean::Moments;
use measurement::rate::{Exposure, Observation};

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
    /// Γ per step over all that was seen.
    pub rate: Estimate,
    /// Γ per step after the truncation, if any was asked for.
    pub late_rate: Option<Estimate>,
    /// Mean exit step with its interval, where nothing was censored.
    pub mean: Option<Estimate>,
    /// Moments of the exit step, where nothing was censored.
    pub moments: Option<Moments>,
    /// What the time step does to the mean, where half of it was run too.
    pub step_bias: Option<StepBias>,
    /// Coefficient of variation and the test against the exponential law.
    pub exponentiality: Option<Exponentiality>,
    /// ln Γ with its standard error, from the late rate where there is one.
    log_rate: Option<(f64, f64)>,
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
        let rate = ExitRate::of(&observations, confidence)?;
        let late = match truncate {
            0 => None,
            start => late(&observations, start as f64, confidence)?,
        };
        let complete = exposure.censored == 0;
        let moments: Moments = observations.iter().map(|seen| seen.time).collect();
        Ok(Outcome {
            cell: cell.clone(),
            reference,
            paper: paper_time(cell),
            exited: exposure.exits,
            censored: exposure.censored,
            diverged: finished.diverged(),
            mean: mean_time(&rate.estimate).filter(|_| complete),
            moments: complete.then_some(moments),
            step_bias: None,
            log_rate: late.as_ref().unwrap_or(&rate).log(),
            late_rate: late.map(|late| late.estimate),
            exponentiality: rate.exponentiality,
            rate: rate.estimate,
        })
    }

    /// What a mean of the simulated time may be off by relative to that of the process behind it, for the time step:
    /// exactly known, or told by half the step, with its interval. `None` for an optimizer, or where nothing tells.
    pub fn bias(&self) -> Option<(f64, f64)> {
        if let Some(bias) = self.reference.scheme_bias() {
            return Some((bias, bias));
        }
        let bias = &self.step_bias.as_ref()?.bias;
        let mean = self.moments.as_ref()?.mean()?;
        Some((bias.ci_low / mean, bias.ci_high / mean))
    }

    /// ln Γ with its standard error, the scheme's bias as it is or taken off: Γ⟨n⟩ = 1 and ⟨n⟩ is too long by the bias.
    pub fn log_rate(&self, bias: Bias) -> Option<(f64, f64)> {
        let (log_rate, sigma) = self.log_rate?;
        // Of the scheme's own mean, of which a bias next to −1 would have lost the digits.
        let known = self.reference.scheme_steps.zip(self.reference.steps);
        let longer = match (bias, known) {
            (Bias::Kept, _) => 0.0,
            (_, Some((scheme, exact))) => (scheme / exact).ln(),
            (_, None) => bias.of(self).ln_1p(),
        };
        Some((log_rate + longer, sigma))
    }
}

/// What is done about the bias that a time step leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// Nothing.
    Kept,
    /// The least that it may be is taken off.
    Least,
    /// The most that it may be is taken off.
    Most,
}

impl Bias {
    /// Every way to look at `outcomes`: as they are alone where they have no bias.
    pub fn ways(outcomes: &[&Outcome]) -> &'static [Bias] {
        if outcomes.iter().any(|o| o.bias().is_some()) {
            &[Bias::Kept, Bias::Least, Bias::Most]
        } else {
            &[Bias::Kept]
        }
    }

    /// The relative bias that is taken off.
    pub fn of(self, outcome: &Outcome) -> f64 {
        match (self, outcome.bias()) {
            (Bias::Kept, _) | (_, None) => 0.0,
            (Bias::Least, Some((least, _))) => least,
            (Bias::Most, Some((_, most))) => most,
        }
    }
}

/// The rate after a transient; `None` where nobody was left.
fn late(observations: &[Observation], start: f64, confidence: f64) -> Result<Option<ExitRate>> {
    let late = after(observations, start);
    if late.is_empty() {
        return Ok(None);
    }
    ExitRate::of(&late, confidence).map(Some)
}
