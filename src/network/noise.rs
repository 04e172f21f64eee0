//! The noise of minibatch gradients.

use nalgebra::DMatrix;
use tch::{Kind, Tensor};

use super::convert::{matrix, tensor};
use super::minibatch::anew;
use super::model::Statistics;
use super::objective::{Objective, derivative};
use super::set::Examples;
use simulation::random::Stream;

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

/// The gradient of every example's loss with each of K classes in place of its own, at one θ (1 × P):
/// examples × K × P.
pub fn by_class(
    objective: &Objective,
    theta: &Tensor,
    examples: &Examples,
    statistics: &Statistics,
    classes: i64,
    together: i64,
) -> Tensor {
    let each = (0..classes).map(|class| {
        let other = examples.relabelled(examples.classes().full_like(class));
        per_example(objective, theta, &other, statistics, together)
    });
    Tensor::stack(&each.collect::<Vec<_>>(), 1)
}

/// F = (1/n) Σ_j Σ_k p_jk g_jk g_jkᵀ, the Fisher information of the network's own labels, from the gradients g_jk of
/// [`by_class`] and the probabilities p_jk (examples × K).
///
/// With the cross-entropy it is the Gauss–Newton part of ∇²L, which does not depend on the labels. Where labels are
/// drawn from p, the covariance C of one example's gradient has the mean (1 − 1/n)F, and ∇²L has the mean F.
pub fn fisher(by_class: &Tensor, probabilities: &Tensor) -> DMatrix<f64> {
    let weighted = by_class * probabilities.sqrt().unsqueeze(-1);
    let rows = weighted.flatten(0, 1).to_kind(Kind::Double);
    matrix(&(rows.tr().matmul(&rows) / by_class.size()[0] as f64))
}

/// The noise of `count` batches of `batch` examples drawn with replacement, g_B − ∇L: count × P, from the gradients of
/// single examples. Batch m of `member` is number m of its draws.
pub fn of_batches(
    gradients: &Tensor,
    (stream, member): (&Stream, u64),
    batch: u64,
    count: u64,
) -> Tensor {
    let n = gradients.size()[0];
    let mut weights = vec![0.0; (count * n as u64) as usize];
    for (turn, row) in (0..count).zip(weights.chunks_mut(n as usize)) {
        for drawn in anew(stream, member, batch, turn, n) {
            row[drawn as usize] += 1.0 / batch as f64;
        }
    }
    let centred = gradients - gradients.mean_dim(0i64, true, gradients.kind());
    tensor(&weights, &[count as i64, n], gradients).matmul(&centred)
}
