//! First exits in one coordinate, or of the first of several alike: the references of the protocol `escape`.

use std::collections::BTreeMap;

use base::error::{Error, Result};
use experiment::escape::cell::{Cell as EscapeCell, Driver, Scheme};
use experiment::escape::solved;
use experiment::marks::marks;
use formula::{Comparison, Kind as Form, Node, Tree};
use measurement::reading::Exact;
use prediction::exact::first_passage::FirstPassage;
use simulation::ensemble::{Crossing, Precision};
use simulation::random::cell_key;

use super::line::{self, OnLine};
use super::plane::{self, Out};
use super::{batches, momentum, state};
use crate::cell::Cell;
use crate::observe::exit::Boundary;
use crate::system::motion::Equation;
use crate::system::{Motion, Noise};

/// The cell as the protocol `escape` has it; `None` where that has no such cell.
pub fn as_escape(
    cell: &Cell,
    boundary: Boundary,
    particles: u64,
    max_steps: u64,
    study: &str,
) -> Option<EscapeCell> {
    let system = &cell.system;
    let driver = match (&system.motion, &system.noise) {
        (Motion::Rule(rule), Noise::Known(noise)) => Driver::Optimizer {
            rule: rule.clone(),
            noise: noise.clone(),
        },
        (Motion::Sde(sde), _) => {
            let scheme = Scheme {
                integrator: sde.integrator,
                dt: sde.dt,
                crossing: Crossing::Bridge,
            };
            match &sde.equation {
                Equation::Overdamped { temperature } => Driver::Langevin {
                    temperature: *temperature,
                    scheme,
                },
                Equation::Underdamped {
                    temperature,
                    damping,
                } => Driver::Inert {
                    temperature: *temperature,
                    friction: *damping,
                    scheme,
                },
                Equation::OfSgd { eta, order: 1, .. } if !depends(cell) => Driver::Langevin {
                    temperature: eta * system.noise.variance()? / 2.0,
                    scheme,
                },
                Equation::OfSgd { .. } | Equation::Written { .. } => return None,
            }
        }
        _ => return None,
    };
    if !system.landscape.is_known() {
        return None;
    }
    let start = system.start.point()?;
    let dim = start.len();
    let mut parameters = system.landscape.numbers.clone();
    let sharpness = parameters.remove("sharpness").unwrap_or(1.0);
    parameters.remove("dim");
    if system.landscape.hessian.is_some() || system.landscape.data.is_some() {
        return None;
    }
    Some(EscapeCell {
        label: cell.label.clone(),
        series: cell.process.clone(),
        x: 0.0,
        sharpness,
        landscape: system.landscape.name.clone(),
        parameters,
        dim,
        driver,
        formula: system.landscape.formula.clone(),
        start,
        exit: boundary.at,
        coordinate: Some(boundary.coordinate),
        upwards: boundary.above,
        particles,
        max_steps,
        pool_key: cell_key(&format!("{study}/pool")),
        precision: Precision::F64,
    })
}

/// Whether the noise of the SDE of SGD depends on where a particle is.
fn depends(cell: &Cell) -> bool {
    cell.system.noise.variance().is_none()
}

/// A first exit whose mean is known.
pub enum Passage {
    /// A cell of the protocol `escape`.
    Escape(Box<EscapeCell>),
    /// An SDE by formula, or that of SGD in noise that depends on the place.
    Sde(Boundary),
    /// A rule over the batches of a pool.
    Batches(Boundary),
    /// SGD with momentum.
    Momentum(Boundary),
    /// An SDE in two coordinates, over a number of one of them.
    Plane(Boundary),
    /// The same where the left side of a comparison of formulas of θ comes above its right side.
    Region(Box<[Tree; 2]>, BTreeMap<String, f64>),
}

/// The exit of a cell into a region, of whose formulas `constants` holds what is no part of the state, where its mean is known.
pub fn into_region(cell: &Cell, until: &Tree, constants: BTreeMap<String, f64>) -> Option<Passage> {
    let Form::Compared(comparison, left, right) = &until.root.kind else {
        return None;
    };
    let of = |node: &Node| Tree {
        text: until.text.clone(),
        root: node.clone(),
    };
    let sides = match comparison {
        Comparison::Greater | Comparison::AtLeast => [of(left), of(right)],
        Comparison::Less | Comparison::AtMost => [of(right), of(left)],
        _ => return None,
    };
    let known = plane::applies(cell) && state::is_of_theta(cell, until);
    known.then(|| Passage::Region(Box::new(sides), constants))
}

/// The exit of a cell over a boundary, where its mean is known.
pub fn of(
    cell: &Cell,
    boundary: Boundary,
    particles: u64,
    max_steps: u64,
    study: &str,
) -> Option<Passage> {
    if plane::applies(cell) {
        return Some(Passage::Plane(boundary));
    }
    if let Motion::Sde(sde) = &cell.system.motion
        && match sde.equation {
            Equation::OfSgd { order: 1, .. } => depends(cell),
            Equation::Written { .. } => true,
            _ => false,
        }
    {
        return Some(Passage::Sde(boundary));
    }
    if batches::applies(cell) {
        return Some(Passage::Batches(boundary));
    }
    if momentum::applies(cell) {
        return Some(Passage::Momentum(boundary));
    }
    let escape = as_escape(cell, boundary, particles, max_steps, study)?;
    Some(Passage::Escape(Box::new(escape)))
}

/// Whether a reference may be had.
pub fn applies(cell: &Cell) -> bool {
    if batches::applies(cell)
        || momentum::applies(cell)
        || plane::starts(cell) && plane::applies(cell)
    {
        return true;
    }
    let known = match &cell.system.motion {
        Motion::Rule(rule) => rule.entry.name == "sgd" && rule.values.is_plain(),
        Motion::Sde(sde) => line::on_line(&cell.system, sde).is_some(),
    };
    let one = cell.system.dim() == 1 && cell.system.start.point().is_some();
    known && one && cell.system.landscape.is_known()
}

/// The mean exit step.
///
/// # Errors
/// There is none: the message says why.
pub fn mean_step(cell: &Cell, passage: &Passage) -> Result<Exact> {
    match passage {
        Passage::Escape(escape) => {
            let reference = escape.reference(true).map_err(Error::Failed)?;
            let value = reference
                .steps
                .ok_or_else(|| Error::Failed(reference.notes.join("; ")))?;
            Ok(solved(&reference.method, value))
        }
        Passage::Sde(boundary) => sde_steps(cell, *boundary),
        Passage::Batches(boundary) => batches::mean_step(cell, *boundary),
        Passage::Momentum(boundary) => momentum::mean_step(cell, *boundary),
        Passage::Plane(boundary) => plane::mean_step(cell, &Out::Beyond(*boundary)),
        Passage::Region(sides, constants) => {
            let surface = cell.system.landscape.build()?;
            let out = |point: &[f64]| {
                let side = |tree: &Tree| {
                    let found = state::at_point(cell, &*surface, constants, point, tree);
                    found.map_err(|mistake| Error::Failed(mistake.to_string()))
                };
                Ok(side(&sides[0])? - side(&sides[1])?)
            };
            plane::mean_step(cell, &Out::Where(&out))
        }
    }
}

fn sde_steps(cell: &Cell, boundary: Boundary) -> Result<Exact> {
    let system = &cell.system;
    let Motion::Sde(sde) = &system.motion else {
        return Err(Error::Failed("no SDE".into()));
    };
    let OnLine {
        slope,
        diffusion,
        reading,
    } = line::on_line(system, sde)
        .ok_or_else(|| Error::Failed("the noise has no variance that is known".into()))?;
    let line = system.landscape.build()?;
    let start = system.start.point().unwrap_or_default();
    let solved = FirstPassage {
        drift: &slope,
        diffusion: &diffusion,
        start: start.first().copied().unwrap_or(f64::NAN),
        exit: boundary.at,
        reflecting: None,
        breaks: &|low, high| marks(&*line, low, high, true),
        interpretation: line::interpretation(reading),
    };
    match solved.solve()? {
        prediction::exact::first_passage::Passage::After(time) => {
            let steps = time.mean / sde.dt;
            let method = "quadrature of the first-passage time";
            Ok(Exact::by(method, steps).within(time.relative_error * steps))
        }
        prediction::exact::first_passage::Passage::Never { barrier } => Err(Error::Failed(
            format!("the SDE never leaves: its diffusion vanishes at θ = {barrier:.6}"),
        )),
    }
}
