//! The loss of a network on examples, its gradient, and how well it classifies.

use tch::Tensor;

use super::convert::numbers;
use super::loss::Loss;
use super::model::{Model, Statistics};
use super::set::{Batch, Examples};

/// L(θ) = mean loss over examples + ½λ|θ|².
pub struct Objective {
    /// The network.
    pub model: Box<dyn Model>,
    /// The loss of an example.
    pub loss: Loss,
    /// λ.
    pub l2: f64,
}

/// What every member comes to on a set of examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// L(θ), the penalty included.
    pub loss: Vec<f64>,
    /// The share of examples that are classified rightly.
    pub accuracy: Vec<f64>,
}

impl Objective {
    /// P, the number of parameters.
    pub fn parameters(&self) -> i64 {
        self.model.layout().len()
    }

    /// Outputs, members × examples × K.
    pub fn outputs(&self, theta: &Tensor, inputs: &Tensor, statistics: &Statistics) -> Tensor {
        let weights = self.model.layout().views(theta);
        self.model.outputs(&weights, inputs, statistics)
    }

    /// The loss of every example without the penalty: members × examples.
    pub fn each(&self, theta: &Tensor, batch: &Batch, statistics: &Statistics) -> Tensor {
        let outputs = self.outputs(theta, &batch.inputs, statistics);
        self.loss.each(&outputs, &batch.classes.flatten(1, -1))
    }

    /// L(θ) of every member on its own batch.
    pub fn value(&self, theta: &Tensor, batch: &Batch, statistics: &Statistics) -> Tensor {
        let mean = self
            .each(theta, batch, statistics)
            .mean_dim(1i64, false, theta.kind());
        if self.l2 == 0.0 {
            return mean;
        }
        mean + (theta * theta).sum_dim_intlist(1i64, false, theta.kind()) * (0.5 * self.l2)
    }

    /// ∇L of every member on its own batch: members × P.
    pub fn gradient(&self, theta: &Tensor, batch: &Batch, statistics: &Statistics) -> Tensor {
        let theta = theta.detach().set_requires_grad(true);
        let value = self
            .value(&theta, batch, statistics)
            .sum(Some(theta.kind()));
        derivative(&value, &theta, false)
    }

    /// ∇L of every member on all examples, at most `most` of them at a time.
    pub fn full_gradient(
        &self,
        theta: &Tensor,
        examples: &Examples,
        statistics: &Statistics,
        most: i64,
    ) -> Tensor {
        let members = theta.size()[0];
        let mut sum = theta.zeros_like();
        for (first, count) in examples.spans(most) {
            let batch = examples.span(first, count, members);
            let share = count as f64 / examples.len() as f64;
            sum += self.gradient(theta, &batch, statistics) * share;
        }
        sum
    }

    /// Loss and accuracy of every member on all examples, at most `most` of them at a time.
    pub fn evaluate(
        &self,
        theta: &Tensor,
        examples: &Examples,
        statistics: &Statistics,
        most: i64,
    ) -> Evaluation {
        tch::no_grad(|| {
            let members = theta.size()[0];
            let blank = || Tensor::zeros(members, (theta.kind(), theta.device()));
            let (mut loss, mut right) = (blank(), blank());
            let mut judged = 0;
            for (first, count) in examples.spans(most) {
                let batch = examples.span(first, count, members);
                let outputs = self.outputs(theta, &batch.inputs, statistics);
                let classes = batch.classes.flatten(1, -1);
                let sum = |each: Tensor| each.sum_dim_intlist(1i64, false, theta.kind());
                loss += sum(self.loss.each(&outputs, &classes));
                right += sum(self.loss.decided(&outputs).eq_tensor(&classes));
                judged += classes.size()[1];
            }
            let penalty = (theta * theta).sum_dim_intlist(1i64, false, theta.kind());
            Evaluation {
                loss: numbers(&(loss / judged as f64 + penalty * (0.5 * self.l2))),
                accuracy: numbers(&(right / judged as f64)),
            }
        })
    }
}

/// ∂value/∂θ; with `again` it can be differentiated once more.
pub fn derivative(value: &Tensor, theta: &Tensor, again: bool) -> Tensor {
    let all = Tensor::run_backward(&[value], &[theta], again, again);
    // A value that does not depend on θ has no derivative to give.
    match all.into_iter().next() {
        Some(found) if found.defined() => found,
        _ => theta.zeros_like(),
    }
}
