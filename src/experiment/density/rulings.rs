//! From outcomes to rulings: laws held to be equal.

use super::run::Outcome;
use super::spec::{ClaimSpec, DensitySpec};
use base::error::Result;
use measurement::kolmogorov::power;
use measurement::{Estimate, Sampled};
use report::number::significant;
use verdict::decide;
use verdict::{Ruling, SelfCheck, Verdict};

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
    let Some(own) = own else {
        return Ok(claim.stated.explained(ruling));
    };
    let found = own.distances.iter().find(|(r, _)| *r == claim.reading);
    if let Some((_, distance)) = found {
        // A claim on an SDE is held against what its scheme does, which is off by the bias of its step.
        let bias = own.bias.as_ref().copied();
        let measured = Estimate {
            ci_low: distance.ci_low - bias.unwrap_or(0.0),
            ci_high: distance.ci_high + bias.unwrap_or(0.0),
            ..distance.clone()
        };
        let measured = measured.within((0.0, 1.0));
        let room = claim.margin - bias.unwrap_or(0.0);
        let power = power(distance.n, room, distance.confidence)?;
        (ruling.verdict, ruling.why) = decide::equal_laws(&measured, claim.margin, power);
        match bias {
            Ok(0.0) => {}
            Ok(bias) if bias >= claim.margin && ruling.verdict == Verdict::Inconclusive => {
                ruling.why = format!(
                    "{} of the bias of the time step alone take up the margin {}: only a smaller step decides",
                    significant(bias, 2),
                    claim.margin
                );
            }
            Ok(bias) => {
                ruling.why += &format!(
                    "; the bias of the time step, {}, lies in the interval, which a smaller step narrows",
                    significant(bias, 2)
                );
            }
            Err(why) => {
                ruling.verdict = Verdict::Inconclusive;
                ruling.why = format!(
                    "What the time step does to the law is not known ({why}). Without it: {}",
                    ruling.why
                );
            }
        }
        ruling.measured = Some(measured);
    }
    Ok(claim.stated.explained(ruling))
}
