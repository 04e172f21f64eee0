//! From distances to rulings, and the simulations against the exact laws.

use super::claim::ClaimSpec;
use super::run::{Cell, Curve};
use super::spec::ModifiedSpec;
use measurement::Sampled;
use measurement::order::order;
use verdict::decide;
use verdict::{Ruling, SelfCheck};

/// The rulings, in the order of the file.
pub fn rulings(spec: &ModifiedSpec, curves: &[Curve]) -> Vec<Ruling> {
    spec.claims
        .iter()
        .map(|claim| claim.stated.explained(ruling(spec, claim, curves)))
        .collect()
}

fn ruling(spec: &ModifiedSpec, claim: &ClaimSpec, curves: &[Curve]) -> Ruling {
    let mut ruling = claim.stated.open(
        &format!(
            "order in η of SGD's distance from its equation of order {}, {}",
            claim.order,
            claim.surface.name()
        ),
        claim.margin,
    );
    let expected = f64::from(claim.order);
    ruling.paper = Some(expected);
    let own = curves
        .iter()
        .find(|c| c.surface == claim.surface && c.order == claim.order);
    let fitted = own.map(|c| order(&c.eta, &c.distance, spec.confidence));
    match fitted {
        Some(Ok(fitted)) => {
            (ruling.verdict, ruling.why) = decide::order(&fitted, expected, claim.margin);
            ruling.measured = Some(fitted);
        }
        Some(Err(error)) => ruling.why = format!("Not decided: {error}."),
        None => ruling.why = "Not decided: no distances.".into(),
    }
    ruling
}

/// Every simulated mean against the exact one of SGD.
pub fn self_checks(spec: &ModifiedSpec, cells: &[Cell]) -> Vec<SelfCheck> {
    let mut checks = Vec::new();
    for cell in cells {
        let names = cell.observables();
        for (k, name) in names.into_iter().enumerate() {
            let id = format!("{}: {name}", spec.label(cell.surface, cell.power));
            let (mean, error) = (cell.found.means[k], cell.found.errors[k]);
            let n = spec.particles - cell.found.diverged;
            let measured = Sampled::student(mean, error, n);
            checks.push(decide::self_check(&id, &measured, cell.exact[k], 0.0));
        }
    }
    checks
}
