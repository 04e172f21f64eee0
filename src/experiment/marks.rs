//! What a surface knows of itself, for the exact solvers.

use base::error::Result;
use prediction::exact::Marks;
use simulation::landscape::{Landscape, line};

/// Kinks, poles and cells of a line between two points; with `bends` the kinks of |L″| too.
///
/// # Errors
/// A surface that is too fine to tell.
pub fn marks(line: &dyn Landscape, low: f64, high: f64, bends: bool) -> Result<Marks> {
    let (kinks, structure) = line::marks(line, low, high, bends)?;
    Ok(Marks {
        kinks,
        poles: structure.poles,
        cells: structure.cells,
    })
}
