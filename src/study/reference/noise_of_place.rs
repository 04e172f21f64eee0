//! Noise whose covariance depends on the place as a polynomial of degree 2 does: that of least squares over examples, or of a formula.

use nalgebra::{DMatrix, DVector};

use base::error::{Error, Result};
use experiment::data::{Data, Source};
use experiment::escape::cell::Noise as Known;
use experiment::escape::noise::Amount;
use formula::Tree;
use prediction::exact::linear::QuadraticNoise;
use simulation::noise::CovarianceFormula;
use simulation::noise::covariance::Form;

use super::polynomial;
use crate::cell::Cell;
use crate::system::{Noise, System};

/// Whether C(θ) is of degree 2 where L is a quadratic, and what is drawn at a step independent of what was.
pub fn is_known(system: &System) -> bool {
    let Noise::Known(noise) = &system.noise else {
        return true;
    };
    noise.parts().iter().all(|part| match part {
        Known::Hessian { .. } => true,
        Known::Examples {
            replacement,
            ramp: None,
            ..
        } => {
            let data = system.landscape.data.as_ref();
            let again = |data: &Data| *replacement || matches!(data.examples, Source::Fresh { .. });
            data.is_some_and(|data| again(data) && is_least_squares(data))
        }
        Known::Drawn {
            draws,
            size: Amount::Formula { formula, .. },
        } => draws.variance().is_some() && is_quadratic(formula),
        other => other.covariance(system.dim()).is_some(),
    })
}

/// Whether the loss of every example is of degree 2 in θ, and its mean known.
pub fn is_least_squares(data: &Data) -> bool {
    let known = match &data.examples {
        Source::Moment => false,
        Source::Fresh { sampled, .. } => sampled.is_none(),
        Source::File { .. } | Source::Drawn { .. } => true,
    };
    let of = |name: &str| Some(u32::from(data.variables.iter().any(|v| v == name)));
    let degree = Tree::parse(&data.loss).ok();
    let degree = degree.and_then(|tree| polynomial::degree(&tree.root, &of));
    known && degree.is_some_and(|n| n <= 2)
}

fn is_quadratic(formula: &CovarianceFormula) -> bool {
    let of = |name: &str| match name {
        "loss" => Some(2),
        "step" | "time" => None,
        name => Some(u32::from(formula.variables.iter().any(|v| v == name))),
    };
    let most = match formula.form {
        Form::Deviations(_) => 1,
        Form::Whole(_) | Form::Entries(_) => 2,
    };
    formula.texts().iter().all(|text| {
        let tree = Tree::parse(text).ok();
        let degree = tree.and_then(|tree| polynomial::degree(&tree.root, &of));
        degree.is_some_and(|n| n <= most)
    })
}

/// C(θ), θ from the minimum; a start lies `reach` from there.
///
/// # Errors
/// It is none somewhere.
pub fn of(cell: &Cell, minimum: &DVector<f64>, reach: f64) -> Result<QuadraticNoise> {
    let system = &cell.system;
    let dim = system.dim();
    let surfaces = || system.landscape.build().map_err(|error| error.to_string());
    // Below the square of what rounding leaves of gradients a covariance is none: of examples that are all alike.
    let surface = system.landscape.build()?;
    let mut largest = 0.0f64;
    for i in 0..dim {
        let mut place = minimum.clone();
        place[i] += reach;
        let mut slope = vec![0.0; dim];
        surface.gradient(place.as_slice(), 1, &mut slope);
        largest = slope.iter().fold(largest, |m, g| m.max(g.abs()));
    }
    let floor = (8.0 * f64::EPSILON * largest).powi(2);
    let covariance = |from: &DVector<f64>| -> Result<DMatrix<f64>> {
        let Noise::Known(noise) = &system.noise else {
            return Ok(DMatrix::zeros(dim, dim));
        };
        let place = minimum + from;
        let found = noise.covariance_at(&surfaces, place.as_slice());
        let found = found
            .map_err(Error::Failed)?
            .ok_or_else(|| Error::Failed("the noise has no covariance that is known".into()))?;
        Ok(if found.amax() > floor {
            found
        } else {
            DMatrix::zeros(dim, dim)
        })
    };
    QuadraticNoise::of(dim, reach, &covariance)
}
