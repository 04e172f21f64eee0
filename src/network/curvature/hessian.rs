//! ∇²L of a network as an operator.

use nalgebra::DMatrix;
use tch::Tensor;

use super::lanczos::Symmetric;
use crate::convert::matrix;
use crate::model::Statistics;
use crate::objective::{Objective, derivative};
use crate::set::Examples;

/// ∇²L(θ) on all examples. Products are exact: the gradient is differentiated once more along the vector.
pub struct Hessian<'a> {
    /// Whose loss.
    pub objective: &'a Objective,
    /// θ: 1 × P.
    pub theta: &'a Tensor,
    /// All the examples.
    pub examples: &'a Examples,
    /// What the normalisations of this one network have seen.
    pub statistics: &'a Statistics,
    /// Examples taken at a time.
    pub most: i64,
    /// Vectors taken at a time.
    pub together: i64,
}

impl Hessian<'_> {
    fn products(&self, vectors: &Tensor) -> Tensor {
        let count = vectors.size()[0];
        let statistics = self.statistics.copies(count);
        let mut sum = vectors.zeros_like();
        for (first, examples) in self.examples.spans(self.most) {
            let batch = self.examples.span(first, examples, count);
            let copies = self
                .theta
                .detach()
                .expand([count, self.theta.size()[1]], false)
                .contiguous()
                .set_requires_grad(true);
            let value = self
                .objective
                .value(&copies, &batch, &statistics)
                .sum(Some(copies.kind()));
            let slope = derivative(&value, &copies, true);
            let along = (&slope * vectors).sum(Some(copies.kind()));
            let share = examples as f64 / self.examples.len() as f64;
            sum += derivative(&along, &copies, false) * share;
        }
        sum
    }

    /// All of it, made symmetric.
    pub fn dense(&self) -> DMatrix<f64> {
        let all = Tensor::eye(self.dim(), (self.theta.kind(), self.theta.device()));
        let full = matrix(&self.apply(&all));
        (&full + full.transpose()) * 0.5
    }
}

impl Symmetric for Hessian<'_> {
    fn dim(&self) -> i64 {
        self.theta.size()[1]
    }

    fn apply(&self, vectors: &Tensor) -> Tensor {
        let together = self.together.max(1);
        let parts = (0..vectors.size()[0]).step_by(together as usize);
        let parts = parts.map(|first| {
            let count = together.min(vectors.size()[0] - first);
            self.products(&vectors.narrow(0, first, count))
        });
        Tensor::cat(&parts.collect::<Vec<_>>(), 0)
    }
}
