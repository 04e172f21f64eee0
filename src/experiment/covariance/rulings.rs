//! From outcomes to rulings: each `[[claim]]` over every observation that it covers.

use std::collections::HashMap;

use super::claim::{Against, ClaimSpec};
use super::observation::Observation;
use super::run::Outcome;
use super::spec::CovarianceSpec;
use crate::claim::together;
use measurement::Estimate;
use verdict::decide::{self, Tolerance};
use verdict::{Rival, Ruling, SelfCheck, Verdict};

/// Every observation that has an exact value, held against it.
///
/// Where an exact value is known the rule is linear and the noise Gaussian, and so is θ: an entry of the sample
/// covariance is a mean of products of two normals, whose law its exact variances and correlation give.
pub fn self_checks(outcomes: &[Outcome]) -> Vec<SelfCheck> {
    let mut checks = Vec::new();
    for outcome in outcomes {
        let variances: HashMap<(u64, &str, usize), f64> = outcome
            .seen
            .iter()
            .filter(|(o, _, _)| o.i == o.j)
            .filter_map(|(o, _, exact)| Some(((o.step, o.quantity.key(), o.i), (*exact)?)))
            .collect();
        for (o, _, exact) in &outcome.seen {
            let variance = |i: usize| variances.get(&(o.step, o.quantity.key(), i));
            if let (Some(exact), Some(x), Some(y)) = (exact, variance(o.i), variance(o.j)) {
                let id = format!("{}: {}", outcome.cell.label, o.label(outcome.cell));
                checks.push(decide::self_check(
                    &id,
                    &o.against(*exact, x * y),
                    *exact,
                    0.0,
                ));
            }
        }
    }
    checks
}

/// The rulings of an experiment, in the order of its file.
pub fn rulings(spec: &CovarianceSpec, outcomes: &[Outcome]) -> Vec<Ruling> {
    spec.claims
        .iter()
        .map(|claim| rule(spec, claim, outcomes))
        .collect()
}

/// The exact value in the flattest direction at that step.
fn flattest(outcome: &Outcome, step: u64) -> Option<f64> {
    let steepness = |o: &Observation| outcome.cell.hessian[o.i][o.i].abs();
    let same = outcome.seen.iter().filter(|(o, _, _)| o.step == step);
    same.min_by(|a, b| steepness(a.0).total_cmp(&steepness(b.0)))
        .and_then(|(_, _, exact)| *exact)
}

/// One observation against the paper.
struct Held {
    place: String,
    paper: f64,
    rival: Option<Rival>,
    exact: Option<f64>,
    measured: Estimate,
    verdict: Verdict,
    /// |ln(measured/paper)|.
    distance: f64,
}

fn rule(spec: &CovarianceSpec, claim: &ClaimSpec, outcomes: &[Outcome]) -> Ruling {
    let mut held: Vec<Held> = Vec::new();
    for outcome in outcomes {
        for (o, estimate, exact) in &outcome.seen {
            if !claim.covers(outcome.cell, o) {
                continue;
            }
            let predicted = match claim.against {
                Against::Paper => claim.predicted(outcome.cell, o),
                Against::Flattest => flattest(outcome, o.step),
            };
            let Some(paper) = predicted else { continue };
            let tolerance = Tolerance::Relative(claim.tolerance);
            let (verdict, _) = decide::value(estimate, paper, tolerance);
            let distance = (o.mean / paper).ln().abs();
            held.push(Held {
                place: format!("{}, {}", outcome.cell.label, o.label(outcome.cell)),
                paper,
                rival: claim
                    .rival(outcome.cell, o)
                    .and_then(|value| Rival::against(value, estimate)),
                exact: *exact,
                measured: estimate.clone(),
                verdict,
                distance: if distance.is_nan() {
                    f64::MAX
                } else {
                    distance
                },
            });
        }
    }
    let quantity = format!("{}, where it is furthest from the prediction", spec.noun());
    let mut ruling = claim.stated.open(&quantity, claim.tolerance);
    let Some(worst) = held.iter().max_by(|a, b| a.distance.total_cmp(&b.distance)) else {
        ruling.verdict = Verdict::NotDecidedHere;
        ruling.why = "No observation is covered by this case.".into();
        return ruling;
    };
    let count = |verdict: Verdict| held.iter().filter(|h| h.verdict == verdict).count();
    let (confirmed, refuted) = (count(Verdict::Confirmed), count(Verdict::Refuted));
    ruling.verdict = together(held.iter().map(|h| h.verdict));
    let truth = worst.exact.map_or(String::new(), |exact| {
        format!(", exactly {:.6}", exact / worst.paper)
    });
    ruling.why = format!(
        "Within {} % of the prediction at {confirmed} of {} points, outside at {refuted}. Furthest at {}: measured over predicted {:.4}{truth}.",
        100.0 * claim.tolerance,
        held.len(),
        worst.place,
        worst.measured.value.unwrap_or(f64::NAN) / worst.paper,
    );
    ruling.paper = Some(worst.paper);
    if let Some(rival) = worst.rival {
        ruling.why += &format!(" There {rival}.");
        ruling.rivals.push(rival);
    }
    ruling.exact = worst.exact;
    ruling.measured = Some(worst.measured.clone());
    claim.stated.explained(ruling)
}
