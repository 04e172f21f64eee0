//! Runs the posteriors, then turns their variances into divergences.

use std::path::Path;

use super::divergence::{Divergence, divergence};
use super::rulings::{rulings, self_checks};
use super::spec::PacBayesSpec;
use crate::context::{Context, Progress};
use crate::covariance;
use crate::finding::Finding;
use crate::plan::Planned;
use crate::protocol::Protocol;
use base::error::Result;
use measurement::reading::{Exact, Reading};
use prediction::exact::pac_bayes::GaussianPair;
use report::figure::{Axis, Figure, Mark, Panel, Series};
use report::record::Section;
use report::verdicts::Verdicts;

impl Protocol for PacBayesSpec {
    fn plan(&self) -> Vec<Planned> {
        self.posterior.plan()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding> {
        let finished = self.posterior.measure(context, progress, folder)?;
        let outcomes = self.posterior.outcomes(&finished);
        let all: Vec<Divergence> = outcomes
            .iter()
            .filter_map(|o| divergence(self, o))
            .collect();
        let mut checks = covariance::self_checks(&outcomes);
        checks.extend(self_checks(&all));
        let mut estimates = covariance::estimates(&outcomes);
        estimates.extend(all.iter().map(|d| {
            let measured = Some(d.estimate(self.posterior.confidence));
            let exact = d.exact.map(|kl| Exact::by("KL of the exact Gaussians", kl));
            Reading::of(
                &d.cell,
                "KL of the posterior from the prior",
                measured,
                exact,
            )
        }));
        let particles = self.posterior.cells.first().map_or(0, |c| c.particles);
        let made = format!("{particles} particles a cell, scale {}", context.scale);
        let steps: u64 = finished.iter().map(|f| f.particle_steps).sum();
        Ok(Finding {
            samples: covariance::samples(&outcomes),
            estimates,
            verdicts: Verdicts {
                claims: rulings(self, &all),
                self_checks: checks,
            },
            figures: vec![self.figure(&all, &made)],
            sections: vec![self.words()],
            particle_steps: steps,
            lane_steps: steps,
            diverged: 0,
        })
    }
}

impl PacBayesSpec {
    fn words(&self) -> Section {
        Section {
            heading: "What was run".into(),
            paragraphs: vec![format!(
                "The posterior of every rule is measured around a minimum with C = H/B, and its divergence from the prior N(0, I/λ), λ = {}, |θ*|² = {}, is that of Gaussians with the measured variances. The paper takes a covariance γ times SGD's; the curve is its KL(γ). The bound is 4√((KL + ln(2N/δ))/N) with N = {} and δ = {}.",
                self.lambda, self.theta_norm2, self.samples, self.delta
            )],
        }
    }

    /// KL against the factor of SGD's covariance: the curve, where the paper puts each rule, where it is.
    fn figure(&self, all: &[Divergence], made: &str) -> Figure {
        let cell = &self.posterior.cells[0];
        let dim = cell.dim() as f64;
        let sde = |eta: f64| eta * cell.noise[0][0] / (2.0 * cell.hessian[0][0]);
        let eta = all.first().map_or(cell.eta(), |d| d.eta);
        let kl = |gamma: f64| {
            let pair = GaussianPair {
                dim,
                lambda: self.lambda,
                ratio: (self.lambda * gamma * sde(eta)).into(),
                theta_norm2: self.theta_norm2,
            };
            pair.kl().unwrap_or(f64::NAN)
        };
        let x: Vec<f64> = (0..=120)
            .map(|k| 0.1 * 2000f64.powf(f64::from(k) / 120.0))
            .collect();
        let stated = x.iter().map(|gamma| (*gamma, kl(*gamma))).collect();
        let mut series = vec![Series::curve("KL(γ), eq. 22", Mark::Line, 7, stated)];
        let mut names: Vec<&str> = Vec::new();
        for d in all {
            if !names.contains(&d.series.as_str()) {
                names.push(&d.series);
            }
        }
        for (colour, name) in names.iter().enumerate() {
            let own: Vec<&Divergence> = all.iter().filter(|d| d.series == *name).collect();
            let factor = |d: &Divergence| d.beta0.map_or(1.0, |b| (1.0 + b).powi(2) + b * b);
            let seen = own.iter().map(|d| {
                let e = d.estimate(self.posterior.confidence);
                (factor(d), d.measured, e.ci_low, e.ci_high)
            });
            series.push(Series::measured(name, colour, seen.collect()));
        }
        Figure {
            name: "pac-bayes".into(),
            caption: format!(
                "Divergence of the posterior from the prior against γ = (1 + β₀)² + β₀². Line: the paper's KL(γ), for a covariance γ times SGD's; markers: from the variances that were measured. {made}."
            ),
            panels: vec![Panel {
                title: "divergence from the prior".into(),
                x: Axis::new("γ", true),
                y: Axis::new("KL(Q‖P)", false),
                map: None,
                series,
            }],
        }
    }
}
