//! The expected change of a quadratic loss in one step of SGD.

use nalgebra::DVector;

use super::linear::Quadratic;
use crate::error::{Error, Result};

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

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;

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
