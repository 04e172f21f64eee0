//! A linear rule on a quadratic under Gaussian noise: θ is Gaussian at every step, with moments from its recursion.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use base::error::{Error, Result};
use experiment::escape::cell::Noise as Known;
use experiment::surface::matrix;
use formula::Tree;
use measurement::reading::Exact;
use prediction::exact::linear::{LinearOptimizer, LinearRule, Memory, Quadratic, Recursion};
use prediction::exact::normal_mean;

use super::AtPoint;
use crate::cell::Cell;
use crate::system::{Motion, Noise};

/// Whether the law of the cell's θ is known so.
pub fn applies(cell: &Cell) -> bool {
    is_linear(cell) && cell.system.start.point().is_some()
}

/// Whether it is a linear rule on a quadratic under Gaussian noise.
pub fn is_linear(cell: &Cell) -> bool {
    let Motion::Rule(rule) = &cell.system.motion else {
        return false;
    };
    let linear = LinearRule::named(rule.entry.name, |name| rule.values[name]).is_some();
    let gaussian = matches!(
        cell.system.noise,
        Noise::None | Noise::Known(Known::Gaussian { .. } | Known::Correlated { .. })
    );
    linear && gaussian && rule.values.is_plain() && cell.system.landscape.name == "quadratic"
}

/// The recursion of its law.
fn recursion(cell: &Cell) -> Result<Recursion> {
    let Motion::Rule(rule) = &cell.system.motion else {
        return Err(Error::Failed("no rule".into()));
    };
    let dim = cell.system.dim();
    let linear = LinearRule::named(rule.entry.name, |name| rule.values[name])
        .ok_or_else(|| Error::Failed("no linear rule".into()))?;
    let noise = match &cell.system.noise {
        Noise::Known(Known::Correlated { covariance }) => matrix(covariance),
        noise => DMatrix::from_diagonal_element(dim, dim, noise.variance().unwrap_or(f64::NAN)),
    };
    let surface = cell.system.landscape.build()?;
    let hessian = surface.hessian(&vec![0.0; dim]);
    let quadratic = Quadratic::new(hessian, noise)?;
    let optimizer = LinearOptimizer::uniform(linear, dim)?;
    Recursion::new(&optimizer, rule.values["eta"], &quadratic)
}

/// How fast it forgets its start, a step.
///
/// # Errors
/// It never does.
pub fn relaxation(cell: &Cell) -> Result<f64> {
    let growth = recursion(cell)?.growth();
    if growth < 0.0 {
        return Ok(-growth.max(-1e3));
    }
    Err(Error::Failed(
        "the rule is unstable there, and never settles".into(),
    ))
}

/// The mean of a formula of coordinate `i` after so many steps; in the long run where `steps` is `None`.
///
/// # Errors
/// The rule is unstable there, or the formula is none of this coordinate.
pub fn mean(
    cell: &Cell,
    steps: Option<u64>,
    tree: &Tree,
    i: usize,
    constants: &BTreeMap<String, f64>,
) -> Result<Exact> {
    let recursion = recursion(cell)?;
    let (mean, variance) = match steps {
        Some(steps) => {
            let start = cell.system.start.point().unwrap_or_default();
            let law = recursion.after(steps, &start, Memory::Zero)?;
            (law.mean[i], law.covariance[(i, i)])
        }
        None => {
            let law = recursion.stationary();
            let law = law.ok_or_else(|| Error::Failed("the rule is unstable there".into()))?;
            (0.0, law.theta[(i, i)])
        }
    };
    let deviation = variance.max(0.0).sqrt();
    let wrong = std::cell::RefCell::new(None);
    let f = |z: f64| {
        let scope = AtPoint {
            variable: &cell.system.variables[i],
            x: mean + deviation * z,
            constants,
        };
        tree.number(&scope).unwrap_or_else(|mistake| {
            wrong.replace(Some(mistake));
            f64::NAN
        })
    };
    let (fine, error) = match deviation == 0.0 {
        true => (f(0.0), 0.0),
        false => normal_mean(&f),
    };
    if let Some(mistake) = wrong.into_inner() {
        return Err(Error::Failed(mistake.to_string()));
    }
    if !(fine.is_finite() && error <= 1e-6 * (fine.abs() + 1e-6)) {
        return Err(Error::Failed(format!("`{}` has no mean there", tree.text)));
    }
    Ok(Exact {
        value: fine,
        error,
        method: "recursion of the linear rule, quadrature over its Gaussian law".into(),
    })
}
