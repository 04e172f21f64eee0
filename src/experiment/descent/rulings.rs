//! From outcomes to rulings.

use super::run::Outcome;
use super::spec::{ClaimSpec, Criterion, DescentSpec};
use crate::claim::together;
use measurement::order::local_order;
use measurement::{Estimate, Sampled};
use verdict::decide::{self, Side, Tolerance};
use verdict::{Ruling, SelfCheck, Verdict};

/// Both measured means against the exact change.
pub fn self_checks(spec: &DescentSpec, outcomes: &[Outcome]) -> Vec<SelfCheck> {
    let mut checks = Vec::new();
    for o in outcomes {
        for (name, found, exact) in [
            ("E ΔL", o.found.change, o.exact),
            ("E ΔL + η|∇L|²", o.found.second, o.exact + o.first),
        ] {
            let id = format!("{}: {name}", spec.label(o.eta));
            let n = spec.particles - o.found.diverged;
            let measured = Sampled::student(found.mean, found.standard_error, n);
            checks.push(decide::self_check(&id, &measured, exact, 0.0));
        }
    }
    checks
}

/// The rulings, in the order of the file.
pub fn rulings(spec: &DescentSpec, outcomes: &[Outcome]) -> Vec<Ruling> {
    let rule = |claim: &ClaimSpec| {
        let own: Vec<&Outcome> = outcomes.iter().filter(|o| o.eta <= claim.eta_to).collect();
        let ruling = match claim.criterion {
            Criterion::Change => value(claim, &own, "E ΔL", &|o| {
                (spec.estimate(o.found.change), o.stated, o.exact)
            }),
            Criterion::SecondOrder => value(claim, &own, "E ΔL + η|∇L|²", &|o| {
                let second = spec.estimate(o.found.second);
                (second, o.stated + o.first, o.exact + o.first)
            }),
            Criterion::Remainder => remainder(claim, &own),
        };
        claim.stated.explained(ruling)
    };
    spec.claims.iter().map(rule).collect()
}

/// What is measured, stated and exact at one η.
type Read<'a> = &'a dyn Fn(&Outcome) -> (Estimate, f64, f64);

/// Every η against the lemma; shown is the one that is furthest from it.
fn value(claim: &ClaimSpec, own: &[&Outcome], what: &str, read: Read) -> Ruling {
    let mut ruling = claim.stated.open(what, claim.margin);
    let mut verdicts = Vec::new();
    let mut furthest = f64::NEG_INFINITY;
    for o in own {
        let (measured, stated, exact) = read(o);
        let (verdict, why) = decide::value(&measured, stated, Tolerance::Relative(claim.margin));
        let off = (measured.value.unwrap_or(f64::NAN) / stated - 1.0).abs();
        verdicts.push(verdict);
        if off > furthest || off.is_nan() {
            furthest = off;
            ruling.quantity = format!("{what} at η = {}, where it is furthest off", o.eta);
            ruling.why = why;
            ruling.paper = Some(stated);
            ruling.exact = Some(exact);
            ruling.measured = Some(measured);
        }
    }
    ruling.verdict = together(verdicts.into_iter());
    ruling
}

/// The order of what the lemma leaves out, by the exact change.
fn remainder(claim: &ClaimSpec, own: &[&Outcome]) -> Ruling {
    let what = "order in η of E ΔL less the lemma's";
    let mut ruling = claim.stated.open(what, claim.margin);
    let x: Vec<f64> = own.iter().map(|o| o.eta.ln()).collect();
    let y: Vec<f64> = own
        .iter()
        .map(|o| (o.exact - o.stated).abs().ln())
        .collect();
    match local_order(&x, &y) {
        Err(error) => {
            ruling.verdict = Verdict::NotDecidedHere;
            ruling.why = format!("There is no remainder to fit: {error}.");
        }
        Ok(order) => {
            (ruling.verdict, ruling.why) = decide::bound(&order, claim.margin, Side::AtLeast);
            ruling.paper = Some(2.0);
            ruling.measured = Some(order);
        }
    }
    ruling
}
