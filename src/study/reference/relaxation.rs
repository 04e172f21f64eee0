//! How long a process takes to forget its start, where its law is known: "stationary" is after that.

use base::error::{Error, Result};

use super::{batches, gaussian, line, plane};
use crate::cell::Cell;
use crate::system::Motion;

/// What of the start is left after so long is e⁻²⁰ = 2e-9 of it.
const FADED: f64 = 20.0;

/// Steps after which nothing of the start is left.
///
/// # Errors
/// It is not known how fast the start is forgotten, or it never is.
pub fn steps(cell: &Cell) -> Result<u64> {
    if cell.system.landscape.is_driven() {
        let what = "a landscape that changes with step or time has no long run; give a time";
        return Err(Error::Failed(what.into()));
    }
    let rate = match &cell.system.motion {
        Motion::Rule(_) if gaussian::is_linear(cell) => gaussian::relaxation(cell)?,
        Motion::Rule(_) if batches::applies(cell) => return batches::relaxation(cell),
        Motion::Rule(rule) if cell.system.dim() == 1 => {
            // That of the diffusion behind it, which it follows to first order in η.
            rule.values["eta"] * line::relaxation(cell)?
        }
        Motion::Sde(_) if plane::applies(cell) => plane::relaxation(cell)?,
        Motion::Sde(sde) if cell.system.dim() == 1 => sde.dt * line::relaxation(cell)?,
        _ => {
            return Err(Error::Failed(
                "how fast the start is forgotten is known of linear rules on quadratics, in one coordinate, and of SDEs in two; give a time"
                    .into(),
            ));
        }
    };
    let steps = (FADED / rate).ceil();
    if rate > 0.0 && steps <= 1e12 {
        return Ok((steps as u64).max(1));
    }
    Err(Error::Failed(format!(
        "the start is forgotten at a rate of {rate:e} a step only; give a time"
    )))
}
