//! The gradient of a loss that changes from step to step, to which noise is added.

use std::sync::Arc;

use super::{Oracle, Place};
use crate::landscape::examples::ExampleLoss;

/// ∇L(θ; step, time) before noise: `step` counts from 1, and `time` is that before the step, each of which takes `clock`.
pub struct Driving {
    /// L, whose example is the step and the time.
    pub loss: Arc<ExampleLoss>,
    /// How much time a step takes.
    pub clock: f64,
}

impl Oracle for Driving {
    fn dim(&self) -> usize {
        self.loss.dim
    }

    fn normals(&self) -> usize {
        0
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.loss.inputs * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let lanes = at.lanes;
        let moment = &mut scratch[..self.loss.inputs * lanes];
        let (step, time) = moment.split_at_mut(lanes);
        for (lane, taken) in at.step.iter().enumerate().take(lanes) {
            step[lane] = (taken + 1) as f64;
            time[lane] = self.clock * *taken as f64;
        }
        self.loss.gradient.each(
            [at.theta, moment],
            lanes,
            #[inline(always)]
            |at, row| gradient[at..][..row.len()].copy_from_slice(row),
        );
    }
}
