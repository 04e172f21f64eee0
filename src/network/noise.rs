//! The noise of minibatch gradients.

use nalgebra::DMatrix;
use tch::{Kind, Tensor};

use super::convert::matrix;
use super::model::Statistics;
use super::objective::{Objective, derivative};
use super::set::Examples;

/// The gradient of every example's loss at one θ (1 × P), without the penalty: examples × P. At most `together`
/// examples are taken at a time; each is a member of its own.
pub fn per_example(
    objective: &Objective,
    theta: &Tensor,
    examples: &Examples,
    statistics: &Statistics,
    together: i64,
) -> Tensor {
    let rows = examples.spans(together).map(|(first, count)| {
        let batch = examples.apart(first, count);
        let copies = theta
            .detach()
            .expand([count, theta.size()[1]], false)
            .contiguous()
            .set_requires_grad(true);
        let sum = objective
            .each(&copies, &batch, &statistics.copies(count))
            .sum(Some(copies.kind()));
        derivative(&sum, &copies, false)
    });
    Tensor::cat(&rows.collect::<Vec<_>>(), 0)
}

/// C, the covariance of one example's gradient: (1/n)Σ(g_j − ḡ)(g_j − ḡ)ᵀ from the rows g_j. A batch of B examples
/// drawn with replacement has covariance C/B.
pub fn covariance(gradients: &Tensor) -> DMatrix<f64> {
    let gradients = gradients.to_kind(Kind::Double);
    let centred = &gradients - gradients.mean_dim(0i64, true, Kind::Double);
    matrix(&(centred.tr().matmul(&centred) / gradients.size()[0] as f64))
}
