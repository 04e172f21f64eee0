//! From looks to rulings.

use super::run::{Look, over_seeds};
use super::spec::{ClaimSpec, Criterion, GradientNoiseSpec, Source};
use crate::claim::together;
use measurement::mean::Moments;
use measurement::{Estimate, Sampled};
use verdict::decide::{self, Side, Tolerance};
use verdict::{Ruling, SelfCheck, Verdict};

/// With labels drawn from the model, E C₁ = H(1 − 1/n) exactly.
pub fn self_checks(spec: &GradientNoiseSpec, looks: &[Look]) -> Vec<SelfCheck> {
    let n = spec.examples as f64;
    spec.steps
        .iter()
        .map(|step| {
            let own = looks.iter().filter(|look| look.step == *step && look.drawn);
            let ratios: Moments = own.map(|look| look.seen.ratio).collect();
            let id = format!("gradient-noise/labels=model/step={step}");
            decide::self_check(&id, &Sampled::mean(&ratios), 1.0 - 1.0 / n, 0.0)
        })
        .collect()
}

/// The rulings, in the order of the file.
pub fn rulings(spec: &GradientNoiseSpec, looks: &[Look]) -> Vec<Ruling> {
    spec.claims
        .iter()
        .map(|claim| rule(spec, claim, looks))
        .collect()
}

fn rule(spec: &GradientNoiseSpec, claim: &ClaimSpec, looks: &[Look]) -> Ruling {
    let covered = spec
        .steps
        .iter()
        .filter(|step| (claim.from..=claim.to).contains(*step));
    let mut held: Vec<(u64, Estimate, Verdict, f64)> = Vec::new();
    for &step in covered {
        let estimate = over_seeds(looks, step, claim.labels, spec.confidence, |c| match claim
            .criterion
        {
            Criterion::Constant => c.ratio,
            Criterion::Shape => c.rank,
        });
        let Ok(estimate) = estimate else { continue };
        let (verdict, _) = match claim.criterion {
            Criterion::Constant => {
                decide::value(&estimate, 1.0, Tolerance::Relative(claim.tolerance))
            }
            Criterion::Shape => decide::bound(&estimate, 1.0 - claim.tolerance, Side::AtLeast),
        };
        let distance = estimate.value.map_or(f64::INFINITY, |v| (v - 1.0).abs());
        held.push((step, estimate, verdict, distance));
    }
    let quantity = match claim.criterion {
        Criterion::Constant => "tr C₁/tr H, where it is furthest from 1",
        Criterion::Shape => {
            "rank correlation of C's diagonal with H's eigenvalues, where it is least"
        }
    };
    let mut ruling = claim.stated.open(quantity, claim.tolerance);
    ruling.paper = Some(1.0);
    let Some(worst) = held.iter().max_by(|a, b| a.3.total_cmp(&b.3)) else {
        ruling.why = "Fewer than two seeds.".into();
        return ruling;
    };
    let count = |verdict: Verdict| held.iter().filter(|h| h.2 == verdict).count();
    let (confirmed, refuted) = (count(Verdict::Confirmed), count(Verdict::Refuted));
    ruling.verdict = together(held.iter().map(|h| h.2));
    if claim.criterion == Criterion::Constant && claim.labels == Source::Model {
        ruling.exact = Some(1.0 - 1.0 / spec.examples as f64);
    }
    ruling.why = format!(
        "Confirmed at {confirmed} of {} looks, refuted at {refuted}; furthest after {} steps: {:.4} in [{:.4}, {:.4}].",
        held.len(),
        worst.0,
        worst.1.value.unwrap_or(f64::NAN),
        worst.1.ci_low,
        worst.1.ci_high
    );
    ruling.measured = Some(worst.1.clone());
    claim.stated.explained(ruling)
}
