//! Cycles A → Σ → A in the stationary regime: how long they take, and where they pass Σ.

use std::ops::ControlFlow;

use super::State;
use super::wander::{Wanderers, lost};
use base::error::Result;

/// Where a replica is in its cycles.
#[derive(Clone, Copy)]
struct Course {
    /// Whether it has passed Σ since it was last in A.
    out: bool,
    /// Cycles completed.
    cycles: u32,
    /// When the cycle began: the step at which A was entered.
    since: u64,
}

/// A state at the first passage of Σ for every replica, and the mean steps of a cycle.
///
/// Each replica runs cycles of its own, so that the states are independent. A path that reaches B in a
/// cycle is put back at the start, which begins the next one.
pub fn sources(wanderers: &mut Wanderers<'_>) -> Result<(Vec<State>, f64)> {
    let scheme = wanderers.scheme;
    let start = wanderers.start();
    let all = scheme.burn_in + scheme.cycles;
    let mut courses = vec![
        Course {
            out: false,
            cycles: 0,
            since: 0
        };
        scheme.replicas
    ];
    let mut sources = vec![State::default(); scheme.replicas];
    let mut counted = 0;
    let from = vec![start.clone(); scheme.replicas];
    wanderers.wander(&from, |sight| {
        let course = &mut courses[sight.index];
        let left = sight.level > scheme.exit;
        if !course.out && sight.level > scheme.surface {
            if course.cycles == all {
                sources[sight.index] = sight.state();
                return Ok(ControlFlow::Break(()));
            }
            course.out = true;
        }
        if course.out && (left || sight.level <= scheme.basin) {
            if course.cycles >= scheme.burn_in {
                counted += sight.step - course.since;
            }
            *course = Course {
                out: false,
                cycles: course.cycles + 1,
                since: sight.step,
            };
            if left {
                sight.put(&start);
            }
        }
        if sight.step - course.since >= scheme.max_steps {
            return Err(lost(scheme.max_steps));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let cycles = scheme.replicas as f64 * f64::from(scheme.cycles);
    Ok((sources, counted as f64 / cycles))
}
