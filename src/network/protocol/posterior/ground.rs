//! The minimum, and what is known there: H, C, and the exact laws of linear rules.

use nalgebra::{DMatrix, SymmetricEigen};
use tch::Tensor;

use super::cell::Cell;
use crate::device;
use crate::minimum::critical;
use crate::model::Statistics;
use crate::noise::{covariance, per_example};
use crate::objective::Objective;
use crate::protocol::task::{Sets, Task};
use base::error::{Error, Result};
use experiment::context::Context;
use prediction::exact::linear::{LinearOptimizer, Memory, Quadratic, Recursion};

/// |∇L| at what counts as the minimum.
const FLAT: f64 = 1e-12;
/// Examples whose gradients are taken at a time.
const TOGETHER: i64 = 500;

/// A network at its minimum.
pub struct Ground {
    /// The loss.
    pub objective: Objective,
    /// The examples.
    pub sets: Sets,
    /// θ*: 1 × P.
    pub theta: Tensor,
    /// |∇L(θ*)|.
    pub slope: f64,
    /// H.
    pub hessian: DMatrix<f64>,
    /// Its eigenvalues, ascending.
    pub curvatures: Vec<f64>,
    /// Its eigenvectors, a column each.
    pub axes: DMatrix<f64>,
    /// The gradient of every example less their mean: n × P.
    pub rows: Tensor,
    /// C₁, the covariance of one example's gradient.
    pub noise: DMatrix<f64>,
}

impl Ground {
    /// The minimum that Newton's method reaches from θ = 0.
    ///
    /// # Errors
    /// There is none near, or it is none.
    pub fn find(task: &Task, context: &Context) -> Result<Self> {
        let device = device::find(context.device)?;
        let (objective, mut all) = task.prepare(context, &[0], device)?;
        let sets = all.pop();
        let sets = sets.ok_or_else(|| Error::Failed("a data set without examples".into()))?;
        let start = Tensor::zeros([1, objective.parameters()], (task.kind(), device));
        let found = critical(&objective, &sets.train, &start, FLAT)?;
        let eigen = SymmetricEigen::new(found.hessian.clone());
        let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
        let curvatures: Vec<f64> = order.iter().map(|k| eigen.eigenvalues[*k]).collect();
        if curvatures.first().is_none_or(|h| *h <= 0.0) {
            return Err(Error::Failed(format!(
                "Newton's method from θ = 0 leads to a saddle: the least curvature is {:?}; a larger l2 makes the loss convex",
                curvatures.first()
            )));
        }
        let statistics = Statistics::default();
        let rows = per_example(&objective, &found.theta, &sets.train, &statistics, TOGETHER);
        let noise = covariance(&rows);
        let rows = &rows - rows.mean_dim(0i64, true, rows.kind());
        Ok(Ground {
            axes: eigen.eigenvectors.select_columns(&order),
            theta: found.theta,
            slope: found.slope,
            hessian: found.hessian,
            objective,
            sets,
            curvatures,
            rows,
            noise,
        })
    }

    /// H and C₁/B.
    ///
    /// # Errors
    /// C₁ is no covariance.
    pub fn quadratic(&self, batch: f64) -> Result<Quadratic> {
        Quadratic::new(self.hessian.clone(), &self.noise / batch)
    }

    /// The variances of Σ along H's eigenvectors.
    pub fn along(&self, sigma: &DMatrix<f64>) -> Vec<f64> {
        let turned = self.axes.transpose() * sigma * &self.axes;
        turned.diagonal().iter().copied().collect()
    }

    /// The exact stationary variances of a cell's rule on H with noise C₁/B, and those after its burn-in from θ*.
    ///
    /// # Errors
    /// The rule is not linear, or not stable.
    pub fn exact(&self, cell: &Cell) -> Result<(Vec<f64>, Vec<f64>)> {
        let unknown = || Error::Failed(format!("{}: not a linear rule", cell.label));
        let rule = cell.linear().ok_or_else(unknown)?;
        let optimizer = LinearOptimizer::uniform(rule, self.curvatures.len())?;
        let quadratic = self.quadratic(cell.chains.batch as f64)?;
        let recursion = Recursion::new(&optimizer, cell.eta(), &quadratic)?;
        let law = recursion.stationary().ok_or_else(|| {
            Error::Input(format!(
                "{}: not stable at η = {}, where the largest curvature is {:.3}; take a smaller η",
                cell.label,
                cell.eta(),
                self.curvatures[self.curvatures.len() - 1]
            ))
        })?;
        let origin = vec![0.0; self.curvatures.len()];
        let early = recursion.after(cell.chains.burn_in, &origin, Memory::Zero)?;
        Ok((self.along(&law.theta), self.along(&early.covariance)))
    }
}
