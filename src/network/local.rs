//! A network's loss as it is to second order at a point, with the gradient noise of that point.

use nalgebra::DMatrix;
use tch::Tensor;

use super::convert::tensor;
use super::minibatch::Minibatches;
use crate::tensor::{field, tensor as of};
use base::error::{Error, Result};
use simulation::optimizer::trajectory::Trajectory;
use simulation::optimizer::{Field, Optimizer};

/// An ensemble in training on ½(θ − θ*)ᵀH(θ − θ*), whose stochastic gradients are H(θ − θ*) + the mean over a batch of
/// given rows g_j. It has no anharmonicity, and its noise is of the covariance C/B of the rows wherever θ is.
pub struct Local {
    hessian: Tensor,
    centre: Tensor,
    batches: Minibatches,
    theta: Vec<Field>,
    trajectory: Trajectory<Field>,
}

impl Local {
    /// As many members as `batches` has, from `theta` (members × P) on; `centre` is θ* (1 × P), and the inputs of the
    /// examples in `batches` are the rows g_j.
    ///
    /// # Errors
    /// The rule is tied to single numbers.
    pub fn new(
        hessian: &DMatrix<f64>,
        centre: Tensor,
        batches: Minibatches,
        optimizer: &dyn Optimizer,
        theta: Tensor,
    ) -> Result<Self> {
        let theta = field(theta);
        let group = optimizer.field_group(vec![0], &theta).ok_or_else(|| {
            Error::Input("this update rule is tied to single numbers; it trains no network".into())
        })?;
        let size = [hessian.nrows() as i64, hessian.ncols() as i64];
        Ok(Local {
            // Symmetric, so that rows and columns are the same.
            hessian: tensor(hessian.as_slice(), &size, of(&theta)),
            centre,
            batches,
            theta: vec![theta],
            trajectory: Trajectory::new(vec![group]),
        })
    }

    /// θ: members × P.
    pub fn theta(&self) -> &Tensor {
        of(&self.theta[0])
    }

    /// Steps taken.
    pub fn taken(&self) -> u64 {
        self.trajectory.taken()
    }

    /// One step.
    pub fn step(&mut self) {
        tch::no_grad(|| {
            let rows = self.batches.batch(self.taken()).inputs;
            let noise = rows.mean_dim(1i64, false, rows.kind());
            let gradient = (self.theta() - &self.centre).matmul(&self.hessian) + noise;
            self.trajectory.step(&mut self.theta, &[field(gradient)]);
        });
    }
}
