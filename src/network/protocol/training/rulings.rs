//! From outcomes to rulings: each `[[claim]]` of the file, cell by cell or for the best cells.

use super::cell::Cell;
use super::claim::{ClaimSpec, Compare, Over};
use super::outcome::Outcome;
use super::quantity::Quantity;
use super::spec::TrainingSpec;
use base::error::Result;
use measurement::Estimate;
use measurement::mean::{Moments, geometric_over_seeds, over_seeds};
use verdict::{Ruling, Verdict};

/// The rulings of an experiment.
pub fn rulings(spec: &TrainingSpec, outcomes: &[Outcome<'_>]) -> Vec<Ruling> {
    let of = |claim: &ClaimSpec| {
        pairs(claim, outcomes)
            .into_iter()
            .map(|(own, other)| ruling(spec, claim, own, other))
            .collect::<Vec<_>>()
    };
    spec.claims.iter().flat_map(of).collect()
}

/// A cell, and the one it is compared with.
type Pair<'a, 'b> = (&'b Outcome<'a>, Option<&'b Outcome<'a>>);

/// The cells that a claim speaks of, each with the one it is compared with.
pub fn pairs<'a, 'b>(claim: &ClaimSpec, outcomes: &'b [Outcome<'a>]) -> Vec<Pair<'a, 'b>> {
    let series = |name: &str| -> Vec<&'b Outcome<'a>> {
        let all: Vec<_> = outcomes.iter().filter(|o| o.cell.series == name).collect();
        match claim.over {
            Over::Cells => all,
            Over::Best => best(&all).into_iter().collect(),
        }
    };
    let own = series(&claim.series);
    let others = claim.against.as_ref().map(|name| series(name));
    let partner = |place: usize, o: &Outcome<'_>| {
        let others = others.as_ref()?;
        let cells: Vec<&Cell> = others.iter().map(|o| o.cell).collect();
        let label = &o.cell.partner(place, &cells)?.label;
        others.iter().find(|o| o.cell.label == *label).copied()
    };
    own.into_iter()
        .enumerate()
        .map(|(place, o)| (o, partner(place, o)))
        .collect()
}

/// The cell whose networks classify most test examples rightly, on average.
fn best<'a, 'b>(cells: &[&'b Outcome<'a>]) -> Option<&'b Outcome<'a>> {
    let accuracy = |o: &Outcome<'_>| {
        let mean = o.values(Quantity::TestAccuracy).collect::<Moments>().mean();
        mean.unwrap_or(f64::NEG_INFINITY)
    };
    let better = |a: &&&Outcome<'_>, b: &&&Outcome<'_>| accuracy(a).total_cmp(&accuracy(b));
    cells.iter().max_by(better).copied()
}

/// A quantity of one cell, or compared with another's, seed by seed.
pub fn compared(
    claim: &ClaimSpec,
    own: &Outcome<'_>,
    other: Option<&Outcome<'_>>,
    confidence: f64,
) -> Result<Estimate> {
    let Some(other) = other else {
        return own.estimate(claim.quantity, confidence);
    };
    let pairs = own.values(claim.quantity).zip(other.values(claim.quantity));
    match claim.compare {
        Compare::Difference => over_seeds(pairs.map(|(a, b)| a - b), confidence),
        Compare::Ratio => geometric_over_seeds(pairs.map(|(a, b)| a / b), confidence),
    }
}

fn ruling(
    spec: &TrainingSpec,
    claim: &ClaimSpec,
    own: &Outcome<'_>,
    other: Option<&Outcome<'_>>,
) -> Ruling {
    let mut words = claim.quantity.words().to_string();
    let mut case = format!("{}: {}", claim.stated.case, own.cell.short());
    if let Some(other) = other {
        let how = match claim.compare {
            Compare::Difference => "less that of",
            Compare::Ratio => "over that of",
        };
        words += &format!(", {how} {}, seed by seed", other.cell.short());
        case += &format!(" against {}", other.cell.short());
    }
    let mut ruling = claim.stated.open(&words, 0.0);
    ruling.case = case;
    match compared(claim, own, other, spec.confidence) {
        Err(error) => ruling.why = error.to_string(),
        Ok(found) => claim.limit.decide(found, &mut ruling),
    }
    for o in std::iter::once(own).chain(other) {
        let late = o.runs.iter().filter(|run| !run.arrived).count();
        if late > 0 {
            ruling.verdict = Verdict::Inconclusive;
            ruling.why = format!(
                "{late} of {} trainings of {} did not come to the loss {} in {} steps; more steps are needed.",
                o.runs.len(),
                o.cell.short(),
                o.cell.stop_loss,
                o.cell.schooling.steps
            );
        }
    }
    if let (Some(within), Some(other)) = (claim.same_loss_within, other)
        && let Some(why) = apart(own, other, within)
    {
        ruling.verdict = Verdict::OutOfScope;
        ruling.why = why;
    }
    claim.stated.explained(ruling)
}

/// Why two cells cannot be compared in flatness: their training losses lie too far apart.
fn apart(own: &Outcome<'_>, other: &Outcome<'_>, within: f64) -> Option<String> {
    let loss = |o: &Outcome<'_>| o.values(Quantity::TrainLoss).collect::<Moments>().mean();
    let (a, b) = (loss(own)?, loss(other)?);
    ((a / b - 1.0).abs() > within).then(|| {
        format!(
            "Their mean training losses are {a:.3e} and {b:.3e}, further apart than {} %: with the cross-entropy the Hessian vanishes with the loss, so the one that is trained further would be called flatter.",
            100.0 * within
        )
    })
}
