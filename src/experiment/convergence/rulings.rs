//! From outcomes to rulings.

use super::run::Outcome;
use super::spec::{ClaimSpec, ConvergenceSpec, Criterion};
use measurement::{Sampled, regression};
use verdict::decide::{self, Side};
use verdict::{Ruling, SelfCheck};

/// The slope that the theorems state.
const SLOPE: f64 = -0.5;

/// Measured against exact, where the rule is linear. The least of many looks is not chosen at random: it is
/// compared with the exact value at the very step where it was found, and is the smaller for having been
/// picked, by a standard error or two at most.
pub fn self_checks(outcomes: &[Outcome]) -> Vec<SelfCheck> {
    outcomes
        .iter()
        .filter_map(|o| {
            let id = format!("convergence/{}/t={}", o.series, o.steps);
            let measured = Sampled::student(o.least.mean, o.least.standard_error, o.n);
            Some(decide::self_check(&id, &measured, o.exact?, 0.0))
        })
        .collect()
}

/// The rulings, in the order of the file.
pub fn rulings(spec: &ConvergenceSpec, outcomes: &[Outcome]) -> Vec<Ruling> {
    spec.claims
        .iter()
        .map(|claim| {
            let own: Vec<&Outcome> = outcomes
                .iter()
                .filter(|o| o.series == claim.series)
                .collect();
            let ruling = match claim.criterion {
                Criterion::Order => order(spec, claim, &own),
                Criterion::Bound => bounded(spec, claim, &own),
            };
            claim.stated.explained(ruling)
        })
        .collect()
}

/// The slope of ln min E‖∇L‖² against ln t, at most −½ + δ.
fn order(spec: &ConvergenceSpec, claim: &ClaimSpec, own: &[&Outcome]) -> Ruling {
    let mut ruling = claim.open("d ln min E‖∇L‖² / d ln t");
    ruling.paper = Some(SLOPE);
    let x: Vec<f64> = own.iter().map(|o| (o.steps as f64).ln()).collect();
    let y: Vec<f64> = own.iter().map(|o| o.least.mean.ln()).collect();
    let sigma: Vec<f64> = own
        .iter()
        .map(|o| o.least.standard_error / o.least.mean)
        .collect();
    let exact: Option<Vec<f64>> = own.iter().map(|o| o.exact.map(f64::ln)).collect();
    if let Some(exact) = exact {
        let fit = regression::line(&x, &exact, &vec![1.0; x.len()]);
        ruling.exact = fit.ok().and_then(|fit| fit.coefficients.get(1).copied());
    }
    match regression::line(&x, &y, &sigma).and_then(|f| f.coefficient(1, spec.confidence)) {
        Ok(slope) => {
            (ruling.verdict, ruling.why) =
                decide::bound(&slope, SLOPE + claim.tolerance, Side::AtMost);
            ruling.measured = Some(slope);
        }
        Err(error) => ruling.why = error.to_string(),
    }
    ruling
}

/// Measured over bound, where it is largest, at most 1.
fn bounded(spec: &ConvergenceSpec, claim: &ClaimSpec, own: &[&Outcome]) -> Ruling {
    let mut ruling = claim.open("min E‖∇L‖² over the bound, where it is largest");
    ruling.paper = Some(1.0);
    let with = own.iter().filter_map(|o| Some((o, o.bound?)));
    let tightest = with
        .clone()
        .max_by(|a, b| (a.0.least.mean / a.1).total_cmp(&(b.0.least.mean / b.1)));
    let Some((o, bound)) = tightest else {
        ruling.why = "There is no bound for this rule at these rates.".into();
        return ruling;
    };
    let mut ratio = o.estimate(spec.confidence);
    ratio.value = ratio.value.map(|v| v / bound);
    ratio.ci_low /= bound;
    ratio.ci_high /= bound;
    (ruling.verdict, ruling.why) = decide::bound(&ratio, 1.0, Side::AtMost);
    let loosest = with.map(|(o, b)| b / o.least.mean).fold(0.0, f64::max);
    ruling.why = format!(
        "{}: the bound is {:.1} times too large at t = {}, where it is tightest, and {loosest:.1} times where it is loosest",
        ruling.why.trim_end_matches('.'),
        bound / o.least.mean,
        o.steps
    );
    ruling.exact = o.exact.map(|e| e / bound);
    ruling.measured = Some(ratio);
    ruling
}
