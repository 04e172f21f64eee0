//! From chains to self-checks and rulings.

use super::claim::ClaimSpec;
use super::ground::Ground;
use super::outcome::{Outcome, pairs};
use super::spec::PosteriorSpec;
use base::error::Result;
use experiment::claim::together;
use measurement::Sampled;
use measurement::mean::Moments;
use verdict::decide::{self, Tolerance};
use verdict::{Ruling, SelfCheck, Verdict};

/// The expansion against its exact law, direction by direction. What the transient may still lack is allowed.
pub fn self_checks(ground: &Ground, outcomes: &[Outcome<'_>]) -> Vec<SelfCheck> {
    let mut checks = Vec::new();
    for [_, local] in pairs(outcomes) {
        for (k, h) in ground.curvatures.iter().enumerate() {
            let values = local.chains.iter().map(|chain| chain.along[k].square);
            let moments: Moments = values.collect();
            let id = format!("{}: ⟨(u·(θ − θ*))²⟩, h = {h:.4}", local.cell.label);
            let measured = Sampled::mean(&moments);
            let (exact, missing) = (local.exact[k], local.missing[k]);
            checks.push(decide::self_check(&id, &measured, exact, missing));
        }
    }
    checks
}

/// The rulings on the network itself, in the order of the file.
///
/// # Errors
/// A prediction is not defined.
pub fn rulings(
    spec: &PosteriorSpec,
    ground: &Ground,
    outcomes: &[Outcome<'_>],
) -> Result<Vec<Ruling>> {
    let mut all = Vec::new();
    for claim in &spec.claims {
        let own = |pair: &[&Outcome<'_>; 2]| pair[0].cell.series == claim.series;
        if let Some([network, _]) = pairs(outcomes).into_iter().find(own) {
            all.push(rule(spec, claim, ground, network)?);
        }
    }
    Ok(all)
}

fn rule(
    spec: &PosteriorSpec,
    claim: &ClaimSpec,
    ground: &Ground,
    network: &Outcome<'_>,
) -> Result<Ruling> {
    let predicted = ground.along(&claim.prediction(network.cell, ground)?);
    let quantity = "variance along an eigenvector of H, where it is furthest from the prediction";
    let mut ruling = claim.stated.open(quantity, claim.tolerance);
    let mut held = Vec::new();
    for (k, paper) in predicted.iter().enumerate() {
        let found = network.square(k, spec.confidence)?;
        let tolerance = Tolerance::Relative(claim.tolerance);
        let (verdict, _) = decide::value(&found, *paper, tolerance);
        let value = found.value.unwrap_or(f64::NAN);
        let distance = (value / paper).ln().abs();
        held.push((
            k,
            found,
            verdict,
            if distance.is_nan() {
                f64::MAX
            } else {
                distance
            },
        ));
    }
    ruling.verdict = together(held.iter().map(|h| h.2));
    let count = |verdict| held.iter().filter(|h| h.2 == verdict).count();
    let Some((k, found, ..)) = held.iter().max_by(|a, b| a.3.total_cmp(&b.3)) else {
        return Ok(ruling);
    };
    ruling.why = format!(
        "Within {} % of the prediction in {} of {} directions, outside in {}. Furthest at h = {:.4}: measured over predicted {:.4}, exact law of the rule over predicted {:.4}.",
        100.0 * claim.tolerance,
        count(Verdict::Confirmed),
        held.len(),
        count(Verdict::Refuted),
        ground.curvatures[*k],
        found.value.unwrap_or(f64::NAN) / predicted[*k],
        network.exact[*k] / predicted[*k],
    );
    ruling.paper = Some(predicted[*k]);
    ruling.exact = Some(network.exact[*k]);
    ruling.measured = Some(found.clone());
    Ok(claim.stated.explained(ruling))
}
