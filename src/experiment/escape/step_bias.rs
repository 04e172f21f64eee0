//! The bias that a time step leaves in the mean exit time, from the same cell at half the step.

use super::cell::{Cell, Scheme};
use super::outcome::Outcome;
use super::reference::Reference;
use crate::exits::Exits;
use base::error::Result;
use measurement::Estimate;
use simulation::ensemble::Crossing;

/// What a time step does to the mean exit step, in steps of the whole dt.
#[derive(Clone, Debug)]
pub struct StepBias {
    /// The bias with its interval.
    pub bias: Estimate,
    /// The mean without it: extrapolated to dt = 0, with the interval that both runs leave.
    pub without: Estimate,
    /// The standard error of the bias.
    pub standard_error: f64,
}

impl Scheme {
    /// The order in dt of the bias of exit times. A path that noise moves is late by a typical excursion, √dt,
    /// where exits are looked for at grid points only; one that is differentiable by dt/2.
    fn order_of_exits(&self) -> f64 {
        let noisy = self.bridged() || self.integrator == "leimkuhler-matthews";
        let sampled = self.bridged() && self.crossing != Crossing::AtGrid;
        if noisy && !sampled { 0.5 } else { 1.0 }
    }
}

/// With a bias c dtᵖ the means m and m′ in time at dt and dt/2 give c dtᵖ = (m − m′)/(1 − 2⁻ᵖ); `None` where a
/// particle was censored.
///
/// # Errors
/// No time at risk: every particle diverged.
pub fn step_bias(
    outcome: &Outcome,
    halved: &Cell,
    finished: &Exits,
    confidence: f64,
) -> Result<Option<StepBias>> {
    let half = Outcome::of(halved, finished, Reference::default(), 0, confidence)?;
    let mean = |o: &Outcome| Some((o.moments?.mean()?, o.moments?.standard_error()?));
    let (Some((whole_mean, whole_error)), Some((half_mean, half_error)), Some(scheme)) =
        (mean(outcome), mean(&half), halved.driver.scheme())
    else {
        return Ok(None);
    };
    // Half steps, in whole ones.
    let (half_mean, half_error) = (0.5 * half_mean, 0.5 * half_error);
    let share = 1.0 / (1.0 - 0.5f64.powf(scheme.order_of_exits()));
    let bias = share * (whole_mean - half_mean);
    let standard_error = share * whole_error.hypot(half_error);
    let n = outcome.exited.min(half.exited);
    let rest = ((1.0 - share) * whole_error).hypot(share * half_error);
    let method = "from the same cell at half the step, independent noise";
    Ok(Some(StepBias {
        bias: Estimate::normal(bias, standard_error, n, confidence, method),
        without: Estimate::normal(whole_mean - bias, rest, n, confidence, method),
        standard_error,
    }))
}
