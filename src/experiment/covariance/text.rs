//! The words of the report.

use super::cell::{Cell, Momentum};
use super::exact::linear_rule;
use super::run::Outcome;
use super::spec::{CovarianceSpec, Kind};
use report::record::Section;

/// What was run, and how it is known what is true.
pub fn sections(spec: &CovarianceSpec, outcomes: &[Outcome]) -> Vec<Section> {
    let mut ran = vec![match spec.kind {
        Kind::Posterior => "Particles start at the minimum θ = 0 and move until the slowest mode has relaxed; then the covariance over particles is taken.".to_string(),
        Kind::Saddle => "Particles start at the saddle θ = 0; the mean square of each falling coordinate is taken at the steps named.".to_string(),
        Kind::NoiseVariance => "There is no gradient, only noise. The variance of one update over η² is what the papers call the noise of the momentum (for PNM before it is normalised); ⟨θ²⟩/(η²n) is what it amounts to in the long run.".to_string(),
    }];
    let mut named: Vec<&str> = Vec::new();
    for outcome in outcomes {
        let cell = outcome.cell;
        if !named.contains(&cell.series.as_str()) {
            named.push(&cell.series);
            ran.push(format!("{}: {}.", cell.series, describe(cell)));
        }
    }
    let linear = outcomes
        .iter()
        .filter(|o| o.seen.iter().any(|s| s.2.is_some()))
        .count();
    let known = format!(
        "{linear} of {} cells follow a linear recursion z ← Az + Bξ, whose covariance at the very step looked at is computed without random numbers; the others have no exact reference.",
        outcomes.len()
    );
    vec![
        Section {
            heading: "What was run".into(),
            paragraphs: ran,
        },
        Section {
            heading: "What is exact".into(),
            paragraphs: vec![known],
        },
    ]
}

fn describe(cell: &Cell) -> String {
    let mut said = format!("{} with {}", cell.rule.entry.name, cell.rule.describe());
    if cell.frozen {
        said += ", its second moment frozen at the variance of the noise";
    }
    if let Some(beta0) = cell.two_batch {
        said += &format!(", its gradient (1 + β₀)g⁽ᵃ⁾ − β₀g⁽ᵇ⁾ of two fresh batches, β₀ = {beta0}");
    }
    if cell.momentum == Momentum::Stationary {
        said += ", its momentum drawn from its own law on flat ground";
    }
    if linear_rule(cell).is_none() && !cell.frozen {
        said += " (not linear)";
    }
    said
}
