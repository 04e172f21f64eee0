//! A linear rule on a quadratic under Gaussian noise: θ is Gaussian at every step, with moments from its recursion.

use nalgebra::{DMatrix, DVector};

use base::error::{Error, Result};
use formula::Tree;
use prediction::exact::linear::{Gaussian, LastStep, LinearOptimizer, Quadratic, Recursion};
use simulation::landscape::Landscape;

use super::polynomial;
use crate::cell::Cell;
use crate::system::Motion;
use crate::system::start::Place;

/// Whether the law of the cell's θ is known so.
pub fn applies(cell: &Cell) -> bool {
    is_linear(cell) && start(cell).is_some()
}

/// Whether it is a linear rule on a quadratic under Gaussian noise.
pub fn is_linear(cell: &Cell) -> bool {
    let Motion::Rule(rule) = &cell.system.motion else {
        return false;
    };
    let linear = rule.linear().is_some();
    let constant = cell.system.noise.covariance(cell.system.dim()).is_some();
    linear && constant && rule.values.is_plain() && is_quadratic(cell)
}

/// Whether L is quadratic, and has a critical point.
fn is_quadratic(cell: &Cell) -> bool {
    let landscape = &cell.system.landscape;
    let quadratic = match &landscape.formula {
        None => landscape.name == "quadratic",
        Some(formula) => {
            let degree_of =
                |name: &str| Some(u32::from(cell.system.variables.iter().any(|v| v == name)));
            let tree = Tree::parse(&formula.text).ok();
            let degree = tree.and_then(|tree| polynomial::degree(&tree.root, &degree_of));
            degree.is_some_and(|n| n <= 2)
        }
    };
    quadratic
        && landscape
            .build()
            .is_ok_and(|surface| centre(&*surface).is_some())
}

/// The critical point of a quadratic.
fn centre(surface: &dyn Landscape) -> Option<DVector<f64>> {
    let zero = vec![0.0; surface.dim()];
    let mut slope = vec![0.0; surface.dim()];
    surface.gradient(&zero, 1, &mut slope);
    let slope = DVector::from_vec(slope);
    if slope.amax() == 0.0 {
        return Some(DVector::zeros(surface.dim()));
    }
    let hessian = surface.hessian(&zero);
    let centre = -hessian.clone().lu().solve(&slope)?;
    let left = (&hessian * &centre + &slope).amax();
    (left <= 1e-12 * slope.amax()).then_some(centre)
}

/// The law of the start, where it is Gaussian.
fn start(cell: &Cell) -> Option<Gaussian> {
    let start = &cell.system.start;
    let places = start.coordinates.iter().map(|place| match *place {
        Place::At(x) => Some((x, 0.0)),
        Place::Normal(mean, deviation) => Some((mean, deviation * deviation)),
        Place::Uniform(..) => None,
    });
    let places: Vec<(f64, f64)> = places.collect::<Option<_>>()?;
    let all = |part: fn(&(f64, f64)) -> f64| {
        DVector::from_iterator(places.len(), places.iter().map(part))
    };
    start.after.is_none().then(|| Gaussian {
        mean: all(|place| place.0),
        covariance: DMatrix::from_diagonal(&all(|place| place.1)),
    })
}

/// The recursion of its law.
fn recursion(cell: &Cell) -> Result<Recursion> {
    let Motion::Rule(rule) = &cell.system.motion else {
        return Err(Error::Failed("no rule".into()));
    };
    let dim = cell.system.dim();
    let linear = rule
        .linear()
        .ok_or_else(|| Error::Failed("no linear rule".into()))?;
    let noise = cell.system.noise.covariance(dim);
    let noise =
        noise.ok_or_else(|| Error::Failed("the noise is not the same everywhere".into()))?;
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

/// The law of θ and of the last update after so many steps; in the long run where there is no number of them.
///
/// # Errors
/// The rule is unstable there.
pub fn last_step(cell: &Cell, steps: Option<u64>) -> Result<LastStep> {
    let surface = cell.system.landscape.build()?;
    let centre = centre(&*surface)
        .ok_or_else(|| Error::Failed("the quadratic has no critical point".into()))?;
    let mut start = start(cell).ok_or_else(|| Error::Failed("the start is not Gaussian".into()))?;
    start.mean -= &centre;
    let mut step =
        recursion(cell)?.last_step(steps, &start, cell.system.start.momentum.memory())?;
    step.before.mean += &centre;
    step.after.mean += &centre;
    Ok(step)
}
