//! Straight-line and other linear fits through points of known uncertainty.

use nalgebra::{DMatrix, DVector};

use super::estimate::{Estimate, miss};
use super::quantile::{chi_square_tail, normal_two_sided};
use base::error::{Error, Result};

/// A weighted least-squares fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The coefficients, one per column of the design.
    pub coefficients: DVector<f64>,
    /// Their covariance, (XᵀWX)⁻¹, W = diag(1/σ²): from the points' σ alone, not from the scatter.
    pub covariance: DMatrix<f64>,
    /// χ² = Σ ((y − Xc)/σ)².
    pub chi2: f64,
    /// Points less coefficients.
    pub dof: usize,
    /// Number of points.
    pub n: usize,
}

impl Fit {
    /// P(χ² at least this large | the model and the σ are right); `None` without degrees of freedom.
    pub fn goodness_of_fit(&self) -> Option<f64> {
        (self.dof > 0).then(|| chi_square_tail(self.chi2, self.dof))
    }

    /// Coefficient `index` with its normal interval c ± z σ_c.
    ///
    /// # Errors
    /// There is no such coefficient, or `confidence` lies outside (0, 1).
    pub fn coefficient(&self, index: usize, confidence: f64) -> Result<Estimate> {
        let alpha = miss(confidence)?;
        let Some(&value) = self.coefficients.get(index) else {
            return Err(Error::Failed(format!(
                "coefficient {index} of a fit with {}",
                self.coefficients.len()
            )));
        };
        let error = self.covariance[(index, index)].sqrt();
        let half = normal_two_sided(alpha) * error;
        Ok(Estimate {
            standard_error: Some(error),
            value: Some(value),
            ci_low: value - half,
            ci_high: value + half,
            confidence,
            n: self.n as u64,
            method: "weighted least squares through points of known standard error".into(),
        })
    }
}

/// Fits y ≈ Xc, X one row per point and one column per coefficient, with the standard error
/// `sigma` of every y.
///
/// # Errors
/// Lengths differ, there are fewer points than coefficients, a number is not finite, a σ is not
/// positive, or the columns do not tell the coefficients apart (singular to 10⁻¹⁰ after scaling).
pub fn weighted_least_squares(design: &DMatrix<f64>, y: &[f64], sigma: &[f64]) -> Result<Fit> {
    let (n, p) = design.shape();
    if y.len() != n || sigma.len() != n {
        return Err(Error::Failed(format!(
            "a fit of {n} points was given {} values and {} standard errors",
            y.len(),
            sigma.len()
        )));
    }
    if p == 0 || n < p {
        return Err(Error::Failed(format!(
            "{n} points cannot determine {p} coefficients; measure at least {} cells",
            p.max(1)
        )));
    }
    if let Some(i) = (0..n).find(|&i| {
        let row_bad = design.row(i).iter().any(|x| !x.is_finite());
        row_bad || !y[i].is_finite() || !(sigma[i].is_finite() && sigma[i] > 0.0)
    }) {
        return Err(Error::Failed(format!(
            "point {i} is {} ± {}: values must be finite and standard errors positive; leave out \
             cells without a value",
            y[i], sigma[i]
        )));
    }
    let mut white = DMatrix::from_fn(n, p, |i, j| design[(i, j)] / sigma[i]);
    let target = DVector::from_fn(n, |i, _| y[i] / sigma[i]);
    // Columns of length 1 make the test for a singular design independent of units.
    let lengths: Vec<f64> = white.column_iter().map(|column| column.norm()).collect();
    for (j, length) in lengths.iter().enumerate() {
        if *length > 0.0 {
            white.column_mut(j).unscale_mut(*length);
        }
    }
    let qr = white.clone().qr();
    let r = qr.r();
    let distinct = r.diagonal().iter().all(|x| x.abs() > 1e-10);
    let inverse = r.try_inverse().filter(|_| distinct);
    let Some(inverse) = inverse else {
        return Err(Error::Failed(format!(
            "the {n} points do not tell {p} coefficients apart: a column of the design is a \
             combination of the others; vary the swept parameter over more values"
        )));
    };
    let scaled = &inverse * (qr.q().transpose() * &target);
    let residual = &target - &white * &scaled;
    let spread = &inverse * inverse.transpose();
    Ok(Fit {
        coefficients: DVector::from_fn(p, |j, _| scaled[j] / lengths[j]),
        covariance: DMatrix::from_fn(p, p, |i, j| spread[(i, j)] / (lengths[i] * lengths[j])),
        chi2: residual.norm_squared(),
        dof: n - p,
        n,
    })
}

/// Fits y ≈ c₀ + c₁x; coefficient 1 is the slope.
///
/// # Errors
/// As [`weighted_least_squares`].
pub fn line(x: &[f64], y: &[f64], sigma: &[f64]) -> Result<Fit> {
    let design = DMatrix::from_fn(x.len(), 2, |i, j| if j == 0 { 1.0 } else { x[i] });
    weighted_least_squares(&design, y, sigma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn three_points_by_hand() {
        // Weights 1, 1, 4 at x = 0, 1, 2: S = 6, Sx = 9, Sxx = 17, Δ = 21; y = 0, 1, 4.
        let fit = line(&[0.0, 1.0, 2.0], &[0.0, 1.0, 4.0], &[1.0, 1.0, 0.5]).unwrap();
        // Sy = 17, Sxy = 33: slope (6·33 − 9·17)/21 = 45/21, intercept (17·17 − 9·33)/21 = −8/21.
        assert!((fit.coefficients[1] - 45.0 / 21.0).abs() < 1e-14);
        assert!((fit.coefficients[0] + 8.0 / 21.0).abs() < 1e-14);
        assert!((fit.covariance[(1, 1)] - 6.0 / 21.0).abs() < 1e-14);
        assert!((fit.covariance[(0, 0)] - 17.0 / 21.0).abs() < 1e-14);
        assert!((fit.covariance[(0, 1)] + 9.0 / 21.0).abs() < 1e-14);
        // Residuals 8/21, −16/21, 2/21·… : χ² = (8² + 16² + 4·2²)/21² with the last 4 − 82/21 = 2/21.
        assert!((fit.chi2 - 336.0 / 441.0).abs() < 1e-13);
        assert_eq!(fit.dof, 1);
    }

    #[test]
    fn a_line_through_two_points_has_no_goodness_of_fit() {
        let fit = line(&[0.0, 1.0], &[1.0, 3.0], &[0.1, 0.1]).unwrap();
        assert_eq!(fit.goodness_of_fit(), None);
        let slope = fit.coefficient(1, 0.95).unwrap();
        assert!((slope.value.unwrap() - 2.0).abs() < 1e-14);
        assert!((slope.ci_high - 2.0 - 1.959_963_985 * 0.02f64.sqrt()).abs() < 1e-9);
        assert!(fit.coefficient(2, 0.95).is_err());
    }

    #[test]
    fn the_slope_covers_and_chi_square_is_calibrated() {
        // Seed 5, 20 000 trials: four Monte Carlo standard errors of 0.95 are 0.0062, of 0.05 too.
        let mut rng = SmallRng::seed_from_u64(5);
        let x = [1.0, 1.5, 2.0, 3.0, 5.0];
        let sigma = [0.1, 0.05, 0.2, 0.1, 0.3];
        let trials = 20_000;
        let (mut covered, mut rejected) = (0, 0);
        for _ in 0..trials {
            let y: Vec<f64> = (0..5)
                .map(|i| {
                    let noise: f64 = StandardNormal.sample(&mut rng);
                    0.3 - 2.0 * x[i] + sigma[i] * noise
                })
                .collect();
            let fit = line(&x, &y, &sigma).unwrap();
            let slope = fit.coefficient(1, 0.95).unwrap();
            covered += u32::from(slope.ci_low < -2.0 && slope.ci_high > -2.0);
            rejected += u32::from(fit.goodness_of_fit().unwrap() < 0.05);
        }
        let share = |count: u32| f64::from(count) / f64::from(trials);
        assert!((share(covered) - 0.95).abs() < 0.0062, "{}", share(covered));
        assert!(
            (share(rejected) - 0.05).abs() < 0.0062,
            "{}",
            share(rejected)
        );
    }

    #[test]
    fn what_cannot_be_fitted_is_refused_with_the_reason() {
        let reason = |x: &[f64], y: &[f64], s: &[f64]| line(x, y, s).unwrap_err().to_string();
        assert!(reason(&[1.0], &[1.0], &[1.0]).contains("cannot determine"));
        assert!(reason(&[1.0, 1.0], &[1.0, 2.0], &[1.0, 1.0]).contains("apart"));
        assert!(reason(&[1.0, 2.0], &[1.0, 2.0], &[1.0, 0.0]).contains("point 1"));
        assert!(reason(&[1.0, 2.0], &[f64::NAN, 2.0], &[1.0, 1.0]).contains("point 0"));
        assert!(reason(&[1.0, 2.0], &[1.0], &[1.0, 1.0]).contains("1 values"));
        // A column of zeros has no length; it is singular, not a division by zero.
        let zeros = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 1.0, 0.0]);
        assert!(weighted_least_squares(&zeros, &[1.0, 2.0], &[1.0, 1.0]).is_err());
    }
}
