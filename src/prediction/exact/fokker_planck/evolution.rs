//! The density at a later time.

use super::Generator;
use base::error::{Error, Result};

/// Jumps after which a chain is asked for its steady state instead.
const MOST_JUMPS: f64 = 1e8;
/// Expected jumps in one application of the series, so that e^−Λt does not underflow.
const JUMPS_AT_ONCE: f64 = 300.0;

impl Generator {
    /// The probabilities of the nodes at time `t` from those at time 0: p e^{Qt}.
    ///
    /// By uniformisation (Jensen, Skandinavisk Aktuarietidskrift 36, 1953): with Λ the largest rate out of a
    /// node, e^{Qt} = Σₙ e^{−Λt}(Λt)ⁿ/n! (1 + Q/Λ)ⁿ, in which no term is negative. Exact in time to rounding;
    /// mass is lost over absorbing ends alone.
    ///
    /// # Errors
    /// [`Error::Input`] unless `t` ≥ 0 and there is a probability for every node; [`Error::Failed`] where
    /// Λt exceeds 1e8.
    pub fn evolve(&self, start: &[f64], t: f64) -> Result<Vec<f64>> {
        if start.len() != self.len() || !(t.is_finite() && t >= 0.0) {
            return Err(Error::Input(format!(
                "{} probabilities on {} nodes, for a time of {t}: one for each, and a time of at least 0",
                start.len(),
                self.len()
            )));
        }
        let fastest = self.leaving.iter().fold(0.0, |a: f64, b| a.max(*b));
        let jumps = fastest * t;
        if jumps > MOST_JUMPS {
            return Err(Error::Failed(format!(
                "a time of {t} lasts {jumps:.1e} of the fastest jumps on this grid, {MOST_JUMPS:.0e} at \
                 most; take a coarser grid, or the steady state"
            )));
        }
        let mut now = start.to_vec();
        let pieces = (jumps / JUMPS_AT_ONCE).ceil();
        for _ in 0..pieces as u64 {
            now = self.series(&now, fastest, jumps / pieces);
        }
        Ok(now)
    }

    fn series(&self, start: &[f64], fastest: f64, expected: f64) -> Vec<f64> {
        let mut weight = (-expected).exp();
        let mut left = 1.0 - weight;
        let mut power = start.to_vec();
        let mut sum: Vec<f64> = power.iter().map(|p| weight * p).collect();
        let mut n = 0.0;
        // Beyond the peak of the Poisson weights what is left of them is a bound on what is missing.
        while n < expected || left > 1e-17 && weight > 1e-18 * expected.recip().min(1.0) {
            power = self.jumped(&power, fastest);
            n += 1.0;
            weight *= expected / n;
            left -= weight;
            for (s, p) in sum.iter_mut().zip(&power) {
                *s += weight * p;
            }
        }
        sum
    }

    /// One jump of the uniformised chain.
    fn jumped(&self, p: &[f64], fastest: f64) -> Vec<f64> {
        let mut next: Vec<f64> = p
            .iter()
            .zip(&self.leaving)
            .map(|(p, leaving)| p * (1.0 - leaving / fastest))
            .collect();
        for &(from, to, rate) in &self.jumps {
            next[to] += p[from] * (rate / fastest);
        }
        next
    }
}
