//! Mean first-passage times.

use super::Generator;
use crate::error::{Error, Result};

impl Generator {
    /// T(θ) with −QT = 1 at every node: the mean time to an absorbing end.
    ///
    /// The backward equation −s·∇T + D∇²T = −1 of the exact time; the error of a smooth problem falls as
    /// the square of the spacing.
    ///
    /// # Errors
    /// [`Error::Failed`] where nothing is absorbed, a node has no way to an end, or the time exceeds
    /// what the arithmetic resolves.
    pub fn mean_passage(&self) -> Result<Vec<f64>> {
        if self.closed() {
            return Err(Error::Failed(
                "no particle ever leaves: no end of the grid absorbs, or the rates to it underflow"
                    .into(),
            ));
        }
        let times = self
            .matrix(None, false)
            .factor()?
            .solve(&vec![1.0; self.len()]);
        if times.iter().all(|t| t.is_finite() && *t > 0.0) {
            return Ok(times);
        }
        Err(Error::Failed(
            "the mean first-passage time is too long for the arithmetic: the barrier is above about 30 T"
                .into(),
        ))
    }
}
