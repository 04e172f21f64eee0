//! The training experiment's file: its sections, and the cells they resolve to.

use serde::Serialize;

use super::cell::{Cell, Curvature};
use super::claim::ClaimSpec;
use crate::model::registry::Architecture;
use crate::protocol::schooling::Schooling;
use crate::protocol::task::Task;
use base::error::Result;
use experiment::confidence::measured;
use experiment::optimizer::Tuned;
use experiment::spec::Section;
use simulation::optimizer::registry::Rules;

/// A resolved training experiment.
#[derive(Clone, Debug, Serialize)]
pub struct TrainingSpec {
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

impl TrainingSpec {
    /// Resolves the sections of the training experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let task = Task::read(root)?;
        let schooling = Schooling::read(root, &task)?;
        let (stop_loss, curvature) = match root.section("end")? {
            None => (0.0, None),
            Some(end) => {
                let why = "the training loss at which a seed's training ends; 0 to go on to the last step";
                let stop = end.number("at_loss", Some(0.0), 0.0..=1e3, why)?;
                let curvature = end.section("curvature")?;
                end.finish()?;
                (stop, curvature.map(|c| read_curvature(&c)).transpose()?)
            }
        };
        let normalised = matches!(
            task.model,
            Architecture::ResNet18 { .. } | Architecture::ResNet32 { .. }
        );
        if stop_loss > 0.0 && normalised {
            return Err(root.error(
                "end",
                "at_loss ends seeds at different steps, which running statistics of batch normalisation do not allow; train by steps",
            ));
        }
        let confidence = measured(root)?;
        let mut cells: Vec<Cell> = Vec::new();
        for section in root.sections("optimizer")? {
            let series = section.label("label", Some(&section.text("name", None)?))?;
            if cells.iter().any(|cell| cell.series == series) {
                let what = format!("`{series}` names two series; give each its own label");
                return Err(section.error("label", what));
            }
            let all = Tuned::sweep(&section, rules, Some(schooling.steps))?;
            section.finish()?;
            for rule in &all {
                let swept = rule.values.numbers.iter();
                let swept = swept.filter(|(key, value)| {
                    all.iter()
                        .any(|other| other.values[key.as_str()] != **value)
                });
                cells.push(Cell {
                    label: format!("{name}/{series}/{}", rule.describe()),
                    series: series.clone(),
                    task: task.clone(),
                    rule: rule.clone(),
                    schooling: schooling.clone(),
                    stop_loss,
                    curvature,
                    swept: swept.map(|(key, value)| (key.clone(), *value)).collect(),
                });
            }
        }
        if cells.is_empty() {
            return Err(root.error("optimizer", "give at least one [[optimizer]]"));
        }
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &cells))
            .collect::<Result<Vec<_>>>()?;
        Ok(TrainingSpec {
            cells,
            confidence,
            claims,
        })
    }
}

fn read_curvature(section: &Section<'_>) -> Result<Curvature> {
    let why = "random vectors for the trace";
    let probes = section.integer("probes", Some(20), 1..=100_000, why)?;
    let why = "r, standard deviation of each parameter's shift in the expected sharpness";
    let radius = section.number("radius", Some(0.05), 1e-9..=1e3, why)?;
    let draws = section.integer("draws", Some(20), 1..=100_000, "shifts drawn")?;
    section.finish()?;
    Ok(Curvature {
        probes,
        radius,
        draws,
    })
}
