//! A law whose density is written as a formula of the coordinate, up to a factor.

use std::cell::RefCell;
use std::collections::BTreeMap;

use base::error::{Error, Result};
use formula::Tree;
use prediction::exact::normal_mean;

use super::state::at_place;
use crate::cell::Cell;

/// Places at which the probability below is computed; between them it is a cubic with the density as its slope.
const PLACES: usize = 4001;

/// A law on a line.
pub struct Law {
    places: Vec<f64>,
    below: Vec<f64>,
    density: Vec<f64>,
    error: f64,
}

impl Law {
    /// The law of coordinate `i` of a cell of which `density` is a multiple of the density, where `draws` lie; `constants` holds what
    /// the formula names beside the coordinate.
    ///
    /// # Errors
    /// A density that is negative or infinite somewhere, or has no integral.
    pub fn of(
        cell: &Cell,
        i: usize,
        density: &Tree,
        constants: &BTreeMap<String, f64>,
        draws: &[f64],
    ) -> Result<Self> {
        let wrong = RefCell::new(None);
        let surface = cell.system.landscape.build()?;
        let f = |x: f64| {
            let found = at_place(cell, &*surface, constants, i, x, density);
            match found {
                Ok(y) if y >= 0.0 && y.is_finite() => y,
                Ok(y) => {
                    wrong.replace(Some(format!("the density is {y} at {x}")));
                    0.0
                }
                Err(mistake) => {
                    wrong.replace(Some(mistake.to_string()));
                    0.0
                }
            }
        };
        let finite = || draws.iter().copied().filter(|x| x.is_finite());
        let (low, high) = (
            finite().fold(f64::INFINITY, f64::min),
            finite().fold(-f64::INFINITY, f64::max),
        );
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low - 1.0, low + 1.0)
        };
        // The integral over a piece of the line as the mean over a normal number, which sees nearly all of the line and halves its
        // panels where the density is narrow.
        let (centre, scale) = (0.5 * (low + high), high - low);
        let over = |from: f64, to: f64| {
            normal_mean(&|z| {
                let x = centre + scale * z;
                if !(from..to).contains(&x) {
                    return 0.0;
                }
                f(x) * scale * (2.0 * std::f64::consts::PI).sqrt() * (0.5 * z * z).exp()
            })
        };
        let (total, error) = over(f64::NEG_INFINITY, f64::INFINITY);
        if let Some(what) = wrong.take() {
            return Err(Error::Failed(what));
        }
        let (first, _) = over(f64::NEG_INFINITY, low);
        if !(total > 0.0 && total.is_finite() && error <= 1e-6 * total) {
            return Err(Error::Failed(format!(
                "the density `{}` has no integral over the line",
                density.text
            )));
        }
        let place = |k: usize| low + (high - low) * k as f64 / (PLACES - 1) as f64;
        let places: Vec<f64> = (0..PLACES).map(place).collect();
        let mut law = Law {
            density: places.iter().map(|x| f(*x) / total).collect(),
            below: vec![first / total; PLACES],
            error: error / total,
            places,
        };
        let step = law.places[1] - law.places[0];
        let mut apart = 0.0f64;
        for k in 1..PLACES {
            let (a, b) = (law.density[k - 1], law.density[k]);
            let middle = f(0.5 * (law.places[k - 1] + law.places[k])) / total;
            // Simpson's rule, and how far the trapezoid is from it.
            let whole = step * (a + 4.0 * middle + b) / 6.0;
            apart += (whole - 0.5 * step * (a + b)).abs();
            law.below[k] = law.below[k - 1] + whole;
        }
        law.error += apart;
        Ok(law)
    }

    /// P(≤ x), within the range of the draws.
    pub fn below(&self, x: f64) -> f64 {
        let k = self
            .places
            .partition_point(|place| *place <= x)
            .clamp(1, PLACES - 1);
        let (low, high) = (self.places[k - 1], self.places[k]);
        let (step, t) = (high - low, ((x - low) / (high - low)).clamp(0.0, 1.0));
        let (a, b) = (self.below[k - 1], self.below[k]);
        let smooth = t * t * (3.0 - 2.0 * t);
        let slopes =
            self.density[k - 1] * t * (1.0 - t).powi(2) - self.density[k] * t * t * (1.0 - t);
        a + (b - a) * smooth + step * slopes
    }

    /// How far P may be off.
    pub fn error(&self) -> f64 {
        self.error
    }
}
