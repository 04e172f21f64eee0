//! What is measured in a cell, and what came of it.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::spec::Kind;
use measurement::covariance::{Ends, Numbers, SecondMoment};
use measurement::{ErrorLaw, Estimate, Sampled};
use prediction::exact::linear::gamma;
use simulation::ensemble::Snapshots;

/// A second moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Cov(θᵢ, θⱼ).
    Covariance,
    /// ⟨θᵢ²⟩ from a start at 0.
    MeanSquare,
    /// The variance of one update over η², before PNM's normalisation.
    PerStep,
    /// ⟨θᵢ²⟩/(η²n) from a start at 0: what an update adds per step in the long run.
    Spread,
}

impl Quantity {
    /// Its key in the sections `[[claim]]`.
    pub fn key(self) -> &'static str {
        match self {
            Quantity::Covariance => "covariance",
            Quantity::MeanSquare => "mean-square",
            Quantity::PerStep => "per-step",
            Quantity::Spread => "spread",
        }
    }

    /// In symbols, of a coordinate with itself or of two.
    pub fn words(self, alone: bool) -> &'static str {
        match self {
            Quantity::Covariance if alone => "Var θ",
            Quantity::Covariance => "Cov θ",
            Quantity::MeanSquare => "⟨θ²⟩",
            Quantity::PerStep => "Var of the update's noise, in units of one gradient's",
            Quantity::Spread => "⟨θ²⟩/(η²n)",
        }
    }
}

/// One second moment of one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What it is.
    pub quantity: Quantity,
    /// First coordinate.
    pub i: usize,
    /// Second coordinate.
    pub j: usize,
    /// After how many steps.
    pub step: u64,
    /// What an update is multiplied by: γ for PNM, whose noise the paper counts before it is normalised.
    pub scale: f64,
    /// The mean over particles.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The skewness of what is averaged.
    pub skewness: f64,
    /// The same second moment of each coordinate with itself.
    pub squares: (f64, f64),
    /// Independent products in the mean.
    pub dof: f64,
    /// Particles in it.
    pub n: u64,
    /// Particles that were not finite.
    pub diverged: u64,
}

impl Observation {
    /// With its interval.
    pub fn estimate(&self, ends: Ends, numbers: Numbers, confidence: f64) -> Estimate {
        SecondMoment {
            mean: self.mean,
            standard_error: self.standard_error,
            skewness: self.skewness,
            squares: self.squares,
            dof: self.dof,
            n: self.n,
            diverged: self.diverged,
        }
        .between(ends, numbers, confidence)
    }

    /// To be held against `exact`, of Gaussian coordinates whose exact variances have the product `variances`.
    pub fn against(&self, exact: f64, variances: f64) -> Sampled {
        let rho = if self.i == self.j {
            1.0
        } else {
            exact / variances.sqrt()
        };
        let dof = self.dof;
        Sampled {
            value: self.mean,
            standard_error: (variances * (1.0 + rho * rho) / dof).sqrt(),
            law: ErrorLaw::Products { rho, dof },
            n: self.n,
        }
    }

    /// In words, with the cell's numbers.
    pub fn label(&self, cell: &Cell) -> String {
        let what = self.quantity.words(self.i == self.j);
        let at = match self.curvature(cell) {
            Some(h) => format!("h = {h}"),
            None => format!("entry {}", self.component()),
        };
        format!("{what}, {at}, step {}", self.step)
    }

    /// Which entry of the matrix of second moments it is.
    pub fn component(&self) -> String {
        format!("({}, {})", self.i + 1, self.j + 1)
    }

    /// The curvature along its coordinate, where it is one coordinate's.
    pub fn curvature(&self, cell: &Cell) -> Option<f64> {
        (self.i == self.j).then(|| cell.hessian[self.i][self.i])
    }
}

/// The steps that must be looked at for the observations of a kind at `steps`.
pub fn looked_at(kind: Kind, steps: &[u64]) -> Vec<u64> {
    let mut at: Vec<u64> = match kind {
        Kind::NoiseVariance => steps.iter().flat_map(|n| [n - 1, *n]).collect(),
        _ => steps.to_vec(),
    };
    at.sort_unstable();
    at.dedup();
    at
}

/// Every observation of a cell.
pub fn observe(kind: Kind, cell: &Cell, seen: &Snapshots, at: &[u64]) -> Vec<Observation> {
    let dim = cell.dim();
    let rows = |step: u64| at.iter().position(|s| *s == step).map(|k| &seen.theta[k]);
    let mut all = Vec::new();
    for &step in &cell.steps {
        let Some(theta) = rows(step) else { continue };
        let mut take = |quantity, i, j, scale, moment: SecondMoment| {
            all.push(Observation {
                quantity,
                i,
                j,
                step,
                scale,
                mean: moment.mean,
                standard_error: moment.standard_error,
                skewness: moment.skewness,
                squares: moment.squares,
                dof: moment.dof,
                n: moment.n,
                diverged: moment.diverged,
            });
        };
        match kind {
            Kind::Posterior => {
                for i in 0..dim {
                    for j in i..dim {
                        // An entry that is 0 by symmetry has nothing to compare.
                        let coupled = cell.hessian[i][j] != 0.0 || cell.noise[i][j] != 0.0;
                        if i == j || coupled {
                            let moment = SecondMoment::of(theta, dim, i, j, true);
                            take(Quantity::Covariance, i, j, 1.0, moment);
                        }
                    }
                }
            }
            Kind::Saddle => {
                for i in 0..dim {
                    let moment = SecondMoment::of(theta, dim, i, i, false);
                    take(Quantity::MeanSquare, i, i, 1.0, moment);
                }
            }
            Kind::NoiseVariance => {
                let Some(before) = rows(step - 1) else {
                    continue;
                };
                let moved: Vec<f64> = theta.iter().zip(before).map(|(x, y)| x - y).collect();
                let eta2 = cell.eta() * cell.eta();
                let scale = normalisation(cell);
                for i in 0..dim {
                    let moment = SecondMoment::of(&moved, dim, i, i, false);
                    take(Quantity::PerStep, i, i, scale, moment.times(scale / eta2));
                    let moment = SecondMoment::of(theta, dim, i, i, false);
                    let per_step = moment.times(1.0 / (eta2 * step as f64));
                    take(Quantity::Spread, i, i, 1.0, per_step);
                }
            }
        }
    }
    all
}

/// γ for PNM, 1 for every other rule.
fn normalisation(cell: &Cell) -> f64 {
    match (cell.rule.entry.name, cell.value("beta0")) {
        ("pnm", Some(beta0)) => gamma(beta0).value(),
        _ => 1.0,
    }
}
