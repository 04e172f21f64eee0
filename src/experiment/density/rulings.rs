//! From outcomes to rulings: laws held to be equal.

use super::run::Outcome;
use super::spec::{ClaimSpec, DensitySpec};
use base::error::Result;
use measurement::Sampled;
use measurement::kolmogorov::power;
use verdict::decide;
use verdict::{Ruling, SelfCheck};

/// E θ² of every process without memory beside θ against the stationary equation of its chain.
pub fn self_checks(outcomes: &[Outcome<'_>]) -> Vec<SelfCheck> {
    let check = |outcome: &Outcome<'_>| {
        let measured = Sampled::mean(&outcome.moment);
        let id = format!("{}: E θ²", outcome.cell.label);
        Some(decide::self_check(
            &id,
            &measured,
            *outcome.chain.as_ref().ok()?,
            0.0,
        ))
    };
    outcomes.iter().filter_map(check).collect()
}

/// The rulings, in the order of the file.
///
/// # Errors
/// There are no particles.
pub fn rulings(spec: &DensitySpec, outcomes: &[Outcome<'_>]) -> Result<Vec<Ruling>> {
    spec.claims
        .iter()
        .map(|claim| ruling(claim, outcomes))
        .collect()
}

fn ruling(claim: &ClaimSpec, outcomes: &[Outcome<'_>]) -> Result<Ruling> {
    let words = claim.reading.words();
    let quantity = format!("Kolmogorov distance from the {words} steady state");
    let mut ruling = claim.stated.open(&quantity, claim.margin);
    ruling.paper = Some(0.0);
    let own = outcomes.iter().find(|o| o.cell.series == claim.series);
    let found = own.and_then(|o| o.distances.iter().find(|(r, _)| *r == claim.reading));
    if let Some((_, distance)) = found {
        let power = power(distance.n, claim.margin, distance.confidence)?;
        (ruling.verdict, ruling.why) = decide::equal_laws(distance, claim.margin, power);
        ruling.measured = Some(distance.clone());
    }
    Ok(claim.stated.explained(ruling))
}
