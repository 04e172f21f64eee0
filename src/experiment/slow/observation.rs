//! What is measured in a cell.

use serde::{Deserialize, Serialize};

use super::spec::Cell;
use base::error::Result;
use measurement::Estimate;
use measurement::covariance::{Numbers, SecondMoment};
use measurement::kolmogorov::distance;
use measurement::mean::Moments;
use simulation::ensemble::Snapshots;

/// A finished cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finished {
    /// E Y, or E cos Y on the ring.
    pub mean: Estimate,
    /// Its standard error.
    pub mean_error: f64,
    /// The variance of the same.
    pub variance: Estimate,
    /// Kolmogorov's distance of Y's law from the slow SDE's, where that has a density.
    pub distance: Option<Estimate>,
    /// E of v² over its stationary variance, with its standard error, in the valley.
    pub across: Option<(f64, f64)>,
    /// Quantiles of Y at (i + ½)/QUANTILES, for the figure.
    pub quantiles: Vec<f64>,
    /// Particles that were no longer finite.
    pub diverged: u64,
    /// Particles × steps.
    pub particle_steps: u64,
}

/// How many quantiles are kept.
pub const QUANTILES: usize = 30;

/// Looks at the last snapshot of a cell.
///
/// # Errors
/// All particles but one are lost, or the slow law is not defined.
pub fn observe(cell: &Cell, seen: &Snapshots, tau: f64, confidence: f64) -> Result<Finished> {
    let problem = &cell.problem;
    let rows = seen.theta.last().map_or(&[][..], |rows| rows);
    let slow: Vec<f64> = rows
        .chunks_exact(2)
        .map(|theta| problem.slow(theta))
        .collect();
    let observed: Vec<f64> = slow.iter().map(|y| problem.observed(*y)).collect();
    let mut mean = Moments::default();
    observed.iter().for_each(|x| mean.push(*x));
    let mut across = Moments::default();
    for theta in rows.chunks_exact(2) {
        if let Some(ratio) = problem.across(theta, cell.eta, cell.beta) {
            across.push(ratio);
        }
    }
    let law = problem.law(tau)?;
    let distance = law
        .map(|cdf| distance(&slow, cdf, confidence))
        .transpose()?;
    let mut sorted: Vec<f64> = slow.into_iter().filter(|y| y.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let share = |i: usize| (i as f64 + 0.5) / QUANTILES as f64;
    let quantiles = (0..QUANTILES).filter_map(|i| {
        sorted
            .get((share(i) * sorted.len() as f64) as usize)
            .copied()
    });
    Ok(Finished {
        mean: mean.estimate(confidence)?,
        mean_error: mean.standard_error().unwrap_or(f64::NAN),
        variance: SecondMoment::of(&observed, 1, 0, 0, true).estimate(Numbers::AnyLaw, confidence),
        distance,
        across: across.mean().zip(across.standard_error()),
        quantiles: quantiles.collect(),
        diverged: mean.diverged(),
        particle_steps: seen.particle_steps,
    })
}
