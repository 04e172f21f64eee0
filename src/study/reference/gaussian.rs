//! A linear rule on a quadratic: the first two moments of θ follow from its recursion at every step, where the covariance of the noise is of
//! degree 2. In Gaussian noise that is the same everywhere θ is Gaussian.

use nalgebra::{DMatrix, DVector};

use base::error::{Error, Result};
use experiment::optimizer::Tuned;
use formula::Tree;
use prediction::exact::linear::{
    Gaussian, LastStep, LinearOptimizer, Quadratic, QuadraticNoise, Recursion,
};
use simulation::landscape::Landscape;

use super::{noise_of_place, polynomial};
use crate::cell::Cell;
use crate::system::Motion;
use crate::system::start::{Momentum, Place};

/// Whether the law of the cell's θ is known so.
pub fn applies(cell: &Cell) -> bool {
    is_linear(cell) && start(cell).is_some()
}

/// Whether it is a linear rule on a quadratic, in noise whose covariance is known.
pub fn is_linear(cell: &Cell) -> bool {
    let Motion::Rule(rule) = &cell.system.motion else {
        return false;
    };
    let (Some(linear), Some(pull)) = (rule.linear(), rule.pull()) else {
        return false;
    };
    let Some(centre) = centre_of(cell, rule) else {
        return false;
    };
    let everywhere = cell.system.noise.covariance(cell.system.dim()).is_some();
    let penalised = rule.values.decay().penalty() != 0.0;
    let apart = pull != 0.0 && centre.amax() != 0.0;
    // Ahead of θ are no penalty's gradient and no noise of θ.
    (!linear.looks_ahead() || everywhere && !penalised)
        && (!apart || everywhere && linear.first_filter().is_none())
        && (!penalised || cell.system.start.momentum == Momentum::Zero)
        && rule.values.is_steady()
        && noise_of_place::is_known(&cell.system)
}

/// Whether the noise is Gaussian and the same everywhere, and so the law of θ.
pub fn is_gaussian(cell: &Cell) -> bool {
    let noise = &cell.system.noise;
    noise.is_gaussian() && noise.covariance(cell.system.dim()).is_some()
}

/// The critical point of L with the penalty of a rule, where L is a quadratic and there is one.
fn centre_of(cell: &Cell, rule: &Tuned) -> Option<DVector<f64>> {
    let landscape = &cell.system.landscape;
    let quadratic = match (&landscape.formula, &landscape.data) {
        (_, Some(data)) => noise_of_place::is_least_squares(data),
        (None, None) => landscape.name == "quadratic",
        (Some(formula), None) => {
            let degree_of =
                |name: &str| Some(u32::from(cell.system.variables.iter().any(|v| v == name)));
            let tree = Tree::parse(&formula.text).ok();
            let degree = tree.and_then(|tree| polynomial::degree(&tree.root, &degree_of));
            degree.is_some_and(|n| n <= 2)
        }
    };
    let surface = landscape.build().ok().filter(|_| quadratic)?;
    centre(&*surface, rule.values.decay().penalty())
}

/// The critical point of a quadratic and a penalty ½λ|θ|².
fn centre(surface: &dyn Landscape, penalty: f64) -> Option<DVector<f64>> {
    let zero = vec![0.0; surface.dim()];
    let mut slope = vec![0.0; surface.dim()];
    surface.gradient(&zero, 1, &mut slope);
    let slope = DVector::from_vec(slope);
    if slope.amax() == 0.0 {
        return Some(DVector::zeros(surface.dim()));
    }
    let mut hessian = surface.hessian(&zero);
    for i in 0..zero.len() {
        hessian[(i, i)] += penalty;
    }
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

/// A cell's linear process, θ from its minimum.
struct Process {
    centre: DVector<f64>,
    recursion: Recursion,
    /// C(θ), where it is not the same everywhere.
    noise: Option<QuadraticNoise>,
}

fn process(cell: &Cell) -> Result<Process> {
    let Motion::Rule(rule) = &cell.system.motion else {
        return Err(Error::Failed("no rule".into()));
    };
    let dim = cell.system.dim();
    let linear = rule
        .linear()
        .ok_or_else(|| Error::Failed("no linear rule".into()))?;
    let surface = cell.system.landscape.build()?;
    let penalty = rule.values.decay().penalty();
    let mut centre = centre(&*surface, penalty)
        .ok_or_else(|| Error::Failed("the quadratic has no critical point".into()))?;
    let (everywhere, noise) = match cell.system.noise.covariance(dim) {
        Some(everywhere) => (everywhere, None),
        None => {
            let from = start(cell).map_or(1.0, |start| {
                (start.mean - &centre).amax() + start.covariance.amax().sqrt()
            });
            let reach = if from > 0.0 { from } else { 1.0 };
            let noise = noise_of_place::of(cell, &centre, reach)?;
            (noise.at_minimum().clone(), Some(noise))
        }
    };
    let hessian = surface.hessian(centre.as_slice());
    let quadratic = Quadratic::new(hessian, everywhere)?.penalised(penalty);
    let (eta, pull) = (rule.values["eta"], rule.pull().unwrap_or(f64::NAN));
    let optimizer = LinearOptimizer::uniform(linear, dim)?.decoupled(pull);
    let mut recursion = Recursion::new(&optimizer, eta, &quadratic)?;
    if pull != 0.0 && centre.amax() != 0.0 {
        // Decay pulls towards 0, wherever the minimum is.
        let (pulled, rest) = recursion.pulled_to(eta * pull, &-&centre)?;
        recursion = pulled;
        centre += rest;
    }
    Ok(Process {
        centre,
        recursion,
        noise,
    })
}

/// How fast it forgets its start, a step.
///
/// # Errors
/// It never does.
pub fn relaxation(cell: &Cell) -> Result<f64> {
    let process = process(cell)?;
    let growth = match &process.noise {
        None => process.recursion.growth(),
        Some(noise) => process.recursion.growth_in(noise),
    };
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
    let Process {
        centre,
        recursion,
        noise,
    } = process(cell)?;
    let mut start = start(cell).ok_or_else(|| Error::Failed("the start is not Gaussian".into()))?;
    start.mean -= &centre;
    let memory = cell.system.start.momentum.memory();
    let mut step = match &noise {
        None => recursion.last_step(steps, &start, memory)?,
        Some(noise) => recursion.last_step_in(noise, steps, &start, memory)?,
    };
    step.before.mean += &centre;
    step.after.mean += &centre;
    Ok(step)
}
