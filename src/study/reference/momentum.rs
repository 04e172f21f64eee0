//! SGD with momentum in one coordinate, in normal noise of any size at each place.

use base::error::{Error, Result};
use experiment::optimizer::Tuned;
use measurement::reading::Exact;
use prediction::exact::MomentumChain;
use simulation::landscape::line::slope_at;

use crate::cell::Cell;
use crate::observe::exit::Boundary;
use crate::system::Motion;

/// Whether a cell is that, from a point at rest.
pub fn applies(cell: &Cell) -> bool {
    let system = &cell.system;
    let rule = matches!(&system.motion, Motion::Rule(rule) if decays(rule).is_some());
    let normal = system
        .noise
        .known()
        .is_some_and(|noise| noise.is_gaussian());
    let start = system.start.point().is_some() && system.start.momentum.is_zero();
    rule && normal && start && system.dim() == 1 && system.landscape.is_known()
}

/// β and β₃.
fn decays(rule: &Tuned) -> Option<[f64; 2]> {
    if !rule.values.is_plain() {
        return None;
    }
    let beta = || rule.values["beta1"];
    match rule.entry.name {
        "sgdm" => Some([beta(), 1.0 - beta()]),
        "heavy-ball" => Some([beta(), rule.values["beta3"]]),
        _ => None,
    }
}

/// The mean exit step.
///
/// # Errors
/// The chain is not solved: the message says why.
pub fn mean_step(cell: &Cell, boundary: Boundary) -> Result<Exact> {
    let system = &cell.system;
    let (Motion::Rule(rule), Some(variance)) = (&system.motion, system.noise_along()) else {
        return Err(Error::Failed(
            "the noise has no variance that is known".into(),
        ));
    };
    let [beta, weight] =
        decays(rule).ok_or_else(|| Error::Failed("no SGD with momentum".into()))?;
    let surface = system.landscape.build()?;
    let start = system.start.point().unwrap_or_default();
    let found = MomentumChain {
        drift: &|x: f64| slope_at(&*surface, x),
        variance: &variance,
        eta: rule.values["eta"],
        beta,
        weight,
        start: start.first().copied().unwrap_or(f64::NAN),
        exit: boundary.at,
    }
    .solve()?;
    let method = "chain of the place and the update before, on three lattices";
    Ok(Exact::by(method, found.steps).within(found.relative_error * found.steps))
}
