//! A quadratic loss and its gradient noise as the keys give them.

use nalgebra::DMatrix;

use super::answer::Figure;
use super::inputs::Inputs;
use super::key::{Key, Range};
use base::error::{Error, Result};
use prediction::exact::linear::Quadratic;

/// H, in place of h.
pub const HESSIAN: Key = Key::optional(
    "hessian",
    Range::Matrix,
    "H, rows of a symmetric matrix in place of h, as in [[2,0.5],[0.5,1]]",
);
const BATCH: Key = Key::optional(
    "batch",
    Range::Positive,
    "B, in place of noise_variance: C = |H|/B",
);
const NOISE_COVARIANCE: Key = Key::optional(
    "noise_covariance",
    Range::Matrix,
    "C, rows of a symmetric matrix beside hessian, in place of noise_variance",
);

/// The keys of the noise beside its variance.
pub const NOISE_KEYS: &[Key] = &[BATCH, NOISE_COVARIANCE];
/// Most coordinates of a matrix on the command line.
const MOST: usize = 32;

/// H, one number or a matrix.
pub struct Curvature {
    noiseless: Quadratic,
    /// Whether H was given as a matrix, so that results are matrices too.
    pub matrix: bool,
}

impl Curvature {
    /// Reads h or the Hessian.
    ///
    /// # Errors
    /// Both are given, or either cannot be used.
    pub fn read(inputs: &mut Inputs, h: &Key) -> Result<Self> {
        let given = inputs.matrix(&HESSIAN)?;
        let (hessian, matrix) = match given {
            Some(hessian) => {
                inputs.without(h.name, "hessian gives the curvature; give one of the two")?;
                (hessian, true)
            }
            None => (DMatrix::from_element(1, 1, inputs.number(h)?), false),
        };
        let d = hessian.nrows();
        if d > MOST {
            let what = format!("has {d} rows; {MOST} are the most");
            return Err(inputs.error(HESSIAN.name, &what));
        }
        let noiseless = Quadratic::new(hessian, DMatrix::zeros(d, d));
        Ok(Self {
            noiseless: inputs.at(HESSIAN.name, noiseless)?,
            matrix,
        })
    }

    /// The quadratic without noise.
    pub fn noiseless(&self) -> &Quadratic {
        &self.noiseless
    }

    /// An error about H, at the key that gave it.
    pub fn error(&self, inputs: &Inputs, h: &Key, what: &str) -> Error {
        inputs.error(if self.matrix { HESSIAN.name } else { h.name }, what)
    }

    /// Reads the noise beside it: a variance, a batch or a covariance.
    ///
    /// # Errors
    /// More than one is given, one cannot be used, or the two matrices do not go together.
    pub fn with_noise(&self, inputs: &mut Inputs, variance: &Key) -> Result<Quadratic> {
        let hessian = self.noiseless.hessian().clone();
        if let Some(covariance) = inputs.matrix(&NOISE_COVARIANCE)? {
            let why = "noise_covariance gives the noise; give one of the two";
            inputs.without(BATCH.name, why)?;
            inputs.without(variance.name, why)?;
            if !self.matrix {
                let why = "it goes with a matrix H; give hessian too, or noise_variance instead";
                return Err(inputs.error(NOISE_COVARIANCE.name, why));
            }
            let quadratic = Quadratic::new(hessian, covariance);
            return inputs.at(NOISE_COVARIANCE.name, quadratic);
        }
        match inputs.optional(&BATCH)? {
            Some(batch) => {
                let why = "batch gives the variance already, as |H|/B; give one of the two";
                inputs.without(variance.name, why)?;
                inputs.at(BATCH.name, Quadratic::hessian_shaped(hessian, batch))
            }
            None => {
                let d = hessian.nrows();
                let covariance = DMatrix::identity(d, d) * inputs.number(variance)?;
                inputs.at(variance.name, Quadratic::new(hessian, covariance))
            }
        }
    }
}

/// No noise keys at all, for what does not depend on them.
///
/// # Errors
/// One was given; `why` says why it plays no part.
pub fn without_noise(inputs: &mut Inputs, variance: &Key, why: &str) -> Result<()> {
    for name in [NOISE_COVARIANCE.name, BATCH.name, variance.name] {
        inputs.without(name, why)?;
    }
    Ok(())
}

/// A covariance as the answer shows it: rows, or a number.
pub fn figure(covariance: &DMatrix<f64>, matrix: bool) -> Figure {
    if !matrix {
        return Figure::Number(covariance[(0, 0)]);
    }
    let rows = covariance.row_iter();
    Figure::Rows(rows.map(|row| row.iter().copied().collect()).collect())
}
