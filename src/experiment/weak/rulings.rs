//! From distances to rulings.

use super::claim::{ClaimSpec, Criterion};
use super::distance::{Distance, Quantity};
use super::order::order;
use super::run::is;
use super::simulate::Finished;
use super::spec::{Family, Surface, WeakSpec, eta};
use base::error::Result;
use measurement::{Estimate, Sampled};
use prediction::exact::linear::{LinearRule, Recursion};
use prediction::theory::marginal_value::weak_order;
use verdict::decide::{self, Side, Tolerance};
use verdict::{Range, Ruling, SelfCheck};

/// The simulation against the recursion, at the time where the latter's distance is largest.
pub fn self_checks(spec: &WeakSpec, cells: &[(u32, &Finished)]) -> Vec<SelfCheck> {
    let mut checks = Vec::new();
    for (power, done) in cells {
        for &family in &spec.families {
            let Some(pair) = spec.pair(family, eta(*power)) else {
                continue;
            };
            for quantity in Quantity::ALL {
                let looks = || done.looks.iter().filter(|l| is(l, family.alpha, quantity));
                let mut exact: Vec<(u64, f64)> = Vec::new();
                let followed = pair.follow(spec.horizon, |step, apart| {
                    if looks().any(|l| l.step == step) {
                        exact.push((step, quantity.of(&apart)));
                    }
                });
                let worst = exact.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
                let (Ok(()), Some(&(step, value))) = (followed, worst) else {
                    continue;
                };
                let id = format!(
                    "{}/eta=2^-{power}/alpha={}: {} at step {step}",
                    spec.name,
                    family.alpha,
                    quantity.symbol().trim_start_matches("sup ")
                );
                checks.extend(
                    looks()
                        .find(|l| l.step == step)
                        .map(|l| Sampled::student(l.value, l.standard_error, l.n))
                        .map(|measured| decide::self_check(&id, &measured, value, 0.0)),
                );
            }
        }
    }
    checks
}

/// The rulings: in the order of the file, one for every α.
pub fn rulings(spec: &WeakSpec, distances: &[Distance]) -> Vec<Ruling> {
    let each = |claim: &ClaimSpec| -> Vec<Ruling> {
        let one = |family: &Family| ruling(spec, claim, *family, distances);
        claim.families.iter().map(one).collect()
    };
    spec.claims.iter().flat_map(each).collect()
}

fn ruling(spec: &WeakSpec, claim: &ClaimSpec, family: Family, all: &[Distance]) -> Ruling {
    let own: Vec<&Distance> = all
        .iter()
        .filter(|d| d.family == family && d.quantity == claim.quantity && d.exact == claim.exact)
        .filter(|d| (claim.powers.0..=claim.powers.1).contains(&d.power))
        .collect();
    let mut ruling = claim.stated.open("", claim.margin.unwrap_or(0.0));
    ruling.case += &format!(", α = {}", family.alpha);
    let decided = match claim.criterion {
        Criterion::Limit => limit(spec, claim, family, &own, &mut ruling),
        Criterion::Stationary => stationary(spec, claim, family, &mut ruling),
        _ => slope(spec, claim, family, &own, &mut ruling),
    };
    if let Err(error) = decided {
        ruling.why = format!("Not decided: {error}.");
        return ruling;
    }
    claim.stated.explained(ruling)
}

/// The fitted order, against the bound or the value of the criterion.
fn slope(
    spec: &WeakSpec,
    claim: &ClaimSpec,
    family: Family,
    own: &[&Distance],
    ruling: &mut Ruling,
) -> Result<()> {
    let fitted = order(own, spec.confidence)?;
    ruling.quantity = format!(
        "order in η of {}, η = 2^−{} to 2^−{}",
        claim.quantity.symbol(),
        claim.powers.0,
        claim.powers.1
    );
    let lag = 1.0 - family.alpha;
    let margin = claim.margin.unwrap_or(0.25 * lag);
    if claim.criterion != Criterion::Bound {
        ruling.tolerance = margin;
    }
    let claimed = match claim.criterion {
        Criterion::Weak => Some(lag),
        Criterion::Strong => Some(0.5 * lag),
        Criterion::Stays => Some(0.0),
        _ => None,
    };
    let (allowed, (verdict, why)) = match claimed {
        Some(order) => (
            Range::about(order, Tolerance::Absolute(margin)),
            decide::order(&fitted, order, margin),
        ),
        None => {
            let least = weak_order(family.alpha)?;
            (
                Range::of(Side::AtLeast, least),
                decide::bound(&fitted, least, Side::AtLeast),
            )
        }
    };
    (ruling.verdict, ruling.why) = (verdict, why);
    ruling.allowed = Some(allowed);
    ruling.paper = weak_order(family.alpha).ok();
    ruling.measured = Some(fitted);
    Ok(())
}

/// The distance at the smallest η, against that of the two limiting processes.
fn limit(
    spec: &WeakSpec,
    claim: &ClaimSpec,
    family: Family,
    own: &[&Distance],
    ruling: &mut Ruling,
) -> Result<()> {
    let (Some(limit), Some(finest)) = (spec.limit(family), own.last()) else {
        return Ok(());
    };
    let (mean, second) = limit.apart(spec.horizon)?;
    let value = match claim.quantity {
        Quantity::Mean => mean,
        _ => second,
    };
    ruling.quantity = format!("{} at η = 2^−{}", claim.quantity.symbol(), finest.power);
    let tolerance = Tolerance::Relative(ruling.tolerance);
    (ruling.verdict, ruling.why) = decide::value(&finest.estimate, value, tolerance);
    ruling.exact = Some(value);
    ruling.measured = Some(finest.estimate.clone());
    Ok(())
}

/// Var x of SGDM over that of SGD in their stationary laws at the smallest η.
fn stationary(
    spec: &WeakSpec,
    claim: &ClaimSpec,
    family: Family,
    ruling: &mut Ruling,
) -> Result<()> {
    let Surface::Quadratic { h } = spec.surface else {
        return Ok(());
    };
    let step = eta(claim.powers.1);
    let variance = |rule| -> Result<f64> {
        let recursion = Recursion::scalar(rule, step, h, spec.sigma / step)?;
        Ok(recursion
            .stationary()
            .map_or(f64::NAN, |law| law.theta[(0, 0)]))
    };
    let beta1 = family.beta(step)?;
    let ratio = variance(LinearRule::Sgdm { beta1 })? / variance(LinearRule::Sgd)?;
    let found = Estimate::exact(ratio, "discrete Lyapunov equation");
    ruling.quantity = format!(
        "stationary Var x of SGDM over SGD's at η = 2^−{}",
        claim.powers.1
    );
    (ruling.verdict, ruling.why) =
        decide::value(&found, 1.0, Tolerance::Relative(ruling.tolerance));
    ruling.exact = Some(1.0);
    ruling.measured = Some(found);
    Ok(())
}
