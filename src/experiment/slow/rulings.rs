//! From cells to rulings.

use super::claim::{ClaimSpec, Criterion};
use super::run::Outcome;
use super::spec::SlowSpec;
use base::error::Result;
use measurement::Sampled;
use measurement::kolmogorov::power;
use measurement::regression::line;
use verdict::decide::{self, Side, Tolerance};
use verdict::{Ruling, SelfCheck};

/// The fast variable against its stationary law at a fixed place along the valley.
///
/// The place moves while the walls relax, in about 1/η steps, and the momentum in 1/(1 − β): what v remembers of
/// the curvature is off by a fraction of order η + η²/(1 − β), which is allowed beside chance.
pub fn self_checks(outcomes: &[Outcome]) -> Vec<SelfCheck> {
    let check = |(cell, found): &Outcome| {
        let (mean, error) = found.across?;
        let measured = Sampled::student(mean, error, found.mean.n);
        let id = format!("{}: variance across the valley", cell.label);
        let moved = cell.eta * cell.eta / (1.0 - cell.beta) + cell.eta;
        Some(decide::self_check(&id, &measured, 1.0, moved))
    };
    outcomes.iter().filter_map(check).collect()
}

/// The rulings, in the order of the file, one for every series.
///
/// # Errors
/// The slow law is not defined.
pub fn rulings(spec: &SlowSpec, outcomes: &[Outcome]) -> Result<Vec<Ruling>> {
    let mut all = Vec::new();
    for claim in &spec.claims {
        for series in &claim.series {
            let own: Vec<&Outcome> = outcomes
                .iter()
                .filter(|(c, _)| c.problem.name() == claim.problem && c.series == *series)
                .collect();
            all.push(ruling(spec, claim, series, &own)?);
        }
    }
    Ok(all)
}

/// `own` is ordered by falling η.
fn ruling(spec: &SlowSpec, claim: &ClaimSpec, series: &str, own: &[&Outcome]) -> Result<Ruling> {
    let mut ruling = claim.stated.open("", claim.margin);
    ruling.case += &format!(", {series}");
    let Some((cell, found)) = own.last() else {
        ruling.why = "There is no cell of this series.".into();
        return Ok(ruling);
    };
    let eta = cell.eta;
    let absolute = Tolerance::Absolute(claim.margin);
    let decided = match claim.criterion {
        Criterion::Law => found.distance.as_ref().map(|distance| {
            ruling.quantity = format!("Kolmogorov distance from the slow law at η = {eta}");
            ruling.paper = Some(0.0);
            let power = power(distance.n, claim.margin, distance.confidence)?;
            let decided = decide::equal_laws(distance, claim.margin, power);
            Ok((decided, distance.clone()))
        }),
        Criterion::Mean => {
            ruling.quantity = format!("mean at η = {eta}");
            let limit = cell.problem.mean(spec.tau)?;
            ruling.paper = Some(limit);
            let decided = decide::value(&found.mean, limit, absolute);
            Some(Ok((decided, found.mean.clone())))
        }
        Criterion::Variance => {
            ruling.quantity = format!("variance at η = {eta}");
            let limit = cell.problem.spread(spec.tau)?;
            ruling.paper = Some(limit);
            let decided = decide::value(&found.variance, limit, absolute);
            Some(Ok((decided, found.variance.clone())))
        }
        Criterion::Bias => {
            ruling.quantity = "order in η of |mean − that of the slow law|".into();
            let limit = cell.problem.mean(spec.tau)?;
            let (mut x, mut y, mut sigma) = (Vec::new(), Vec::new(), Vec::new());
            for (cell, found) in own {
                let bias = (found.mean.value.unwrap_or(f64::NAN) - limit).abs();
                x.push(cell.eta.ln());
                y.push(bias.ln());
                sigma.push(found.mean_error / bias);
            }
            let fitted = line(&x, &y, &sigma).and_then(|fit| fit.coefficient(1, spec.confidence));
            Some(fitted.map(|order| {
                let decided = decide::bound(&order, claim.margin, Side::AtLeast);
                (decided, order)
            }))
        }
    };
    match decided {
        Some(Ok(((verdict, why), measured))) => {
            (ruling.verdict, ruling.why) = (verdict, why);
            ruling.measured = Some(measured);
            return Ok(claim.stated.explained(ruling));
        }
        Some(Err(error)) => ruling.why = format!("Not decided: {error}."),
        None => ruling.why = "The slow law is a point here.".into(),
    }
    Ok(ruling)
}
