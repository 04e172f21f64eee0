//! From trainings to rulings, at each learning rate by itself.

use super::claim::{ClaimSpec, Criterion};
use super::outcome::{Outcome, pairs, slope};
use super::spec::SvagSpec;
use base::error::{Error, Result};
use measurement::Estimate;
use verdict::Ruling;

/// The rulings, in the order of the file.
pub fn rulings(spec: &SvagSpec, outcomes: &[Outcome<'_>]) -> Vec<Ruling> {
    let all = spec.claims.iter();
    all.flat_map(|claim| {
        claim
            .eta
            .iter()
            .map(|eta| ruling(spec, claim, *eta, outcomes))
    })
    .collect()
}

fn ruling(spec: &SvagSpec, claim: &ClaimSpec, eta: f64, outcomes: &[Outcome<'_>]) -> Ruling {
    let [plain, momentum] = &spec.series;
    let quantity = match claim.criterion {
        Criterion::Falls => "slope of ln gap against ln l, seed by seed".to_string(),
        Criterion::Closed => format!(
            "ln of the gap between {plain} and {momentum} over that of {plain} on other batches"
        ),
        Criterion::Apart => {
            format!("gap: mean |log₁₀ of {plain}'s loss over {momentum}'s| in the second half")
        }
        Criterion::Accuracy => format!("test accuracy of {momentum} less {plain}'s (points)"),
    };
    let mut ruling = claim.stated.open(&quantity, 0.0);
    let (case, found) = match measured(spec, claim.criterion, eta, outcomes) {
        Ok((l, found)) => (l, Ok(found)),
        Err(error) => (String::new(), Err(error)),
    };
    ruling.case = format!("{}: η = {eta}{case}", claim.stated.case);
    match found {
        Ok(found) => claim.limit.decide(found, &mut ruling),
        Err(error) => ruling.why = error.to_string(),
    }
    claim.stated.explained(ruling)
}

/// What a criterion speaks of, and at which l.
fn measured(
    spec: &SvagSpec,
    criterion: Criterion,
    eta: f64,
    outcomes: &[Outcome<'_>],
) -> Result<(String, Estimate)> {
    let pairs = pairs(outcomes);
    if criterion == Criterion::Falls {
        let (found, l) = slope(spec, eta, &pairs)?;
        let l: Vec<String> = l.iter().map(u64::to_string).collect();
        return Ok((format!(", l = {}", l.join(", ")), found));
    }
    let own = || pairs.iter().filter(|pair| pair.eta == eta);
    let chosen = match criterion {
        Criterion::Apart => own().next(),
        _ => own().next_back(),
    };
    let pair = chosen.ok_or_else(|| Error::Failed(format!("nothing was run at η = {eta}")))?;
    let found = match criterion {
        Criterion::Accuracy => pair.accuracy(spec.confidence)?,
        Criterion::Closed => pair.against_chance(spec.confidence)?,
        Criterion::Falls | Criterion::Apart => pair.gap(spec.confidence)?,
    };
    Ok((format!(", l = {}", pair.l), found))
}
