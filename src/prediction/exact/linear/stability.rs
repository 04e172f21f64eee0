//! The largest learning rate at which a linear optimizer is stable on a quadratic.

use super::optimizer::LinearOptimizer;
use super::quadratic::Quadratic;
use super::recursion::Recursion;
use base::error::{Error, Result};

/// The learning rate below which every mode decays.
///
/// In closed form where all coordinates share one rule, [`limit / h_max`](super::LinearRule::stability_limit);
/// by [`bisection`] otherwise.
///
/// # Errors
/// [`Error::Input`] unless H is positive definite: a flat or falling direction never settles.
pub fn largest_eta(optimizer: &LinearOptimizer, quadratic: &Quadratic) -> Result<f64> {
    let rate = largest_rate(optimizer, quadratic)?;
    Ok(rate / quadratic.curvatures().1)
}

/// That learning rate times h_max, which is a double where the rate itself may be none.
///
/// # Errors
/// As [`largest_eta`].
pub fn largest_rate(optimizer: &LinearOptimizer, quadratic: &Quadratic) -> Result<f64> {
    let (least, _) = quadratic.curvatures();
    if least <= 0.0 {
        return Err(Error::Input(format!(
            "no learning rate is stable: H has the eigenvalue {least}, and along it nothing pulls θ \
             back; all eigenvalues must be positive"
        )));
    }
    match optimizer.single_rule() {
        Some(rule) => Ok(rule.stability_limit()),
        None => bisection(optimizer, quadratic),
    }
}

/// The same from the recursion alone: the smallest ηh_max, to 1e-12 relative, at which ρ(A) reaches one.
///
/// The search starts at a thousandth of the learning rate at which SGD with the largest
/// preconditioner is unstable, and doubles; it takes the stable rates to be an interval.
///
/// # Errors
/// [`Error::Input`] where no bracket is found within the doubles; as [`Recursion::new`].
pub fn bisection(optimizer: &LinearOptimizer, quadratic: &Quadratic) -> Result<f64> {
    let (unit, _) = quadratic.of_unit_curvature();
    let stable =
        |eta: f64| -> Result<bool> { Ok(Recursion::new(optimizer, eta, &unit)?.growth() < 0.0) };
    let (_, greatest) = unit.curvatures();
    let mut low = 2e-3 / (optimizer.largest_gain() * greatest);
    if !(low.is_finite() && stable(low)?) {
        return Err(Error::Input(format!(
            "no stable learning rate is found from ηh = {low} on; rescale H or the second moments"
        )));
    }
    let mut high = 2.0 * low;
    while stable(high)? {
        low = high;
        high *= 2.0;
        if !high.is_finite() {
            return Err(Error::Input(
                "every learning rate up to the largest double is stable; rescale H".into(),
            ));
        }
    }
    while high - low > 1e-12 * high {
        let middle = 0.5 * (low + high);
        if stable(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(0.5 * (low + high) * greatest)
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::super::LinearRule;
    use super::*;

    #[test]
    fn closed_forms_are_where_the_spectral_radius_reaches_one() {
        let quadratic = Quadratic::new(
            DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]),
            DMatrix::identity(2, 2),
        )
        .unwrap();
        let mut rules = vec![LinearRule::Sgd, LinearRule::TwoBatch { beta0: 2.0 }];
        for beta1 in [0.0, 0.5, 0.9, 0.99] {
            rules.push(LinearRule::Sgdm { beta1 });
            rules.push(LinearRule::HeavyBall { beta1, beta3: 0.3 });
            for beta0 in [-3.0, -1.0, -0.7, -0.5, -0.3, -0.05, 0.0, 1.0, 6.0] {
                rules.push(LinearRule::Pnm { beta1, beta0 });
            }
            for tau in [0.0, 0.5] {
                for nesterov in [false, true] {
                    let mu = beta1;
                    rules.push(LinearRule::Torch { mu, tau, nesterov });
                }
            }
        }
        for rule in rules {
            let optimizer = LinearOptimizer::uniform(rule, 2).unwrap();
            let closed = largest_rate(&optimizer, &quadratic).unwrap();
            let searched = bisection(&optimizer, &quadratic).unwrap();
            assert!(
                (closed / searched - 1.0).abs() < 1e-10,
                "{rule:?} {closed} {searched}"
            );
        }
    }

    #[test]
    fn frozen_rules_are_searched() {
        // On a diagonal H the modes decouple: the least of 2(1 + β₁)/((1 − β₁)h).
        let hessian = DMatrix::from_row_slice(2, 2, &[0.1, 0.0, 0.0, 1.0]);
        let quadratic = Quadratic::hessian_shaped(hessian, 1.0).unwrap();
        let optimizer = LinearOptimizer::frozen_inertia(&[0.5, 0.9]).unwrap();
        let limit = largest_eta(&optimizer, &quadratic).unwrap();
        assert!((limit / 38.0 - 1.0).abs() < 1e-10, "{limit}");
    }

    #[test]
    fn nothing_settles_on_a_saddle() {
        let saddle = Quadratic::scalar(-1.0, 1.0).unwrap();
        let optimizer = LinearOptimizer::uniform(LinearRule::Sgd, 1).unwrap();
        let error = largest_eta(&optimizer, &saddle).unwrap_err().to_string();
        assert!(error.contains("eigenvalue -1"), "{error}");
        assert!(bisection(&optimizer, &saddle).is_err());
    }
}
