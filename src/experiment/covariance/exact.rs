//! The exact law of a cell whose rule is linear.

use super::cell::Cell;
use super::observation::{Observation, Quantity};
use crate::prediction::exact::linear::{LinearOptimizer, LinearRule, Recursion};

/// The rule as a linear one, if it is.
pub fn linear_rule(cell: &Cell) -> Option<LinearRule> {
    let v = &cell.rule.values;
    if !v.is_plain() || cell.frozen {
        return None;
    }
    match (cell.rule.entry.name, cell.two_batch) {
        ("sgd", Some(beta0)) => Some(LinearRule::TwoBatch { beta0 }),
        (_, Some(_)) => None,
        (name, None) => LinearRule::named(name, |key| v[key]),
    }
}

/// The optimizer as a linear one, if it is.
fn linear(cell: &Cell) -> Option<LinearOptimizer> {
    let dim = cell.dim();
    if cell.frozen && cell.two_batch.is_none() {
        return if let Some(beta1) = cell.value("beta1") {
            let rule = LinearRule::Sgdm { beta1 };
            LinearOptimizer::frozen_second_moment(rule, &cell.variances(), 0.0).ok()
        } else {
            LinearOptimizer::frozen_inertia(&cell.frozen_inertia()?.0).ok()
        };
    }
    LinearOptimizer::uniform(linear_rule(cell)?, dim).ok()
}

/// The recursion of a cell, if its rule is linear.
pub fn recursion(cell: &Cell) -> Option<Recursion> {
    Recursion::new(&linear(cell)?, cell.eta(), &cell.quadratic().ok()?).ok()
}

/// The exact value of an observation from θ = 0.
pub fn value(cell: &Cell, recursion: &Recursion, o: &Observation) -> Option<f64> {
    let origin = vec![0.0; cell.dim()];
    let memory = cell.momentum.memory();
    let (i, j) = (o.i, o.j);
    let exact = match o.quantity {
        Quantity::Covariance | Quantity::MeanSquare => {
            recursion.after(o.step, &origin, memory).ok()?.covariance[(i, j)]
        }
        Quantity::Spread => {
            let law = recursion.after(o.step, &origin, memory).ok()?;
            law.covariance[(i, j)] / (o.step as f64 * cell.eta() * cell.eta())
        }
        Quantity::PerStep => {
            let (before, step) = (o.step.checked_sub(1)?, recursion.step());
            let start = recursion.start(&origin, memory).ok()?;
            let law = step.times(before).apply(&start);
            let moved = &step.change * &law.covariance * step.change.transpose() + &step.noise;
            moved[(i, j)] * o.scale / (cell.eta() * cell.eta())
        }
    };
    exact.is_finite().then_some(exact)
}
