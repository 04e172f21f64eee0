//! Mean first-passage times.

use super::Generator;
use base::error::{Error, Result};

impl Generator {
    /// ⟨τ⟩ and ⟨τ²⟩ at every node: −Q⟨τ⟩ = 1 and −Q⟨τ²⟩ = 2⟨τ⟩.
    ///
    /// # Errors
    /// As [`Generator::mean_passage`].
    pub fn passage_moments(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        if self.closed() {
            return Err(Error::Failed(
                "no particle ever leaves: no end of the grid absorbs, or the rates to it underflow"
                    .into(),
            ));
        }
        let factor = self.matrix(None, false).factor()?;
        let times = factor.solve(&vec![1.0; self.len()]);
        if !times.iter().all(|t| t.is_finite() && *t > 0.0) {
            return Err(Error::Failed(
                "the mean first-passage time is too long for the arithmetic: the barrier is above \
                 about 30 T"
                    .into(),
            ));
        }
        let squares = factor.solve(&times.iter().map(|t| 2.0 * t).collect::<Vec<f64>>());
        Ok((times, squares))
    }

    /// T(θ) with −QT = 1 at every node: the mean time to an absorbing end.
    ///
    /// The backward equation −s·∇T + D∇²T = −1 of the exact time; the error of a smooth problem falls as
    /// the square of the spacing.
    ///
    /// # Errors
    /// [`Error::Failed`] where nothing is absorbed, a node has no way to an end, or the time exceeds
    /// what the arithmetic resolves.
    pub fn mean_passage(&self) -> Result<Vec<f64>> {
        self.passage_moments().map(|(times, _)| times)
    }
}
