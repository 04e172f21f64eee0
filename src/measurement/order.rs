//! The order to which an error without noise falls with the step.

use nalgebra::DMatrix;

use super::estimate::{Estimate, miss};
use super::quantile::student_two_sided;
use super::regression::{line, weighted_least_squares};
use base::error::{Error, Result};

/// The exponent p of e = C hᵖ(1 + O(h)), from errors e at steps h.
///
/// Least squares of ln e on 1, ln h and h: the last takes up the next order. What that leaves is of order h², no
/// chance; Student's interval from its scatter is a measure of how well the law of two orders fits, with
/// three coefficients fitted and at least one degree of freedom left.
///
/// # Errors
/// Fewer than four errors, or one that is not positive and finite, or a step that is not.
pub fn order(steps: &[f64], errors: &[f64], confidence: f64) -> Result<Estimate> {
    let n = steps.len();
    if n < 4 || errors.len() != n {
        return Err(Error::Failed(format!(
            "an order needs as many errors as steps, at least four; got {} and {n}",
            errors.len()
        )));
    }
    if let Some(bad) = steps
        .iter()
        .chain(errors)
        .find(|x| !(x.is_finite() && **x > 0.0))
    {
        return Err(Error::Failed(format!(
            "{bad} among steps {steps:?} and errors {errors:?}: an order needs positive numbers"
        )));
    }
    let design = DMatrix::from_fn(n, 3, |i, j| match j {
        0 => 1.0,
        1 => steps[i].ln(),
        _ => steps[i],
    });
    let logs: Vec<f64> = errors.iter().map(|e| e.ln()).collect();
    let fit = weighted_least_squares(&design, &logs, &vec![1.0; n])?;
    let scatter = fit.chi2 / fit.dof as f64;
    let half = student_two_sided(miss(confidence)?, fit.dof as u64)
        * (scatter * fit.covariance[(1, 1)]).sqrt();
    let value = fit.coefficients[1];
    Ok(Estimate {
        standard_error: None,
        value: Some(value),
        ci_low: value - half,
        ci_high: value + half,
        confidence,
        n: n as u64,
        method: "least squares of ln error on ln step and step; Student's interval of what is left"
            .into(),
    })
}

/// The slope of y against x, both logarithms of exact values, by least squares; as its interval the least and greatest
/// slope between neighbours, which the order in the limit lies near when they agree.
///
/// # Errors
/// Fewer than two points, or a number that is not finite.
pub fn local_order(x: &[f64], y: &[f64]) -> Result<Estimate> {
    let value = line(x, y, &vec![1.0; x.len()])?.coefficients[1];
    let local = || {
        let pairs = x.windows(2).zip(y.windows(2));
        pairs.map(|(x, y)| (y[1] - y[0]) / (x[1] - x[0]))
    };
    Ok(Estimate {
        ci_low: local().fold(value, f64::min),
        ci_high: local().fold(value, f64::max),
        n: x.len() as u64,
        ..Estimate::exact(
            value,
            "least squares through exact values; range of the local slopes",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(error: impl Fn(f64) -> f64) -> Estimate {
        let steps: Vec<f64> = (3..9).map(|p| 0.5f64.powi(p)).collect();
        let errors: Vec<f64> = steps.iter().map(|h| error(*h)).collect();
        order(&steps, &errors, 0.999).unwrap()
    }

    /// Laws of two orders, and with a third that the fit does not know: the interval holds the exponent.
    #[test]
    fn the_interval_holds_the_exponent() {
        for p in [0.5, 1.0, 2.0] {
            for (a, b) in [(0.0, 0.0), (2.0, 0.0), (-1.5, 3.0), (1.0, -2.0), (0.0, 6.0)] {
                let found = fitted(|h| 0.7 * h.powf(p) * (1.0 + a * h + b * h * h));
                // Rounding alone may leave an interval narrower than itself.
                assert!(
                    found.ci_low - 1e-9 < p && p < found.ci_high + 1e-9,
                    "{p} {a} {b}: {found:?}"
                );
                assert!(found.ci_high - found.ci_low < 0.3);
            }
        }
    }

    /// An error that stops at a floor has no order that the interval would take for one.
    #[test]
    fn a_floor_is_no_order() {
        let found = fitted(|h| h * h + 1e-4);
        assert!(found.ci_high - found.ci_low > 0.3);
    }

    #[test]
    fn what_has_no_order_is_refused() {
        assert!(order(&[0.1; 3], &[0.1; 3], 0.999).is_err());
        assert!(order(&[0.1, 0.2, 0.3, 0.4], &[0.0, 0.1, 0.1, 0.1], 0.999).is_err());
        assert!(order(&[0.1; 4], &[0.1; 4], 0.999).is_err());
    }
}
