//! From outcomes to rulings: at every damping the measured time over the paper's.

use super::reference::Well;
use super::run::Outcome;
use super::spec::{ClaimSpec, FrictionSpec};
use base::error::Result;
use measurement::Estimate;
use verdict::decide::{self, Tolerance};
use verdict::{Ruling, SelfCheck, Verdict};

/// Every cell against the Klein–Kramers time, whose own accuracy is allowed.
pub fn self_checks(outcomes: &[Outcome<'_>]) -> Vec<SelfCheck> {
    let check = |o: &Outcome<'_>| {
        let exact = o.exact.value;
        let allowed = exact * o.exact.relative_error;
        let measured = o.measured.as_ref()?;
        Some(decide::self_check(&o.cell.label, measured, exact, allowed))
    };
    outcomes.iter().filter_map(check).collect()
}

/// The rulings: of each claim one at every damping, at the smallest step.
///
/// # Errors
/// No barrier lies before an exit.
pub fn rulings(
    spec: &FrictionSpec,
    well: &Well<'_>,
    outcomes: &[Outcome<'_>],
) -> Result<Vec<Ruling>> {
    let finest = spec
        .cells
        .iter()
        .map(|c| c.step)
        .fold(f64::INFINITY, f64::min);
    spec.claims
        .iter()
        .flat_map(|claim| {
            outcomes
                .iter()
                .filter(move |o| o.cell.exit == claim.exit && o.cell.step == finest)
                .map(move |o| ruling(claim, well, o))
        })
        .collect()
}

fn ruling(claim: &ClaimSpec, well: &Well<'_>, o: &Outcome<'_>) -> Result<Ruling> {
    let damping = o.cell.damping;
    let quantity = if claim.share == 1.0 {
        "mean passage time over the paper's τ".to_string()
    } else {
        format!("mean passage time over {} of the paper's τ", claim.share)
    };
    let mut ruling = claim.stated.open(&quantity, claim.tolerance);
    ruling.case = format!("{}, γ = {damping}", claim.stated.case);
    ruling.paper = Some(1.0);
    let unit = claim.share * o.paper;
    ruling.exact = Some(o.exact.value / unit);
    let Some(mean) = &o.mean else {
        ruling.why = "A particle was still inside at the last step, or diverged.".into();
        return Ok(ruling);
    };
    let ratio = Estimate {
        value: mean.value.map(|t| t / unit),
        ci_low: mean.ci_low / unit,
        ci_high: mean.ci_high / unit,
        ..mean.clone()
    };
    let (verdict, why) = decide::value(&ratio, 1.0, Tolerance::Relative(claim.tolerance));
    ruling.measured = Some(ratio);
    let conditions = well.conditions(damping, o.cell.exit)?;
    match conditions.iter().find(|c| !c.holds()) {
        Some(condition) => {
            ruling.verdict = Verdict::OutOfScope;
            ruling.why = format!("A condition of the theory fails: {condition}. Beside it: {why}");
        }
        None => (ruling.verdict, ruling.why) = (verdict, why),
    }
    Ok(claim.stated.explained(ruling))
}
