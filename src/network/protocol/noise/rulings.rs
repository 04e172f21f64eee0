//! From looks to rulings: each `[[claim]]` of the file, at every point and B; and the self-checks.

use super::look::{Look, OfBatch};
use super::quantity::{Over, Quantity};
use super::spec::{ClaimSpec, NoiseSpec};
use crate::protocol::points::Seen;
use base::error::Result;
use measurement::mean::over_seeds;
use measurement::{Estimate, Sampled};
use verdict::decide::self_check;
use verdict::{Ruling, SelfCheck};

/// The rulings, in the order of the file.
pub fn rulings(spec: &NoiseSpec, seen: &[Seen<Look>]) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for claim in &spec.claims {
        for point in seen.iter().filter(|s| claim.points.holds(&s.point)) {
            for &batch in &claim.batches {
                rulings.push(rule(spec, claim, point, batch));
            }
        }
    }
    rulings
}

/// Minibatches of that size, seed by seed.
pub fn of_size(seen: &Seen<Look>, batch: u64) -> impl Iterator<Item = &OfBatch> {
    let all = seen.each.iter().flat_map(|look| &look.batches);
    all.filter(move |own| own.batch == batch)
}

/// A quantity over seeds.
///
/// # Errors
/// Fewer than two seeds have it.
pub fn estimate(
    spec: &NoiseSpec,
    seen: &Seen<Look>,
    batch: u64,
    over: Over,
    quantity: Quantity,
) -> Result<Estimate> {
    let values = of_size(seen, batch).map(|own| quantity.of(over, own));
    let found = over_seeds(values, spec.confidence)?;
    Ok(if quantity == Quantity::Pass {
        found.within((0.0, 1.0))
    } else {
        found
    })
}

fn rule(spec: &NoiseSpec, claim: &ClaimSpec, seen: &Seen<Look>, batch: u64) -> Ruling {
    let words = format!("{}, {}", claim.quantity.words(), claim.over.words());
    let mut ruling = claim.stated.open(&words, 0.0);
    ruling.case = format!("{}: {}, B = {batch}", claim.stated.case, seen.point.name);
    match estimate(spec, seen, batch, claim.over, claim.quantity) {
        Err(error) => ruling.why = error.to_string(),
        Ok(found) => claim.criterion.decide(found, &mut ruling),
    }
    claim.stated.explained(ruling)
}

/// The excess kurtosis across minibatches against κ₁/B, which is exact for batches drawn with replacement.
pub fn self_checks(spec: &NoiseSpec, seen: &[Seen<Look>]) -> Vec<SelfCheck> {
    let mut checks = Vec::new();
    for point in seen {
        for &batch in &spec.measure.batches {
            for over in [Over::Minibatches, Over::Projections] {
                let all = || of_size(point, batch).filter_map(|own| over.fourth(own));
                let n = all().count() as f64;
                let mean = |of: fn(&super::look::Fourth) -> f64| all().map(of).sum::<f64>() / n;
                let error = all().map(|f| f.error.powi(2)).sum::<f64>().sqrt() / n;
                // Each error comes from the scatter over minibatches.
                let measured = Sampled::student(mean(|f| f.mean), error, spec.measure.minibatches);
                let id = format!(
                    "{}, B = {batch}: mean excess kurtosis against κ₁/B, {}",
                    point.point.name,
                    over.words()
                );
                checks.push(self_check(&id, &measured, mean(|f| f.exact), 0.0));
            }
        }
    }
    checks
}
