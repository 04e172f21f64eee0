//! The words of a rare-events experiment's report: what was run, and the table.

use super::outcome::{Outcome, series, work_line};
use report::number::{estimate, short};
use report::record::Section;

/// The sections of the report.
pub fn sections(outcomes: &[Outcome<'_>]) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some(o) = outcomes.first() {
        let (cell, plan) = (&o.cell.cell, &o.cell.plan);
        sections.push(Section {
            heading: "What was run".into(),
            paragraphs: vec![
                format!(
                    "{} in {} coordinate{}, from θ = {} to the first step beyond {:.6}. {} independent runs a cell of {} replicas; the {} worst (and all that tie with them) are dropped at a level. The basin ends {} widths √(T/H) beyond the start, the surface Σ lies {} widths beyond it.",
                    cell.landscape,
                    cell.dim,
                    if cell.dim == 1 { "" } else { "s" },
                    point(&cell.start),
                    cell.exit,
                    plan.runs,
                    plan.replicas,
                    plan.kill,
                    plan.basin,
                    plan.surface
                ),
                "⟨n⟩ = ⟨steps of a cycle⟩/p, p̂ = Π(1 − Kⱼ/N) × share that reached the exit, unbiased; its error is read off the spread of the independent runs. Only the grid points of an SDE count, so the exact value is that of the chain of its scheme.".into(),
            ],
        });
    }
    sections.push(Section {
        heading: "What was seen".into(),
        paragraphs: outcomes.iter().map(row).collect(),
    });
    let work: Vec<String> = series(outcomes)
        .into_iter()
        .filter_map(|name| growth(outcomes, name))
        .collect();
    if !work.is_empty() {
        sections.push(Section {
            heading: "Work".into(),
            paragraphs: work,
        });
    }
    let notes: Vec<String> = outcomes
        .iter()
        .filter_map(|o| {
            Some(format!(
                "{}: {}.",
                o.cell.cell.label,
                o.reference.note.as_ref()?
            ))
        })
        .collect();
    if !notes.is_empty() {
        sections.push(Section {
            heading: "Notes on the references".into(),
            paragraphs: notes,
        });
    }
    sections
}

/// How the work of a run grows with the barrier.
fn growth(outcomes: &[Outcome<'_>], name: &str) -> Option<String> {
    let line = work_line(outcomes, name)?;
    Some(format!(
        "{name}: a run of N replicas takes {} + {} ΔL/T steps, which its means follow to {:.0} %; one exit by waiting takes e^{{ΔL/T}} times a constant. At a given N the error grows as √(ΔL/T), so at a given error the work grows as (ΔL/T)².",
        short(line.level, 3),
        short(line.slope, 3),
        100.0 * line.worst
    ))
}

fn point(theta: &[f64]) -> String {
    let all: Vec<String> = theta.iter().map(|x| format!("{x:.6}")).collect();
    all.join(", ")
}

fn row(o: &Outcome<'_>) -> String {
    let mean = o.mean();
    let mut said = format!(
        "{}: ΔL/T = {}; mean exit step {}; p = {} in {} levels a run",
        o.cell.cell.label,
        short(o.cell.height(), 4),
        estimate(&mean),
        short(o.probability.value.unwrap_or(f64::NAN), 3),
        short(levels(o), 3),
    );
    if let (Some(exact), Some(value)) = (o.reference.steps, mean.value) {
        said += &format!("; exact {}, ratio {:.4}", short(exact, 7), value / exact);
    }
    if let Some(sde) = o.reference.sde_steps {
        said += &format!("; the SDE's own mean is {} steps", short(sde, 7));
    }
    if let Some(law) = o.reference.law_steps {
        said += &format!(
            "; Kramers and Langer's law for high barriers {}",
            short(law, 4)
        );
    }
    if let Some(brute) = &o.done.brute {
        said += &format!(
            "; brute force ({} exits, {} steps)",
            brute.exits,
            short(brute.steps as f64, 3)
        );
        if brute.exits > 0 {
            said += &format!(" {}", short(1.0 / brute.rate(), 5));
        }
    }
    said += &format!(
        "; relative sd of a run {:.3}, {:.2} of √(−ln p/N); {} steps a run against {} for one exit by waiting",
        o.spread,
        o.spread / o.ideal,
        short(o.work, 3),
        short(mean.value.unwrap_or(f64::NAN), 3)
    );
    said + "."
}

fn levels(o: &Outcome<'_>) -> f64 {
    let all: u64 = o.done.runs.iter().map(|run| run.levels).sum();
    all as f64 / o.done.runs.len() as f64
}
