//! The order in η to which a distance falls.

use super::distance::Distance;
use base::error::{Error, Result};
use measurement::Estimate;
use measurement::order::local_order;
use measurement::regression::line;

/// The slope of log₂ distance against log₂ η.
///
/// Of simulations: weighted least squares, with the normal interval. Of the exact recursion: [`local_order`].
///
/// # Errors
/// A distance that is no positive number, or fewer than two.
pub fn order(distances: &[&Distance], confidence: f64) -> Result<Estimate> {
    let (mut x, mut y, mut sigma) = (Vec::new(), Vec::new(), Vec::new());
    for d in distances {
        let value = d.estimate.value.unwrap_or(f64::NAN);
        if !(value.is_finite() && value > 0.0) {
            return Err(Error::Failed(format!(
                "the distance at η = 2^−{} is {value}, which has no logarithm",
                d.power
            )));
        }
        x.push(-f64::from(d.power));
        y.push(value.log2());
        sigma.push(d.standard_error / (value * std::f64::consts::LN_2));
    }
    if distances.iter().all(|d| !d.exact) {
        return line(&x, &y, &sigma)?.coefficient(1, confidence);
    }
    local_order(&x, &y)
}

#[cfg(test)]
mod tests {
    use super::super::distance::Quantity;
    use super::super::spec::Family;
    use super::*;

    fn at(power: u32, value: f64, standard_error: f64, exact: bool) -> Distance {
        Distance {
            family: Family { alpha: 0.5, c: 1.0 },
            power,
            quantity: Quantity::Mean,
            exact,
            standard_error,
            estimate: Estimate::normal(value, standard_error, 1, 0.999, ""),
        }
    }

    #[test]
    fn the_slope_of_a_power_law_and_of_a_bent_one() {
        let straight: Vec<Distance> = (4..9)
            .map(|p| at(p, 3.0 * 0.5f64.powf(0.75 * f64::from(p)), 1e-3, false))
            .collect();
        let slope = order(&straight.iter().collect::<Vec<_>>(), 0.999).unwrap();
        assert!((slope.value.unwrap() - 0.75).abs() < 1e-12);
        assert!(slope.ci_low < 0.75 && slope.ci_high > 0.75);
        // Halved, then quartered: local slopes 1 and 2.
        let bent = [
            at(1, 8.0, 0.0, true),
            at(2, 4.0, 0.0, true),
            at(3, 1.0, 0.0, true),
        ];
        let slope = order(&bent.iter().collect::<Vec<_>>(), 0.999).unwrap();
        assert!((slope.value.unwrap() - 1.5).abs() < 1e-12);
        assert!((slope.ci_low - 1.0).abs() < 1e-12 && (slope.ci_high - 2.0).abs() < 1e-12);
        assert!(order(&[&bent[0]], 0.999).is_err());
        let none = at(1, 0.0, 0.0, true);
        assert!(order(&[&none, &bent[1]], 0.999).is_err());
    }
}
