//! From looks to rulings: each `[[claim]]` of the file, point by point.

use super::look::Look;
use super::quantity::{Labels, Quantity};
use super::spec::{ClaimSpec, CovarianceSpec};
use crate::protocol::points::Seen;
use base::error::Result;
use measurement::Estimate;
use verdict::Ruling;

/// The rulings, in the order of the file.
pub fn rulings(spec: &CovarianceSpec, seen: &[Seen<Look>]) -> Vec<Ruling> {
    let of = |claim: &ClaimSpec| {
        let there = |seen: &&Seen<Look>| {
            let compared = |look: &Look| claim.labels.of(look).is_some();
            claim.points.holds(&seen.point) && seen.each.iter().any(compared)
        };
        let own = seen.iter().filter(there);
        own.map(|point| rule(spec, claim, point))
            .collect::<Vec<_>>()
    };
    spec.claims.iter().flat_map(of).collect()
}

/// A quantity over seeds.
///
/// # Errors
/// Fewer than two seeds have it.
pub fn estimate(
    spec: &CovarianceSpec,
    seen: &Seen<Look>,
    labels: Labels,
    quantity: Quantity,
) -> Result<Estimate> {
    let own = seen.each.iter().filter_map(|look| labels.of(look));
    let values = own.map(|comparison| quantity.of(comparison, spec.decades));
    quantity.over_seeds(values, spec.confidence)
}

fn rule(spec: &CovarianceSpec, claim: &ClaimSpec, seen: &Seen<Look>) -> Ruling {
    let words = format!("{}, {}", claim.quantity.words(), claim.labels.words());
    let mut ruling = claim.stated.open(&words, 0.0);
    ruling.case = format!("{}: {}", claim.stated.case, seen.point.name);
    if (claim.labels, claim.quantity) == (Labels::Model, Quantity::Constant) {
        ruling.exact = Some(1.0 - 1.0 / spec.points.task.data.train_size().unwrap_or(0) as f64);
    }
    match estimate(spec, seen, claim.labels, claim.quantity) {
        Err(error) => ruling.why = error.to_string(),
        Ok(found) => claim.criterion.decide(found, &mut ruling),
    }
    claim.stated.explained(ruling)
}
