//! Learning-rate schedules: η_t = η · factor(t), t counted from 1.

use std::f64::consts::PI;

use serde::Serialize;

/// How the learning rate changes after the warm-up.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Course {
    /// factor = 1.
    #[default]
    Constant,
    /// From step `t` on, the factor beside it; 1 before the first. In ascending order of `t`.
    Step {
        /// (t, factor).
        steps: Vec<(u64, f64)>,
    },
    /// Half a cosine (Loshchilov and Hutter 2017, without restarts):
    /// factor = floor + (1 − floor)(1 + cos(π(t − 1)/steps))/2, and floor after `steps` steps.
    Cosine {
        /// Length of the descent in steps.
        steps: u64,
        /// Factor at the end.
        floor: f64,
    },
}

/// A learning-rate schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schedule {
    /// During the first `warmup` steps the factor is multiplied by t/warmup (Goyal et al. 2017).
    pub warmup: u64,
    /// What follows it, counted from step 1 all the same.
    #[serde(flatten)]
    pub course: Course,
}

impl Schedule {
    /// From (t, factor) pairs in ascending order of t.
    pub fn steps(steps: Vec<(u64, f64)>) -> Self {
        Schedule {
            warmup: 0,
            course: Course::Step { steps },
        }
    }

    /// True when the factor is 1 at every step.
    pub fn is_constant(&self) -> bool {
        self.warmup == 0 && self.course == Course::Constant
    }

    /// factor(t) at step t ≥ 1.
    pub fn factor(&self, t: u64) -> f64 {
        let course = match &self.course {
            Course::Constant => 1.0,
            Course::Step { steps } => steps
                .iter()
                .rev()
                .find(|(from, _)| *from <= t)
                .map_or(1.0, |(_, factor)| *factor),
            Course::Cosine { steps, floor } => {
                let done = ((t - t.min(1)) as f64 / *steps as f64).min(1.0);
                floor + (1.0 - floor) * 0.5 * (1.0 + (PI * done).cos())
            }
        };
        if t < self.warmup {
            course * t as f64 / self.warmup as f64
        } else {
            course
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_at_the_steps_that_define_them() {
        let constant = Schedule::default();
        assert!(constant.is_constant());
        assert_eq!(constant.factor(1), 1.0);

        let steps = Schedule::steps(vec![(101, 0.1), (151, 0.01)]);
        assert!(!steps.is_constant());
        let at = [1, 100, 101, 150, 151, 10_000].map(|t| steps.factor(t));
        assert_eq!(at, [1.0, 1.0, 0.1, 0.1, 0.01, 0.01]);

        let course = Course::Cosine {
            steps: 100,
            floor: 0.2,
        };
        let cosine = Schedule { warmup: 0, course };
        assert_eq!(cosine.factor(1), 1.0);
        assert!((cosine.factor(51) - 0.6).abs() < 1e-15);
        assert!((cosine.factor(101) - 0.2).abs() < 1e-15);
        assert_eq!(cosine.factor(101), cosine.factor(5000));

        let warm = Schedule {
            warmup: 4,
            course: Course::Constant,
        };
        let at = [1, 2, 3, 4, 5].map(|t| warm.factor(t));
        assert_eq!(at, [0.25, 0.5, 0.75, 1.0, 1.0]);
    }
}
