//! The last step before a look: where it began, what it subtracted, and how the two go together.

use nalgebra::{DMatrix, DVector};

use super::recursion::{Law, Memory, Recursion, times};
use super::step::Gaussian;
use base::error::{Error, Result};

/// θ₋ and u of a step θ = θ₋ − u.
#[derive(Clone, Debug, PartialEq)]
pub struct LastStep {
    /// The law of θ₋.
    pub before: Gaussian,
    /// The law of u; its mean and covariance are 0 where no step was taken.
    pub update: Gaussian,
    /// Cov(θ₋, u), with θ₋ along the rows.
    pub together: DMatrix<f64>,
    /// The law of θ.
    pub after: Gaussian,
}

impl Recursion {
    /// The last of `steps` steps from a start; in the long run where there is no number of them.
    ///
    /// # Errors
    /// As [`Recursion::start`], or the recursion is not stable, so that there is no long run.
    pub fn last_step(
        &self,
        steps: Option<u64>,
        start: &Gaussian,
        memory: Memory,
    ) -> Result<LastStep> {
        let before = match steps {
            Some(steps) => {
                let start = self.start_from(start, memory)?;
                self.stepped(steps.saturating_sub(1), start, memory)
            }
            None => {
                let covariances = self.modes.stationary();
                let covariances = covariances
                    .ok_or_else(|| Error::Failed("the rule is unstable there".into()))?;
                let mean = self.modes.blocks.iter();
                let mean = mean.map(|block| DVector::zeros(block.change.nrows()));
                Law {
                    mean: mean.collect(),
                    covariances,
                }
            }
        };
        Ok(self.last_from(&before, steps, memory))
    }

    /// The last of `steps` steps from the law before it.
    pub(super) fn last_from(&self, before: &Law, steps: Option<u64>, memory: Memory) -> LastStep {
        let at = self.theta_of(before);
        if steps == Some(0) {
            let d = at.mean.len();
            return LastStep {
                update: Gaussian::at(DVector::zeros(d)),
                together: DMatrix::zeros(d, d),
                before: at.clone(),
                after: at,
            };
        }
        let modes = match steps {
            Some(1) => self.first_step(memory),
            _ => &self.modes,
        };
        let moved = Law {
            mean: modes.mean_after(1, &before.mean),
            covariances: modes.after(1, &before.covariances),
        };
        let after = self.theta_of(&moved);
        let added = Law {
            mean: modes
                .blocks
                .iter()
                .zip(&before.mean)
                .map(|(b, z)| &b.change * z)
                .collect(),
            covariances: modes.update(&before.covariances),
        };
        let mut update = self.theta_of(&added);
        update.mean.neg_mut();
        let together = -(&self.axes.theta
            * modes.with_update(&before.covariances)
            * self.axes.theta.transpose());
        LastStep {
            together: together.map(|s| times(s, 2 * self.units.theta)),
            before: at,
            update,
            after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LinearOptimizer, LinearRule, Quadratic};
    use super::*;

    /// Var θ = Var θ₋ + Var u − 2 Cov(θ₋, u), of heavy ball and PNM on a rotated quadratic: after one, two and many steps and in the
    /// long run, where also E θ₋·u = ½ E|u|².
    #[test]
    fn the_parts_of_a_step_make_the_whole() -> Result<()> {
        let quadratic = Quadratic::new(
            DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]),
            DMatrix::from_row_slice(2, 2, &[1.0, 0.3, 0.3, 0.5]),
        )?;
        let rules = [
            LinearRule::Pnm {
                beta1: 0.9,
                beta0: 1.0,
            },
            LinearRule::named("heavy-ball", |name| if name == "beta3" { 0.3 } else { 0.8 })
                .expect("linear"),
        ];
        let start = Gaussian {
            mean: DVector::from_vec(vec![1.0, -2.0]),
            covariance: DMatrix::from_row_slice(2, 2, &[0.5, 0.1, 0.1, 0.2]),
        };
        for rule in rules {
            let recursion = Recursion::new(&LinearOptimizer::uniform(rule, 2)?, 0.05, &quadratic)?;
            for steps in [Some(1), Some(2), Some(50), None] {
                let step = recursion.last_step(steps, &start, Memory::Zero)?;
                let sum = &step.before.covariance + &step.update.covariance
                    - &step.together
                    - step.together.transpose();
                assert!((&sum - &step.after.covariance).amax() < 1e-13, "{steps:?}");
                let mean = &step.before.mean - &step.update.mean;
                assert!((mean - &step.after.mean).amax() < 1e-13);
                let gate = step.together.trace() - 0.5 * step.update.covariance.trace();
                assert_eq!(steps.is_none(), gate.abs() < 1e-13, "{steps:?}: {gate}");
            }
            let mut law = step_by_step(&recursion, &start);
            for steps in 1..6 {
                let step = recursion.last_step(Some(steps), &start, Memory::Zero)?;
                let at = law.remove(0);
                assert!((step.after.covariance - at.covariance).amax() < 1e-13);
            }
        }
        Ok(())
    }

    fn step_by_step(recursion: &Recursion, start: &Gaussian) -> Vec<Gaussian> {
        let begun = recursion.start_from(start, Memory::Zero).expect("finite");
        let law =
            |steps| recursion.theta_of(&recursion.stepped(steps, begun.clone(), Memory::Zero));
        (1..6).map(law).collect()
    }
}
