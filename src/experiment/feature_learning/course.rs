//! Means over seeds along a course of training.

use super::outcome::{Outcome, Point};
use measurement::mean::over_seeds;

/// A mean with its interval at a step.
pub struct Along {
    /// Steps taken.
    pub step: u64,
    /// The mean over seeds.
    pub mean: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
}

/// The mean of `of` over seeds at every mark up to the longest run; a run that has ended stays as it ended.
pub fn along(outcome: &Outcome<'_>, of: fn(&Point) -> f64, confidence: f64) -> Vec<Along> {
    let last = outcome
        .runs
        .iter()
        .filter_map(|run| Some(run.end()?.step))
        .max();
    let marks = outcome.cell.marks();
    marks
        .into_iter()
        .filter(|step| last.is_some_and(|last| *step <= last))
        .filter_map(|step| {
            let values = outcome.runs.iter().filter_map(|run| {
                let reached = run.points.partition_point(|point| point.step <= step);
                run.points.get(reached.checked_sub(1)?).map(of)
            });
            let found = over_seeds(values, confidence).ok()?;
            Some(Along {
                step,
                mean: found.value?,
                low: found.ci_low,
                high: found.ci_high,
            })
        })
        .collect()
}
