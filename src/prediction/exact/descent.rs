//! The expected change of a loss in one step of SGD.

use nalgebra::{DMatrix, DVector};

use super::gauss_hermite::GaussHermite;
use super::linear::Quadratic;
use base::error::{Error, Result};

/// E[L(θ − η(∇L(θ) + ξ)) − L(θ)] for L = ½θᵀHθ and ξ ~ N(0, C).
///
/// L is quadratic, so this is L at the mean of the new point, plus half the trace of H with its covariance.
///
/// # Errors
/// [`Error::Input`] unless `theta` has d finite coordinates and η is finite.
pub fn expected_change(quadratic: &Quadratic, eta: f64, theta: &[f64]) -> Result<f64> {
    if theta.len() != quadratic.dim() || !theta.iter().all(|x| x.is_finite()) || !eta.is_finite() {
        return Err(Error::Input(format!(
            "the point {theta:?} must have {} finite coordinates, and η = {eta} must be finite",
            quadratic.dim()
        )));
    }
    let hessian = quadratic.hessian();
    let start = DVector::from_column_slice(theta);
    let end = &start - hessian * &start * eta;
    let covariance = quadratic.noise() * (eta * eta);
    // L(b) − L(a) = ½(b − a)ᵀH(b + a).
    let moved = 0.5 * (hessian * (&end + &start)).dot(&(&end - &start));
    Ok(moved + 0.5 * (hessian * covariance).trace())
}

/// Points of the average in every coordinate.
const POINTS: usize = 48;

/// E[L(θ − η(∇L(θ) + Fξ)) − L(θ)] for any loss L and ξ ~ N(0, I), by Gauss–Hermite quadrature: exact to rounding
/// for a polynomial of degree below 96. `factor` is F, with C = FFᵀ.
///
/// # Errors
/// [`Error::Input`] unless there are one or two coordinates, as many in θ, ∇L and F.
pub fn averaged_change(
    loss: &dyn Fn(&[f64]) -> f64,
    eta: f64,
    theta: &[f64],
    gradient: &[f64],
    factor: &DMatrix<f64>,
) -> Result<f64> {
    let dim = theta.len();
    if !(1..=2).contains(&dim) || gradient.len() != dim || factor.shape() != (dim, dim) {
        return Err(Error::Input(format!(
            "the average is taken in one or two coordinates; θ has {dim}, ∇L {}, F {:?}",
            gradient.len(),
            factor.shape()
        )));
    }
    let rule = GaussHermite::new(POINTS);
    let start = loss(theta);
    let change = |xi: DVector<f64>| {
        let noise = factor * xi;
        let end: Vec<f64> = (0..dim)
            .map(|i| theta[i] - eta * (gradient[i] + noise[i]))
            .collect();
        loss(&end) - start
    };
    Ok(if dim == 1 {
        rule.mean(|x| change(DVector::from_element(1, x)))
    } else {
        rule.mean(|x| rule.mean(|y| change(DVector::from_vec(vec![x, y]))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_exact_for_polynomials() {
        let matrix = |x: [f64; 4]| DMatrix::from_row_slice(2, 2, &x);
        let noise = 4.0 * matrix([1.0, -0.3, -0.3, 0.5]);
        let hessian = matrix([2.0, 0.5, 0.5, 1.0]);
        let quadratic = Quadratic::new(hessian.clone(), noise.clone()).unwrap();
        let loss = |x: &[f64]| {
            let x = DVector::from_column_slice(x);
            0.5 * (&hessian * &x).dot(&x)
        };
        let factor = noise.cholesky().unwrap().l();
        let found = averaged_change(&loss, 0.1, &[1.0, -2.0], &[1.0, -1.5], &factor).unwrap();
        let exact = expected_change(&quadratic, 0.1, &[1.0, -2.0]).unwrap();
        assert!((found - exact).abs() < 1e-14, "{found} {exact}");
        // x⁴/4 at 1 with g = 1, noise of variance s²: E(1 − η − ηsξ)⁴ = m⁴ + 6m²η²s² + 3η⁴s⁴, m = 1 − η.
        let (eta, s) = (0.3f64, 2.0);
        let (m, v) = (1.0 - eta, (eta * s).powi(2));
        let exact = 0.25 * (m.powi(4) + 6.0 * m * m * v + 3.0 * v * v - 1.0);
        let quartic = |x: &[f64]| 0.25 * x[0].powi(4);
        let factor = DMatrix::from_element(1, 1, s);
        let found = averaged_change(&quartic, eta, &[1.0], &[1.0], &factor).unwrap();
        assert!((found / exact - 1.0).abs() < 1e-13, "{found} {exact}");
        assert!(averaged_change(&quartic, eta, &[], &[], &factor).is_err());
    }

    #[test]
    fn a_step_by_hand() {
        // −η|g|² + σ²η²/2 tr(HΣ) + η²/2 gᵀHg at g = (1, −1.5): −0.325 + 0.01375·… see below.
        let matrix = |x: [f64; 4]| DMatrix::from_row_slice(2, 2, &x);
        let noise = 4.0 * matrix([1.0, -0.3, -0.3, 0.5]);
        let quadratic = Quadratic::new(matrix([2.0, 0.5, 0.5, 1.0]), noise).unwrap();
        let change = expected_change(&quadratic, 0.1, &[1.0, -2.0]).unwrap();
        assert!((change - (-0.325 + 0.01375 + 0.044)).abs() < 1e-15);
        assert!((change + 0.26725).abs() < 1e-15);
        assert!(expected_change(&quadratic, 0.1, &[1.0]).is_err());
        assert!(expected_change(&quadratic, f64::NAN, &[1.0, 1.0]).is_err());
    }
}
