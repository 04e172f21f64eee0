//! Numbers at vanishing spacing.

use base::error::{Error, Result};

/// A number with its accuracy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refined {
    /// The extrapolated number.
    pub value: f64,
    /// Relative difference of the last two extrapolations.
    pub relative_error: f64,
}

/// Doublings of the number of intervals, `most` of them at most, until the extrapolated number changes
/// by less than `tolerance`; `at` computes it on a grid refined 2ⁿ-fold.
///
/// The error of the finite volumes begins with the square of the spacing, which (4v₂ − v₁)/3 removes
/// (Richardson).
///
/// # Errors
/// Those of `at`; [`Error::Failed`] when the tolerance is not reached.
pub fn refined(
    mut at: impl FnMut(u32) -> Result<f64>,
    tolerance: f64,
    most: u32,
) -> Result<Refined> {
    let mut raw = at(0)?;
    let mut extrapolated = f64::NAN;
    let mut relative_error = f64::INFINITY;
    for level in 1..=most {
        let next = at(level)?;
        let value = next + (next - raw) / 3.0;
        relative_error = (value / extrapolated - 1.0).abs();
        if relative_error <= tolerance {
            return Ok(Refined {
                value,
                relative_error,
            });
        }
        (raw, extrapolated) = (next, value);
    }
    Err(Error::Failed(format!(
        "on grids refined up to {}-fold the number still changes by {relative_error:.1e}, not \
         {tolerance:.0e}; narrow the box, raise the noise or accept less",
        1u64 << most
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_of_the_spacing_is_removed() {
        let at = |level: u32| {
            let h = 0.5f64.powi(level as i32);
            Ok(3.0 + h * h + 0.1 * h.powi(4))
        };
        let found = refined(at, 1e-6, 12).unwrap();
        assert!((found.value / 3.0 - 1.0).abs() <= 1e-6);
        assert!(refined(|level| Ok(f64::from(level)), 1e-3, 5).is_err());
    }
}
