//! The density at a later time.

use std::f64::consts::PI;

use nalgebra::Complex;

use super::Generator;
use base::error::{Error, Result};

/// Jumps after which a chain is asked for its steady state instead.
const MOST_JUMPS: f64 = 1e8;
/// Jumps from which on a chain of neighbours is solved for at once.
const MANY_JUMPS: f64 = 1e5;
/// Points of the contour: e^{−1.36 · 28} is below the rounding of doubles, more of them lose digits.
const POINTS: usize = 28;
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
    /// Λt exceeds 1e8 in two dimensions or on a circle. On a line a long time is no obstacle: e^{Qt} is then a
    /// sum of resolvents along Talbot's contour as Weideman chose it (Trefethen, Weideman and Schmelzer, BIT 46, 2006,
    /// 653), exact in time to 1e-13.
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
        if jumps > MANY_JUMPS && self.is_line() {
            return Ok(self.along_contour(start, t));
        }
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

    /// Whether every jump goes to a neighbour.
    fn is_line(&self) -> bool {
        self.jumps
            .iter()
            .all(|(from, to, _)| from.abs_diff(*to) == 1)
    }

    /// p e^{Qt} = (1/2πi) ∮ e^z (z − tQᵀ)⁻¹p dz, each resolvent of a tridiagonal matrix.
    fn along_contour(&self, start: &[f64], t: f64) -> Vec<f64> {
        let n = start.len();
        // tQᵀ by its diagonal and what flows in from either side.
        let diagonal: Vec<f64> = self.leaving.iter().map(|rate| -t * rate).collect();
        let (mut below, mut above) = (vec![0.0; n], vec![0.0; n]);
        for &(from, to, rate) in &self.jumps {
            let side = if from < to { &mut below } else { &mut above };
            side[to] += t * rate;
        }
        let mut sum = vec![0.0; n];
        let mut eliminated = vec![Complex::new(0.0, 0.0); n];
        let mut solved = eliminated.clone();
        for k in 0..POINTS / 2 {
            let angle = PI * (2 * k + 1) as f64 / POINTS as f64;
            let points = POINTS as f64;
            let (cotangent, sine) = (1.0 / (0.6407 * angle).tan(), (0.6407 * angle).sin());
            let z = points * Complex::new(0.5017 * angle * cotangent - 0.6122, 0.2645 * angle);
            let slope = 0.5017 * cotangent - 0.5017 * 0.6407 * angle / (sine * sine);
            let change = points * Complex::new(slope, 0.2645);
            let weight = 2.0 * z.exp() * change / Complex::new(0.0, points);
            for i in 0..n {
                let own = z - diagonal[i];
                let (mut pivot, mut right) = (own, Complex::new(start[i], 0.0));
                if i > 0 {
                    pivot -= below[i] * eliminated[i - 1];
                    right += below[i] * solved[i - 1];
                }
                eliminated[i] = Complex::new(above[i], 0.0) / pivot;
                solved[i] = right / pivot;
            }
            for i in (0..n).rev() {
                if i + 1 < n {
                    solved[i] = solved[i] + eliminated[i] * solved[i + 1];
                }
                sum[i] += (weight * solved[i]).re;
            }
        }
        // Rounding moves mass by about ε Λt where none is lost.
        if self.closed() {
            let (whole, found) = (start.iter().sum::<f64>(), sum.iter().sum::<f64>());
            sum.iter_mut().for_each(|p| *p *= whole / found);
        }
        sum
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
