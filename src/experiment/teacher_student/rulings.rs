//! From outcomes to rulings: whether two rules reach the same test accuracy.

use super::outcome::{Difference, Outcome, differences};
use super::spec::{ClaimSpec, Over, StudentSpec};
use measurement::equivalence::power;
use measurement::mean::over_seeds;
use verdict::{Ruling, Verdict, decide};

/// The rulings of an experiment.
pub fn rulings(spec: &StudentSpec, outcomes: &[Outcome<'_>]) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for claim in &spec.claims {
        let all = differences(spec, claim, outcomes);
        match claim.over {
            Over::Cells => {
                rulings.extend(
                    all.iter()
                        .map(|difference| by_cell(spec, claim, difference)),
                );
            }
            Over::Table => rulings.push(by_table(spec, claim, &all)),
        }
    }
    rulings
}

/// A ruling on differences, one per seed.
fn decided(
    spec: &StudentSpec,
    claim: &ClaimSpec,
    case: String,
    values: impl Iterator<Item = f64>,
) -> Ruling {
    let quantity = format!(
        "test accuracy of {} less that of {}, seed by seed (percentage points)",
        claim.series, claim.against
    );
    let mut ruling = claim.stated.open(&quantity, claim.within);
    ruling.case = case;
    ruling.paper = Some(0.0);
    match over_seeds(values, spec.confidence) {
        Err(error) => ruling.why = error.to_string(),
        Ok(found) => {
            let power = power(&found, claim.within);
            (ruling.verdict, ruling.why) = decide::equal_laws(&found, claim.within, power);
            ruling.measured = Some(found);
        }
    }
    claim.stated.explained(ruling)
}

fn by_cell(spec: &StudentSpec, claim: &ClaimSpec, difference: &Difference<'_>) -> Ruling {
    let case = format!("{}: {}", claim.stated.case, difference.cell.pair());
    let mut ruling = decided(spec, claim, case, difference.test.iter().copied());
    if !difference.fitted_alike(claim.fitted_within) {
        let mean = difference.training.iter().sum::<f64>() / difference.training.len() as f64;
        ruling.verdict = Verdict::OutOfScope;
        ruling.why = format!(
            "The rules do not fit the training data equally well: their training accuracies differ by {mean:+.2} points, {} allowed. The faster one would be compared with the slower.",
            claim.fitted_within
        );
    }
    ruling
}

/// The mean over all teachers and students that both rules fit equally well.
fn by_table(spec: &StudentSpec, claim: &ClaimSpec, all: &[Difference<'_>]) -> Ruling {
    let alike: Vec<&Difference<'_>> = all
        .iter()
        .filter(|d| d.fitted_alike(claim.fitted_within))
        .collect();
    let seeds = alike.iter().map(|d| d.test.len()).min().unwrap_or(0);
    let mean = |seed: usize| alike.iter().map(|d| d.test[seed]).sum::<f64>() / alike.len() as f64;
    let case = format!(
        "{} ({} of {} pairs)",
        claim.stated.case,
        alike.len(),
        all.len()
    );
    decided(spec, claim, case, (0..seeds).map(mean))
}
