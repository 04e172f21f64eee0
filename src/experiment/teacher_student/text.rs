//! The words of a teacher–student experiment's report: what was run, and the table.

use super::outcome::{Difference, Outcome, differences};
use super::spec::{ClaimSpec, StudentSpec};
use measurement::mean::over_seeds;
use report::number::estimate;
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &StudentSpec, outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some(first) = spec.cells.first() {
        let mut said = vec![format!(
            "Inputs x ~ N(0, I) of {} numbers, labelled by the sign of a random teacher of width {} less its median. Students are trained full batch with the logistic loss on {} examples for {} steps and tested on {} fresh ones. {} seeds a cell; every seed has its own teacher, data and first parameters, the same for every rule.",
            first.dim, first.teacher_width, first.train, first.steps, first.test, first.seeds
        )];
        let mut seen: Vec<&str> = Vec::new();
        for cell in &spec.cells {
            if !seen.contains(&cell.series.as_str()) {
                seen.push(&cell.series);
                let entry = cell.rule.entry;
                said.push(format!(
                    "{}: {} ({}).",
                    cell.series, entry.name, entry.formula
                ));
            }
        }
        sections.push(Section {
            heading: "What was run".into(),
            paragraphs: said,
        });
    }
    if let Some(claim) = spec.claims.first() {
        sections.push(Section {
            heading: format!(
                "The table: {} / {}, and the difference",
                claim.against, claim.series
            ),
            paragraphs: differences(spec, claim, outcomes)
                .iter()
                .map(|difference| row(spec, claim, difference, outcomes))
                .collect(),
        });
    }
    sections
}

fn row(
    spec: &StudentSpec,
    claim: &ClaimSpec,
    difference: &Difference<'_>,
    outcomes: &[Outcome<'_>],
) -> String {
    let of = |series: &str, what: fn(&super::outcome::Run) -> f64| {
        let own = |o: &&Outcome<'_>| o.cell.series == series && o.cell.same_pair(difference.cell);
        let found = outcomes
            .iter()
            .find(own)
            .and_then(|o| o.percent(what, spec.confidence).ok());
        found.and_then(|e| e.value).unwrap_or(f64::NAN)
    };
    let gap = over_seeds(difference.test.iter().copied(), spec.confidence);
    format!(
        "{}: test {:.2} / {:.2} %, difference {} points; training {:.1} / {:.1} %.",
        difference.cell.pair(),
        of(&claim.against, |run| run.test_accuracy),
        of(&claim.series, |run| run.test_accuracy),
        gap.map_or("unknown".into(), |gap| estimate(&gap)),
        of(&claim.against, |run| run.training_accuracy),
        of(&claim.series, |run| run.training_accuracy),
    )
}
