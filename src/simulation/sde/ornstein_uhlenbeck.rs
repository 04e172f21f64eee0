//! The Ornstein–Uhlenbeck process: overdamped Langevin dynamics on a quadratic.

use nalgebra::{DMatrix, DVector};

use base::error::{Error, Result};

/// dθ = −H(θ − c)dt + √(2T) dW with H symmetric.
///
/// In the axes of H the coordinates are independent: each relaxes at its eigenvalue λ towards N(c, T/λ).
#[derive(Clone, Debug)]
pub struct OrnsteinUhlenbeck {
    /// Eigenvectors of H, columns.
    pub(super) axes: DMatrix<f64>,
    /// Eigenvalues λ.
    pub(super) rates: DVector<f64>,
    /// c in these axes.
    pub(super) centre: DVector<f64>,
    /// T.
    pub(super) temperature: f64,
}

impl OrnsteinUhlenbeck {
    /// The process with H = `hessian`, c = `centre` and T = `temperature`.
    ///
    /// # Errors
    /// H is not square and symmetric, c has another length, or T is negative; or any is not finite.
    pub fn new(hessian: DMatrix<f64>, centre: &[f64], temperature: f64) -> Result<Self> {
        let dim = hessian.nrows();
        let finite = hessian.iter().chain(centre).all(|x| x.is_finite());
        if dim == 0 || dim != hessian.ncols() || dim != centre.len() || !finite {
            return Err(Error::Input(format!(
                "an Ornstein–Uhlenbeck process needs a finite square H and as many coordinates of its centre; got {} × {} and {}",
                dim,
                hessian.ncols(),
                centre.len()
            )));
        }
        if (&hessian - hessian.transpose()).amax() > 1e-12 * hessian.amax() {
            return Err(Error::Input("H must be symmetric".into()));
        }
        if !(temperature.is_finite() && temperature >= 0.0) {
            return Err(Error::Input(format!(
                "temperature = {temperature}: must be finite and at least 0"
            )));
        }
        let eigen = hessian.symmetric_eigen();
        let centre = eigen
            .eigenvectors
            .tr_mul(&DVector::from_column_slice(centre));
        Ok(OrnsteinUhlenbeck {
            axes: eigen.eigenvectors,
            rates: eigen.eigenvalues,
            centre,
            temperature,
        })
    }
}
