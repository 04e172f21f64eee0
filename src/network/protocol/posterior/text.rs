//! The words of the report: the minimum, what was run, and how far from second order the network is.

use super::ground::Ground;
use super::outcome::{Outcome, pairs};
use super::spec::PosteriorSpec;
use report::number::{estimate, short};
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &PosteriorSpec, ground: &Ground, outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let chains = spec.cells[0].chains;
    let h = &ground.curvatures;
    let traces = (ground.noise.trace(), ground.hessian.trace());
    let mut ran = vec![format!(
        "{} chains from the minimum, {} steps each of which {} are discarded, looked at every {} steps; batches of {} examples drawn with replacement, the same for every rule and for both losses.",
        chains.count, chains.steps, chains.burn_in, chains.every, chains.batch
    )];
    for [network, _] in pairs(outcomes) {
        let (cell, missing) = (network.cell, &network.missing);
        let short_of = missing.iter().zip(&network.exact).map(|(m, e)| m / e);
        ran.push(format!(
            "{}: {} with {}; after the burn-in from the minimum a variance is short of the stationary one by at most {} of it, which the self-checks allow.",
            cell.series,
            cell.rule.entry.name,
            cell.rule.describe(),
            short(short_of.fold(0.0, f64::max), 2)
        ));
    }
    let mut table = Vec::new();
    for [network, local] in pairs(outcomes) {
        for (k, h) in h.iter().enumerate() {
            let said = |found: base::error::Result<_>| {
                found.map_or("unknown".to_string(), |found| estimate(&found))
            };
            table.push(format!(
                "{}, h = {h:.4}: {}; exact to second order {}; the network's less its expansion's on the same batches, relative: {}.",
                network.cell.series,
                said(network.square(k, spec.confidence)),
                short(network.exact[k], 4),
                said(network.excess(local, k, spec.confidence)),
            ));
        }
    }
    vec![
        Section {
            heading: "The minimum".into(),
            paragraphs: vec![format!(
                "Newton's method with the full Hessian, from θ = 0 to |∇L| = {:.1e}; {} parameters, curvatures from {:.4} to {:.4}. Covariance of one example's gradient: tr C₁/tr H = {:.3}; with a penalty ½λ|θ|² it cannot be H itself, since the penalty is no noise.",
                ground.slope,
                h.len(),
                h[0],
                h[h.len() - 1],
                traces.0 / traces.1
            )],
        },
        Section {
            heading: "What was run".into(),
            paragraphs: ran,
        },
        Section {
            heading: "Variance along each eigenvector".into(),
            paragraphs: table,
        },
    ]
}
