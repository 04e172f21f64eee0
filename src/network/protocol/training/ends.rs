//! What is measured where a training ended: curvature, and the loss about the minimum.

use tch::Tensor;

use super::cell::Curvature;
use super::outcome::End;
use crate::curvature::{Hessian, signs, top, trace};
use crate::layout::{Layout, Start};
use crate::model::Statistics;
use crate::objective::Objective;
use crate::protocol::task::stream;
use crate::set::Examples;

/// Vectors that the Hessian is applied to at once.
const TOGETHER: i64 = 16;
/// Examples taken at a time.
const MOST: i64 = 2000;
/// The residual of λ₁, relative to it, at which Lanczos ends.
const TOLERANCE: f64 = 1e-7;
/// Products after which it ends anyway.
const PRODUCTS: usize = 300;

/// Measures one network: `theta` is 1 × P. Every rule's network of a seed sees the same probes and the same shifts.
pub fn measure(
    how: &Curvature,
    objective: &Objective,
    theta: &Tensor,
    examples: &Examples,
    statistics: &Statistics,
    (root, seed): (u64, u64),
) -> End {
    let hessian = Hessian {
        objective,
        theta,
        examples,
        statistics,
        most: MOST,
        together: TOGETHER,
    };
    let probes = stream(root, "probes");
    let first = seed * (how.probes + 1);
    let start = signs(&probes, first, 1, theta).squeeze_dim(0);
    let found = top(&hessian, &start, 1, TOLERANCE, PRODUCTS);
    let vectors = signs(&probes, first + 1, how.probes as i64, theta);
    let traces = trace(&hessian, &vectors);
    let lambda = found.values.first().copied().unwrap_or(f64::NAN);
    End {
        eigenvalue: lambda,
        residual: found.residuals.first().copied().unwrap_or(f64::NAN) / lambda,
        trace: traces.iter().sum::<f64>() / traces.len() as f64,
        sharpness: sharpness(how, objective, theta, examples, statistics, (root, seed)),
    }
}

/// E L(θ + ν) − L(θ), ν ~ N(0, r²).
fn sharpness(
    how: &Curvature,
    objective: &Objective,
    theta: &Tensor,
    examples: &Examples,
    statistics: &Statistics,
    (root, seed): (u64, u64),
) -> f64 {
    let mut shift = Layout::default();
    shift.push("ν", &[theta.size()[1]], Start::Normal(how.radius));
    let draws: Vec<u64> = (0..how.draws).map(|k| seed * how.draws + k).collect();
    let loss = |theta: &Tensor| {
        let statistics = statistics.copies(theta.size()[0]);
        let found = objective.evaluate(theta, examples, &statistics, MOST);
        found.loss.iter().sum::<f64>() / found.loss.len() as f64
    };
    let stream = stream(root, "shifts");
    let each = draws.chunks(TOGETHER as usize).map(|some| {
        let nu = shift.draw(&stream, some, theta.kind(), theta.device());
        loss(&(theta + nu)) * some.len() as f64
    });
    each.sum::<f64>() / draws.len() as f64 - loss(theta)
}
