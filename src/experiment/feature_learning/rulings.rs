//! From outcomes to rulings: each `[[claim]]` of the file, by its criterion, cell by cell.

use super::cell::{Cell, Varied};
use super::claim::{ClaimSpec, Criterion};
use super::outcome::{Outcome, Quantity};
use super::spec::FeatureSpec;
use crate::limit::Limit;
use base::error::Result;
use measurement::Estimate;
use measurement::mean::over_seeds;
use measurement::regression;
use prediction::theory::feature_learning::lemma_bound;
use verdict::Ruling;
use verdict::decide;

/// The rulings of an experiment.
pub fn rulings(spec: &FeatureSpec, outcomes: &[Outcome<'_>]) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for claim in &spec.claims {
        let own: Vec<&Outcome<'_>> = outcomes
            .iter()
            .filter(|o| claim.speaks_of(o.cell))
            .collect();
        let found: Vec<Ruling> = match &claim.criterion {
            Criterion::Limit {
                quantity,
                against,
                limit,
            } => own
                .iter()
                .map(|o| {
                    let other = against.as_ref().map(|series| partner(o, series, outcomes));
                    by_limit(spec, claim, o, *quantity, other, *limit)
                })
                .collect(),
            Criterion::Slope {
                quantity,
                slope,
                tolerance,
            } => vec![by_slope(spec, claim, &own, *quantity, *slope, *tolerance)],
        };
        rulings.extend(
            found
                .into_iter()
                .map(|ruling| claim.stated.explained(ruling)),
        );
    }
    rulings
}

/// What a ruling on a cell is called.
pub fn case(claim: &ClaimSpec, cell: &Cell, varied: Varied) -> String {
    format!("{}: {}", claim.stated.case, cell.short(varied))
}

/// The cell of another series at the same η and d.
fn partner<'a, 'b>(
    own: &Outcome<'_>,
    series: &str,
    outcomes: &'b [Outcome<'a>],
) -> Option<&'b Outcome<'a>> {
    outcomes.iter().find(|o| {
        o.cell.series == series && o.cell.eta() == own.cell.eta() && o.cell.law == own.cell.law
    })
}

fn by_limit(
    spec: &FeatureSpec,
    claim: &ClaimSpec,
    own: &Outcome<'_>,
    quantity: Quantity,
    other: Option<Option<&Outcome<'_>>>,
    limit: Limit,
) -> Ruling {
    let mut words = quantity.words().to_string();
    let estimate: Result<Estimate> = match other {
        None => own.estimate(quantity, spec.confidence),
        Some(other) => {
            let subtracted: Vec<f64> = other.map_or(Vec::new(), |o| o.values(quantity).collect());
            let name = other.map_or("no such cell", |o| o.cell.series.as_str());
            words += &format!(", less that of {name}, seed by seed");
            let pairs = own.values(quantity).zip(subtracted);
            over_seeds(pairs.map(|(a, b)| a - b), spec.confidence)
        }
    };
    let mut ruling = claim.stated.open(&words, 0.0);
    ruling.case = case(claim, own.cell, spec.varied());
    ruling.role = claim.role(own.cell);
    match estimate {
        Err(error) => ruling.why = error.to_string(),
        Ok(found) => limit.decide(found, &mut ruling),
    }
    ruling
}

/// The slope of log quantity against log 1/(1 − γ), fitted seed by seed, so that cells may share their seeds.
fn by_slope(
    spec: &FeatureSpec,
    claim: &ClaimSpec,
    own: &[&Outcome<'_>],
    quantity: Quantity,
    slope: f64,
    tolerance: f64,
) -> Ruling {
    let x: Vec<f64> = own
        .iter()
        .map(|o| -(1.0 - o.cell.gamma().unwrap_or(f64::NAN)).ln())
        .collect();
    let seeds = own.iter().map(|o| o.runs.len()).min().unwrap_or(0);
    let columns: Vec<Vec<f64>> = own.iter().map(|o| o.values(quantity).collect()).collect();
    let slopes = (0..seeds).map(|seed| {
        let y: Vec<f64> = columns.iter().map(|column| column[seed].ln()).collect();
        regression::line(&x, &y, &vec![1.0; x.len()])
            .ok()
            .and_then(|fit| fit.coefficients.get(1).copied())
            .unwrap_or(f64::NAN)
    });
    let words = format!("d log ({}) / d log 1/(1 − γ)", quantity.words());
    let mut ruling = claim.stated.open(&words, tolerance);
    let roles = own.iter().map(|o| claim.role(o.cell));
    ruling.role = roles.min().unwrap_or(claim.stated.role);
    ruling.paper = Some(slope);
    match over_seeds(slopes, spec.confidence) {
        Err(error) => ruling.why = error.to_string(),
        Ok(found) => {
            (ruling.verdict, ruling.why) = decide::order(&found, slope, tolerance);
            let bounds: Vec<String> = own
                .iter()
                .filter_map(|o| {
                    let gamma = o.cell.gamma()?;
                    let bound = lemma_bound(o.cell.law.alpha, gamma);
                    let mean = o.estimate(quantity, spec.confidence).ok()?.value?;
                    Some(format!("{:.2} at γ = {gamma}", mean / bound))
                })
                .collect();
            ruling.why += &format!(
                "; measured over 1/(√(1 − γ) α), the lemma's bound without its constant: {}",
                bounds.join(", ")
            );
            ruling.measured = Some(found);
        }
    }
    ruling
}
