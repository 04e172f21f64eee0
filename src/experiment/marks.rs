//! A surface of one coordinate as the exact solvers take it.

use base::error::Result;
use prediction::exact::{Function, Marks};
use simulation::landscape::{Landscape, line};

/// L′.
pub struct Slope<'a>(pub &'a dyn Landscape);

impl Function for Slope<'_> {
    fn at(&self, theta: f64) -> f64 {
        line::slope_at(self.0, theta)
    }

    fn over(&self, theta: &[f64], values: &mut [f64]) {
        self.0.gradient(theta, theta.len(), values);
    }
}

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
