//! The words of the report: what was run, and the table.

use super::outcome::{Outcome, Run, pairs, slope};
use super::spec::SvagSpec;
use measurement::Estimate;
use measurement::mean::over_seeds;
use report::number::estimate;
use report::record::Section;

/// The sections of the report.
pub fn sections(spec: &SvagSpec, outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let all = pairs(outcomes);
    let said = |found: base::error::Result<Estimate>| {
        found.map_or("unknown".to_string(), |found| estimate(&found))
    };
    let mean = |outcome: &Outcome<'_>, of: fn(&Run) -> f64| {
        said(over_seeds(outcome.runs.iter().map(of), spec.confidence))
    };
    let loss: fn(&Run) -> f64 = |run| run.looks.last().map_or(f64::NAN, |look| look.train_loss);
    let accuracy: fn(&Run) -> f64 = |run| {
        run.looks
            .last()
            .map_or(f64::NAN, |look| 100.0 * look.test_accuracy)
    };
    let mut table = Vec::new();
    for pair in &all {
        table.push(format!(
            "η = {}, l = {}: gap {}, by chance {}; final loss {} / {}; test accuracy {} / {} %.",
            pair.eta,
            pair.l,
            said(pair.gap(spec.confidence)),
            said(pair.chance(spec.confidence)),
            mean(pair.plain, loss),
            mean(pair.momentum, loss),
            mean(pair.plain, accuracy),
            mean(pair.momentum, accuracy),
        ));
    }
    for &eta in &spec.eta {
        let found = slope(spec, eta, &all).map(|(found, _)| found);
        table.push(format!(
            "η = {eta}: slope of ln gap against ln l {}.",
            said(found)
        ));
    }
    let [plain, momentum] = &spec.series;
    vec![
        Section {
            heading: "What was run".into(),
            paragraphs: what_was_run(spec),
        },
        Section {
            heading: format!("Gap, and {plain} / {momentum} at the end"),
            paragraphs: table,
        },
    ]
}

fn what_was_run(spec: &SvagSpec) -> Vec<String> {
    let [plain, momentum] = &spec.series;
    let Some(first) = spec.cells.first() else {
        return Vec::new();
    };
    let base = &first.schooling;
    let rules = spec.cells.iter().take(2);
    let rules: Vec<String> = rules
        .map(|cell| {
            format!(
                "{}: {} ({})",
                cell.series, cell.rule.entry.name, cell.rule.entry.formula
            )
        })
        .collect();
    vec![
        format!(
            "{} seeds; l·{} steps at η/l on gradients r₊g₁ + r₋g₂ of two batches of {}, r± = (1 ± √(2l − 1))/2, so that the continuous time t = ηk/l runs alike for every l. {}.",
            base.seeds,
            base.steps / first.l,
            base.batch,
            rules.join("; ")
        ),
        format!(
            "At a seed both rules start at the same θ and see the same batches. Batches in common do not make two losses equal: the yardstick is chance, the gap between two trainings by {plain} from the same start on different batches. Batches are drawn with replacement, since those of one epoch are not independent.",
        ),
        format!(
            "The gap is the mean over the second half of |log₁₀ L({plain})/L({momentum})| on all training examples. Where {plain} is unstable, at curvatures beyond 2l/η, it is large; it is closed where it is as large as by chance."
        ),
    ]
}
