//! C against H at one θ, in H's eigenbasis.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use tch::Kind;

use crate::convert::numbers;
use crate::curvature::Spectrum;
use experiment::kept::{finite, known, known_all};
use measurement::correlation::{coefficient, rank_coefficient};

/// Eigenvalues below this share of the largest are the network's exact symmetries and units that are off, where C and H
/// vanish alike.
const NULL: f64 = 1e-10;

/// What is seen of C and H.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// tr C₁.
    #[serde(deserialize_with = "known")]
    pub trace_c: f64,
    /// tr H.
    #[serde(deserialize_with = "known")]
    pub trace_h: f64,
    /// λ, H's eigenvalues, descending.
    #[serde(deserialize_with = "known_all")]
    pub eigenvalues: Vec<f64>,
    /// d = diag(UᵀC₁U) in H's eigenbasis U, in the same order.
    #[serde(deserialize_with = "known_all")]
    pub diagonal: Vec<f64>,
    /// Pearson's correlation of all P² entries of UᵀC₁U with those of diag λ.
    #[serde(deserialize_with = "known")]
    pub entries: f64,
    /// Σd²/‖C₁‖²: how much of C₁ is diagonal in H's eigenbasis.
    #[serde(deserialize_with = "known")]
    pub share: f64,
}

/// Compares the covariance of one example's gradient with the Hessian that `spectrum` is of.
pub fn compare(covariance: &DMatrix<f64>, spectrum: &Spectrum) -> Comparison {
    let turned = spectrum.turned(covariance);
    let diagonal = numbers(&turned.diagonal(0, 0, 1));
    let eigenvalues = spectrum.values.clone();
    let sum = |x: &tch::Tensor| x.sum(Some(Kind::Double)).double_value(&[]);
    let count = (diagonal.len() as f64).powi(2);
    let square = sum(&(&turned * &turned));
    let means = (
        sum(&turned) / count,
        eigenvalues.iter().sum::<f64>() / count,
    );
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let shared = dot(&diagonal, &eigenvalues) / count - means.0 * means.1;
    let spread = [
        square / count - means.0 * means.0,
        dot(&eigenvalues, &eigenvalues) / count - means.1 * means.1,
    ];
    Comparison {
        trace_c: finite(covariance.trace()),
        trace_h: finite(eigenvalues.iter().sum()),
        entries: finite(shared / (spread[0] * spread[1]).sqrt()),
        share: finite(dot(&diagonal, &diagonal) / square),
        eigenvalues,
        diagonal,
    }
}

impl Comparison {
    /// λ and d of the directions in which H does not vanish.
    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        let top = self
            .eigenvalues
            .iter()
            .fold(0.0, |a: f64, l| a.max(l.abs()));
        let all = self.eigenvalues.iter().copied();
        let pairs = all.zip(self.diagonal.iter().copied());
        pairs.filter(move |(lambda, _)| lambda.abs() > NULL * top)
    }

    /// tr C₁/tr H.
    pub fn ratio(&self) -> f64 {
        self.trace_c / self.trace_h
    }

    /// The least-squares slope of d on `of` λ.
    pub fn slope(&self, of: fn(f64) -> f64) -> f64 {
        let (x, y): (Vec<f64>, Vec<f64>) = self.pairs().map(|(l, d)| (of(l), d)).unzip();
        slope(&x, &y)
    }

    /// Pearson's correlation of d and λ.
    pub fn pearson(&self) -> f64 {
        let (x, y): (Vec<f64>, Vec<f64>) = self.pairs().unzip();
        coefficient(&x, &y).unwrap_or(f64::NAN)
    }

    /// Spearman's rank correlation of d and `of` λ.
    pub fn rank(&self, of: fn(f64) -> f64) -> f64 {
        let (x, y): (Vec<f64>, Vec<f64>) = self.pairs().map(|(l, d)| (of(l), d)).unzip();
        rank_coefficient(&x, &y).unwrap_or(f64::NAN)
    }

    /// s of d ∝ |λ|ˢ by least squares of the logarithms, over every direction.
    pub fn exponent(&self) -> f64 {
        power(self.pairs().map(|(l, d)| (l.abs(), d)))
    }

    /// The same over positive eigenvalues of at least 10^−`decades` times the largest.
    pub fn exponent_of_top(&self, decades: f64) -> f64 {
        let top = self.eigenvalues.iter().copied().fold(0.0, f64::max);
        let least = top * 10f64.powf(-decades);
        power(self.pairs().filter(|(l, _)| *l >= least))
    }

    /// Σ|λ| over negative λ as a share of Σ|λ|.
    pub fn negative(&self) -> f64 {
        let all: f64 = self.eigenvalues.iter().map(|l| l.abs()).sum();
        let below = self.eigenvalues.iter().filter(|l| **l < 0.0);
        -below.sum::<f64>() / all
    }
}

/// The slope of log y on log x, where both are positive.
fn power(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let positive = pairs.filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let (x, y): (Vec<f64>, Vec<f64>) = positive.map(|(x, y)| (x.ln(), y.ln())).unzip();
    slope(&x, &y)
}

/// The least-squares slope of y on x; NaN where x does not vary.
fn slope(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n;
    let (mx, my) = (mean(x), mean(y));
    let shared: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    shared / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Tensor};

    /// C = 2H² has d = 2λ² in H's eigenbasis: exponent 2, perfect ranks, all of it diagonal. λ = 1, 2, 4, −3.
    #[test]
    fn a_power_of_the_hessian_has_its_exponent() {
        let values = [1.0, 2.0, 4.0, -3.0];
        let turn = DMatrix::from_fn(4, 4, |i, j| ((i * 4 + j) as f64 * 1.3).sin())
            .qr()
            .q();
        let hessian = &turn * DMatrix::from_diagonal(&values.to_vec().into()) * turn.transpose();
        let covariance = &hessian * &hessian * 2.0;
        let like = Tensor::zeros([1], (Kind::Double, Device::Cpu));
        let found = compare(&covariance, &Spectrum::of(&hessian, &like));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(found.exponent(), 2.0);
        near(found.exponent_of_top(3.0), 2.0);
        near(found.exponent_of_top(0.4), 2.0);
        near(found.rank(f64::abs), 1.0);
        near(found.share, 1.0);
        near(found.negative(), 0.3);
        near(found.ratio(), 60.0 / 4.0);
        // Ranks of d = 2, 8, 32, 18 against those of λ: (2, 1), (3, 2), (4, 4), (1, 3).
        near(found.rank(|l| l), 1.0 - 6.0 * 6.0 / (4.0 * 15.0));
        // 16 entries: Σλd = 2(1 + 8 + 64 − 27) = 92, Σλ = 4, Σλ² = 30; Σ of C's entries 60, Σd² = 1416.
        let shared: f64 = 92.0 / 16.0 - 60.0 / 16.0 * 4.0 / 16.0;
        let spread = (1416.0 / 16.0 - (60.0f64 / 16.0).powi(2)) * (30.0 / 16.0 - 1.0 / 16.0);
        near(found.entries, shared / spread.sqrt());
    }
}
