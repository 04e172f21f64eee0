//! The divergence of a posterior from the prior, coordinate by coordinate.

use super::spec::PacBayesSpec;
use crate::covariance::Outcome;
use measurement::Estimate;
use prediction::exact::pac_bayes::GaussianPair;

/// One cell's divergence.
pub struct Divergence {
    /// The cell's name.
    pub cell: String,
    /// Its series.
    pub series: String,
    /// η.
    pub eta: f64,
    /// β₀, where the rule has it.
    pub beta0: Option<f64>,
    /// From the measured variances.
    pub measured: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Particles.
    pub n: u64,
    /// From the exact variances.
    pub exact: Option<f64>,
    /// What the paper predicts.
    pub paper: Option<f64>,
}

impl Divergence {
    /// With a normal interval.
    pub fn estimate(&self, confidence: f64) -> Estimate {
        let how = "KL of Gaussians with the measured variances, delta method";
        Estimate::normal(self.measured, self.standard_error, self.n, confidence, how)
    }
}

/// KL(Q‖P) = Σᵢ ½(λσᵢ² − 1 − ln λσᵢ²) + (λ/2)|θ*|² with the variances σᵢ² of a cell.
pub fn divergence(spec: &PacBayesSpec, outcome: &Outcome) -> Option<Divergence> {
    let kl = |variances: &[f64]| -> Option<f64> {
        let mut sum = 0.5 * spec.lambda * spec.theta_norm2;
        for variance in variances {
            let pair = GaussianPair {
                dim: 1.0,
                lambda: spec.lambda,
                ratio: (spec.lambda * variance).into(),
                theta_norm2: 0.0,
            };
            sum += pair.kl().ok()?;
        }
        Some(sum)
    };
    let own: Vec<_> = outcome.seen.iter().filter(|(o, _, _)| o.i == o.j).collect();
    let measured: Vec<f64> = own.iter().map(|(o, _, _)| o.mean).collect();
    let exact: Option<Vec<f64>> = own.iter().map(|(_, _, exact)| *exact).collect();
    // dKL/dσ² = ½(λ − 1/σ²); coordinates of a diagonal quadratic are independent.
    let variance_of_kl: f64 = own
        .iter()
        .map(|(o, _, _)| (0.5 * (spec.lambda - 1.0 / o.mean) * o.standard_error).powi(2))
        .sum();
    let cell = outcome.cell;
    let beta0 = cell.two_batch.or(cell.value("beta0"));
    let gamma = beta0.map_or(1.0, |b| (1.0 + b).powi(2) + b * b);
    let stated: Vec<f64> = (0..cell.dim())
        .map(|i| gamma * cell.eta() * cell.noise[i][i] / (2.0 * cell.hessian[i][i]))
        .collect();
    Some(Divergence {
        cell: cell.label.clone(),
        series: cell.series.clone(),
        eta: cell.eta(),
        beta0,
        measured: kl(&measured)?,
        standard_error: variance_of_kl.sqrt(),
        n: own.first().map_or(0, |(o, _, _)| o.n),
        exact: exact.and_then(|variances| kl(&variances)),
        paper: kl(&stated),
    })
}
