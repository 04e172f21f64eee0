//! First exits in one coordinate, or of the first of several alike: the references of the protocol `escape`.

use base::error::{Error, Result};
use experiment::escape::cell::{Cell as EscapeCell, Driver, Scheme};
use measurement::reading::Exact;
use simulation::ensemble::{Crossing, Precision};
use simulation::random::cell_key;

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
                Equation::OfSgd { eta, order: 1, .. } => Driver::Langevin {
                    temperature: eta * system.noise.variance()? / 2.0,
                    scheme,
                },
                Equation::OfSgd { .. } => return None,
            }
        }
        _ => return None,
    };
    let start = system.start.point()?;
    let dim = start.len();
    let mut parameters = system.landscape.numbers.clone();
    let sharpness = parameters.remove("sharpness").unwrap_or(1.0);
    parameters.remove("dim");
    if system.landscape.hessian.is_some() {
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

/// Whether a reference may be had.
pub fn applies(cell: &Cell) -> bool {
    let known = match &cell.system.motion {
        Motion::Rule(rule) => rule.entry.name == "sgd" && rule.values.is_plain(),
        Motion::Sde(sde) => !matches!(sde.equation, Equation::Underdamped { .. }),
    };
    known && cell.system.dim() == 1 && cell.system.start.point().is_some()
}

/// The mean exit step.
///
/// # Errors
/// There is none: the message says why.
pub fn mean_step(cell: &EscapeCell) -> Result<Exact> {
    let reference = cell.reference(true).map_err(Error::Failed)?;
    let value = reference
        .steps
        .ok_or_else(|| Error::Failed(reference.notes.join("; ")))?;
    Ok(Exact {
        value,
        error: 1e-6 * value.abs(),
        method: reference.method,
    })
}
