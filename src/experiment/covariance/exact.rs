//! The exact law of a cell whose rule is linear.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::cell::Cell;
use super::observation::{Observation, Quantity};
use prediction::exact::linear::{LinearOptimizer, LinearRule, Recursion};

/// The rule as a linear one, if it is; weight decay, which acts around a rule, apart.
pub fn linear_rule(cell: &Cell) -> Option<LinearRule> {
    let v = &cell.rule.values;
    if !v.is_steady() || cell.frozen {
        return None;
    }
    match (cell.rule.entry.name, cell.two_batch) {
        ("sgd", Some(beta0)) => Some(LinearRule::TwoBatch { beta0 }),
        (_, Some(_)) => None,
        (_, None) => cell.rule.linear(),
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
    let (optimizer, quadratic) = (linear(cell)?, cell.quadratic().ok()?);
    let penalty = cell.rule.values.decay().penalty();
    let ahead = linear_rule(cell).is_some_and(|rule| rule.looks_ahead());
    if ahead && penalty != 0.0 {
        return None;
    }
    let optimizer = optimizer.decoupled(cell.rule.pull()?);
    Recursion::new(&optimizer, cell.eta(), &quadratic.penalised(penalty)).ok()
}

/// The exact values of a cell's observations from θ = 0, each law worked out once.
pub struct Exact<'a> {
    cell: &'a Cell,
    recursion: Recursion,
    theta: BTreeMap<u64, DMatrix<f64>>,
    update: BTreeMap<u64, DMatrix<f64>>,
}

impl<'a> Exact<'a> {
    /// Of a cell, if its rule is linear.
    pub fn of(cell: &'a Cell) -> Option<Self> {
        Some(Exact {
            cell,
            recursion: recursion(cell)?,
            theta: BTreeMap::new(),
            update: BTreeMap::new(),
        })
    }

    /// The exact value of an observation.
    pub fn value(&mut self, o: &Observation) -> Option<f64> {
        let (i, j, eta) = (o.i, o.j, self.cell.eta());
        let exact = match o.quantity {
            Quantity::Covariance | Quantity::MeanSquare => self.theta(o.step)?[(i, j)],
            Quantity::Spread => self.theta(o.step)?[(i, j)] / (o.step as f64 * eta * eta),
            Quantity::PerStep => self.update(o.step)?[(i, j)] * o.scale / (eta * eta),
        };
        exact.is_finite().then_some(exact)
    }

    /// Cov θ after `steps` steps.
    fn theta(&mut self, steps: u64) -> Option<&DMatrix<f64>> {
        if !self.theta.contains_key(&steps) {
            let origin = vec![0.0; self.cell.dim()];
            let memory = self.cell.momentum.memory();
            let law = self.recursion.after(steps, &origin, memory).ok()?;
            self.theta.insert(steps, law.covariance);
        }
        self.theta.get(&steps)
    }

    /// The covariance of the update of step `step`.
    fn update(&mut self, step: u64) -> Option<&DMatrix<f64>> {
        if !self.update.contains_key(&step) {
            let origin = vec![0.0; self.cell.dim()];
            let start = self.recursion.start(&origin, self.cell.momentum.memory());
            let law = self.recursion.carried(step.checked_sub(1)?, &start.ok()?);
            self.update.insert(step, self.recursion.update_of(&law));
        }
        self.update.get(&step)
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::{CovarianceSpec, Kind};
    use super::*;
    use crate::spec::{Document, Section};
    use simulation::optimizer::registry::Rules;

    /// The first cell of an experiment with one coordinate, h = 1 and C = 1.
    fn cell(optimizer: &str) -> Cell {
        let text = format!(
            "[landscape]\nhessian = [[1.0]]\n[noise]\nvariance = 1.0\n[[optimizer]]\nname = \"sgd\"\n{optimizer}\n\
             [ensemble]\nparticles = 20\n"
        );
        let document = Document::parse("f", &text).unwrap();
        let root = Section::new("", &document.root).unwrap();
        let spec = CovarianceSpec::read(&root, "t", &Rules::default(), Kind::Posterior).unwrap();
        spec.cells[0].clone()
    }

    fn settled(cell: &Cell) -> f64 {
        recursion(cell).unwrap().stationary().unwrap().theta[0]
    }

    /// ηC/(h′(2 − ηh′)) with h′ = h + λ; decoupled, (1 − ηλ − ηh)² in place of (1 − ηh)².
    #[test]
    fn weight_decay_has_its_exact_law() {
        let l2 = settled(&cell("eta = 0.1\nl2 = 0.5"));
        assert!((l2 - 0.1 / (1.5 * (2.0 - 0.15))).abs() < 1e-15);
        assert!((l2 - 0.036_036_036_036).abs() < 1e-12);
        let decoupled = settled(&cell("eta = 0.1\ndecoupled_decay = 0.5"));
        assert!((decoupled - 0.01 / (1.0 - 0.85f64.powi(2))).abs() < 1e-15);
    }

    /// At ηh = 1 a step forgets the last: it is looked at after a step all the same, at variance η²C = 1.
    #[test]
    fn what_forgets_at_once_is_looked_at_after_a_step() {
        let cell = cell("eta = 1.0");
        assert!(cell.steps[0] >= 1);
        let mut exact = Exact::of(&cell).unwrap();
        assert!((exact.theta(cell.steps[0]).unwrap()[0] - 1.0).abs() < 1e-15);
    }
}
