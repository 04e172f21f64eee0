//! From outcomes to rulings: at every damping the measured time over the paper's.

use super::reference::Well;
use super::run::Outcome;
use super::spec::{ClaimSpec, FrictionSpec};
use base::error::Result;
use measurement::Estimate;
use report::number::significant;
use verdict::decide::{self, Tolerance};
use verdict::{Ruling, SelfCheck, Verdict};

/// Every cell against the Klein–Kramers time, whose own accuracy is allowed, and the bias of the step, which another step of
/// the same cell shows. With one step alone it is not known, and there is no verdict.
pub fn self_checks(outcomes: &[Outcome<'_>]) -> Vec<SelfCheck> {
    let check = |o: &Outcome<'_>| {
        let exact = o.exact.value;
        let accuracy = exact * o.exact.relative_error;
        let measured = o.measured.as_ref()?;
        let bias = step_bias(o, outcomes);
        let allowed = accuracy + bias.unwrap_or(0.0);
        let check = decide::self_check(&o.cell.label, measured, exact, allowed);
        let Some(bias) = bias else {
            return Some(SelfCheck {
                passed: None,
                z: None,
                p: None,
                why: format!(
                    "what the time step does to the time is not known; give half the step beside it. Without it: {}",
                    check.why
                ),
                ..check
            });
        };
        let of_bias = format!(
            "; of that {} for the bias of the time step, by another step",
            significant(bias, 2)
        );
        let why = check.why.clone() + check.passed.map_or("", |_| &of_bias);
        Some(SelfCheck { why, ..check })
    };
    outcomes.iter().filter_map(check).collect()
}

/// The most that a bias of first order or higher in h is: with m′ the mean time at the nearest other step h′, |m − m′| h/|h − h′|.
fn step_bias(o: &Outcome<'_>, outcomes: &[Outcome<'_>]) -> Option<f64> {
    let h = o.cell.step;
    let beside = |other: &&Outcome<'_>| {
        let cell = other.cell;
        cell.step != h && cell.damping == o.cell.damping && cell.exit == o.cell.exit
    };
    let ratio = |other: &Outcome<'_>| (other.cell.step / h).ln().abs();
    let nearest = outcomes
        .iter()
        .filter(beside)
        .min_by(|a, b| ratio(a).total_cmp(&ratio(b)))?;
    let apart = o.measured.as_ref()?.value - nearest.measured.as_ref()?.value;
    Some((apart * h / (h - nearest.cell.step)).abs())
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
    let ratio = mean.clone().over(unit);
    // What the scheme's step does to the time is what parts it from the exact one, which is known.
    let exact = Estimate {
        ci_low: o.exact.value * (1.0 - o.exact.relative_error) / unit,
        ci_high: o.exact.value * (1.0 + o.exact.relative_error) / unit,
        ..ratio.clone()
    };
    let biased = ratio.ci_low > exact.ci_high || ratio.ci_high < exact.ci_low;
    let ratio = ratio.or(&exact);
    let (verdict, mut why) = decide::value(&ratio, 1.0, Tolerance::Relative(claim.tolerance));
    if biased {
        let bias = 100.0 * (mean.value.unwrap_or(f64::NAN) / o.exact.value - 1.0);
        why += &format!(
            "; the bias of the time step, about {bias:+.2} %, lies in the interval, which a smaller step narrows"
        );
    }
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
