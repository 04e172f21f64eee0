//! The words of a training experiment's report.

use super::outcome::Outcome;
use super::quantity::Quantity;
use super::spec::TrainingSpec;
use report::number::estimate;
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &TrainingSpec, outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let Some(first) = outcomes.first() else {
        return Vec::new();
    };
    let cell = first.cell;
    let schooling = &cell.schooling;
    let mut said = vec![cell.task.describe(), schooling.describe()];
    if cell.stop_loss > 0.0 {
        said.push(format!(
            "A seed's training ends at the first look at which its loss on all training examples is at most {}, so that rules are compared where they fit alike.",
            cell.stop_loss
        ));
    }
    if let Some(how) = cell.curvature {
        said.push(format!(
            "Where a training ends: λ₁ of the Hessian on all training examples by Lanczos (largest relative residual {:.1e}), its trace from {} random vectors, and E L(θ + ν) − L(θ) from {} draws of ν ~ N(0, {}²), the same vectors and draws for every rule.",
            outcomes
                .iter()
                .flat_map(|o| o.runs)
                .map(|run| run.end.residual)
                .fold(0.0, f64::max),
            how.probes,
            how.draws,
            how.radius
        ));
    }
    let mut seen: Vec<&str> = Vec::new();
    for o in outcomes {
        if !seen.contains(&o.cell.series.as_str()) {
            seen.push(&o.cell.series);
            let rule = &o.cell.rule;
            said.push(format!(
                "{}: {} ({}), {}.",
                o.cell.series,
                rule.entry.name,
                rule.entry.formula,
                rule.describe()
            ));
        }
    }
    let row = |o: &Outcome<'_>| {
        let found = Quantity::ALL.iter().filter_map(|(quantity, _, words, _)| {
            let found = o.estimate(*quantity, spec.confidence).ok()?;
            Some(format!("{words} {}", estimate(&found)))
        });
        format!(
            "{}: {}.",
            o.cell.short(),
            found.collect::<Vec<_>>().join(", ")
        )
    };
    vec![
        Section {
            heading: "What was run".into(),
            paragraphs: said,
        },
        Section {
            heading: "What was seen".into(),
            paragraphs: outcomes.iter().map(row).collect(),
        },
    ]
}
