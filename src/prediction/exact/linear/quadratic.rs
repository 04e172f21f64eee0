//! The quadratic loss ½ θᵀHθ with additive gradient noise of covariance C.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::scaled::Scaled;
use base::error::{Error, Result};

/// ∇L(θ) = Hθ, and the stochastic gradient Hθ + ξ with ξ ~ N(0, C), fresh in every step.
///
/// H may have any sign (a minimum, a saddle, flat directions), C is positive semidefinite; the two
/// need not commute.
#[derive(Clone, Debug, PartialEq)]
pub struct Quadratic {
    hessian: DMatrix<f64>,
    noise: DMatrix<f64>,
}

/// Relative asymmetry, or negative part of C, that is rounding.
const ROUNDING: f64 = 1e-12;

impl Quadratic {
    /// H and C, d × d.
    ///
    /// # Errors
    /// [`Error::Input`] unless both are finite, symmetric and of one size, and C has no negative
    /// eigenvalue; the two are then made symmetric to the last bit.
    pub fn new(hessian: DMatrix<f64>, noise: DMatrix<f64>) -> Result<Self> {
        let hessian = symmetric("the Hessian", &hessian)?;
        let noise = symmetric("the noise covariance", &noise)?;
        if hessian.nrows() != noise.nrows() {
            return Err(Error::Input(format!(
                "the Hessian is {0} × {0} and the noise covariance {1} × {1}; they must be alike",
                hessian.nrows(),
                noise.nrows()
            )));
        }
        let (smallest, largest) = extremes(&noise);
        if smallest < -ROUNDING * largest.max(0.0) {
            return Err(Error::Input(format!(
                "the noise covariance has the eigenvalue {smallest}; a covariance has none below 0"
            )));
        }
        Ok(Self { hessian, noise })
    }

    /// One coordinate: curvature h and gradient variance `variance`.
    ///
    /// # Errors
    /// As [`Quadratic::new`].
    pub fn scalar(h: f64, variance: f64) -> Result<Self> {
        let one = |x| DMatrix::from_element(1, 1, x);
        Self::new(one(h), one(variance))
    }

    /// The papers' noise C = |H|/B, |H| with the eigenvalues' magnitudes.
    ///
    /// # Errors
    /// As [`Quadratic::new`], or unless B > 0.
    pub fn hessian_shaped(hessian: DMatrix<f64>, batch: f64) -> Result<Self> {
        if !(batch.is_finite() && batch > 0.0) {
            return Err(Error::Input(format!(
                "the batch size B = {batch} must be positive and finite"
            )));
        }
        let hessian = symmetric("the Hessian", &hessian)?;
        let mut eigen = SymmetricEigen::new(hessian.clone());
        eigen.eigenvalues.apply(|h| *h = h.abs() / batch);
        let noise = eigen.recompose();
        Self::new(hessian, 0.5 * (&noise + noise.transpose()))
    }

    /// With the penalty ½λ|θ|², whose gradient has no noise: H + λI.
    #[must_use]
    pub fn penalised(mut self, lambda: f64) -> Self {
        for i in 0..self.dim() {
            self.hessian[(i, i)] += lambda;
        }
        self
    }

    /// H over a power of two that leaves the largest entry between 1 and 2, and the exponent of that power.
    pub fn of_unit_curvature(&self) -> (Self, i32) {
        let exponent = Scaled::of(self.hessian.amax()).exponent();
        let over = |h: f64| Scaled::of(h).shifted(-exponent).value();
        let unit = Self {
            hessian: self.hessian.map(over),
            noise: self.noise.clone(),
        };
        (unit, exponent)
    }

    /// d.
    pub fn dim(&self) -> usize {
        self.hessian.nrows()
    }

    /// H.
    pub fn hessian(&self) -> &DMatrix<f64> {
        &self.hessian
    }

    /// C.
    pub fn noise(&self) -> &DMatrix<f64> {
        &self.noise
    }

    /// The least and the greatest eigenvalue of H.
    pub fn curvatures(&self) -> (f64, f64) {
        extremes(&self.hessian)
    }

    /// ‖HC − CH‖/(‖H‖‖C‖): 0 where the two have common axes, as for C = |H|/B.
    pub fn misalignment(&self) -> f64 {
        let (largest, loudest) = (self.hessian.amax(), self.noise.amax());
        if largest == 0.0 || loudest == 0.0 {
            return 0.0;
        }
        let (hessian, noise) = (&self.hessian / largest, &self.noise / loudest);
        let product = &hessian * &noise;
        (&product - product.transpose()).norm() / (hessian.norm() * noise.norm())
    }
}

fn extremes(matrix: &DMatrix<f64>) -> (f64, f64) {
    let eigenvalues = matrix.symmetric_eigenvalues();
    (eigenvalues.min(), eigenvalues.max())
}

fn symmetric(what: &str, matrix: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    let refuse = |why: &str| Err(Error::Input(format!("{what} {why}")));
    if matrix.nrows() != matrix.ncols() || matrix.is_empty() {
        return refuse(&format!(
            "is {} × {}; it must be square and not empty",
            matrix.nrows(),
            matrix.ncols()
        ));
    }
    if !matrix.iter().all(|x| x.is_finite()) {
        return refuse("must have finite entries");
    }
    if (matrix - matrix.transpose()).amax() > ROUNDING * matrix.amax() {
        return refuse("must be symmetric");
    }
    Ok(0.5 * (matrix + matrix.transpose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_in_the_shape_of_the_hessian() {
        let hessian = DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]);
        let shaped = Quadratic::hessian_shaped(hessian.clone(), 4.0).unwrap();
        assert!((shaped.noise() - &hessian / 4.0).norm() < 1e-15);
        assert!(shaped.misalignment() < 1e-15);
        let saddle = Quadratic::hessian_shaped(-hessian.clone(), 4.0).unwrap();
        assert!((saddle.noise() - &hessian / 4.0).norm() < 1e-15);
        assert!(saddle.curvatures().0 < 0.0);
    }

    #[test]
    fn misalignment_of_a_rotated_noise() {
        let matrix = |x: [f64; 4]| DMatrix::from_row_slice(2, 2, &x);
        let q = Quadratic::new(matrix([2.0, 0.5, 0.5, 1.0]), matrix([1.0, -0.3, -0.3, 0.5]));
        // HC − CH = ±(2(−0.3) + 0.25 − 0.5 + 0.3) = ∓0.55, twice; ‖H‖² = 5.5, ‖C‖² = 1.43.
        let expected = 0.55 * 2f64.sqrt() / (5.5f64 * 1.43).sqrt();
        assert!((q.unwrap().misalignment() - expected).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_quadratic_is_refused() {
        let matrix = |x: [f64; 4]| DMatrix::from_row_slice(2, 2, &x);
        let unit = DMatrix::identity(2, 2);
        for (hessian, noise, why) in [
            (matrix([1.0, 2.0, 3.0, 4.0]), unit.clone(), "symmetric"),
            (unit.clone(), matrix([1.0, 2.0, 2.0, 1.0]), "eigenvalue -1"),
            (unit.clone(), DMatrix::identity(3, 3), "alike"),
            (matrix([f64::NAN, 0.0, 0.0, 1.0]), unit.clone(), "finite"),
            (DMatrix::zeros(1, 2), unit.clone(), "square"),
            (DMatrix::zeros(0, 0), unit.clone(), "empty"),
        ] {
            let error = Quadratic::new(hessian, noise).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        assert!(Quadratic::hessian_shaped(unit, 0.0).is_err());
        assert!(Quadratic::scalar(1.0, -1.0).is_err());
    }
}
