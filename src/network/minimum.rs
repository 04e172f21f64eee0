//! A minimum or a saddle of a small network's loss, by Newton's method.

use nalgebra::DMatrix;
use tch::Tensor;

use super::convert::{tensor, vector};
use super::curvature::Hessian;
use super::model::Statistics;
use super::objective::Objective;
use super::set::Examples;
use base::error::{Error, Result};

/// Where ∇L = 0.
#[derive(Debug)]
pub struct Critical {
    /// θ: 1 × P.
    pub theta: Tensor,
    /// |∇L|.
    pub slope: f64,
    /// ∇²L.
    pub hessian: DMatrix<f64>,
}

/// Steps after which the search is given up; near a critical point five suffice.
const MOST_STEPS: usize = 100;
/// Halvings of a step before it is given up.
const MOST_HALVINGS: i32 = 40;

/// The critical point that Newton's method reaches from `start` (1 × P): θ ← θ − s(∇²L)⁻¹∇L, s = 1 or the first of
/// ½, ¼, … at which |∇L| falls. The Hessian is taken in full, P² numbers.
///
/// # Errors
/// |∇L| does not come below `tolerance`, or the Hessian is singular on the way.
pub fn critical(
    objective: &Objective,
    examples: &Examples,
    start: &Tensor,
    tolerance: f64,
) -> Result<Critical> {
    let statistics = Statistics::default();
    let all = examples.len();
    let slope = |theta: &Tensor| objective.full_gradient(theta, examples, &statistics, all);
    let mut theta = start.shallow_clone();
    let mut gradient = slope(&theta);
    for _ in 0..MOST_STEPS {
        let size = gradient.norm().double_value(&[]);
        let hessian = Hessian {
            objective,
            theta: &theta,
            examples,
            statistics: &statistics,
            most: all,
            together: objective.parameters(),
        }
        .dense();
        if size <= tolerance {
            return Ok(Critical {
                theta,
                slope: size,
                hessian,
            });
        }
        let step = hessian.lu().solve(&vector(&gradient)).ok_or_else(|| {
            Error::Failed(format!(
                "the Hessian is singular at |∇L| = {size:e}; start nearer"
            ))
        })?;
        let step = tensor(step.as_slice(), &theta.size(), &theta);
        let better = (0..MOST_HALVINGS).find_map(|halvings| {
            let next = &theta - &step * 0.5f64.powi(halvings);
            let gradient = slope(&next);
            (gradient.norm().double_value(&[]) < size).then_some((next, gradient))
        });
        (theta, gradient) = better.ok_or_else(|| {
            Error::Failed(format!(
                "Newton's method stops at |∇L| = {size:e}, above {tolerance:e}"
            ))
        })?;
    }
    Err(Error::Failed(format!(
        "no critical point in {MOST_STEPS} steps of Newton's method; start nearer"
    )))
}
