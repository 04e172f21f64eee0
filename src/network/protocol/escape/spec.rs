//! The file of an escape of a network: its sections, and the cells they resolve to.

use serde::Serialize;

use super::cell::Cell;
use crate::model::registry::Architecture;
use crate::protocol::source::Source;
use crate::protocol::task::Task;
use base::error::Result;
use experiment::confidence::measured;
use experiment::optimizer::Tuned;
use experiment::spec::Section;
use simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct EscapeSpec {
    /// Its name.
    pub name: String,
    /// Every cell: rules, then learning rates, then batch sizes.
    pub cells: Vec<Cell>,
    /// α of the data.
    pub alpha: f64,
    /// Coverage of intervals.
    pub confidence: f64,
}

/// How far from a whole number, relative, B may be by the rounding of η and B/η.
const WHOLE: f64 = 1e-9;

impl EscapeSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let task = Task::read(root)?;
        let alpha = one_neuron(root, &task)?;
        let section = root.required_section("escape")?;
        let eta = section.sweep("eta", None, 1e-6..=1e3, "η")?;
        let why = "B/η, the noise's inverse temperature; B is drawn with replacement";
        let ratios = section.sweep("b_over_eta", None, 1e-3..=1e9, why)?;
        let batch = |eta: f64, ratio: f64| -> Result<u64> {
            let batch = (eta * ratio).round();
            if batch < 1.0 || (batch - eta * ratio).abs() > WHOLE * batch {
                let what = format!(
                    "B = {} at η = {eta} and B/η = {ratio}; B is a whole number from 1 on",
                    eta * ratio
                );
                return Err(section.error("b_over_eta", what));
            }
            Ok(batch as u64)
        };
        let why = "networks that are watched; a rate needs many";
        let networks = section.integer("networks", None, 10..=10_000_000, why)?;
        let why = "networks computed at once";
        let together = section.integer("together", Some(500), 1..=100_000, why)?;
        let why = "steps after which the watching ends";
        let horizon = section.integer("horizon", None, 1..=100_000_000, why)?;
        let mut grid = Vec::new();
        for &eta in &eta {
            for &ratio in &ratios {
                grid.push((eta, batch(eta, ratio)?));
            }
        }
        section.finish()?;
        let confidence = measured(root)?;
        let mut cells: Vec<Cell> = Vec::new();
        for section in root.sections("optimizer")? {
            let series = section.label("label", Some(&section.text("name", None)?))?;
            if cells.iter().any(|cell| cell.series == series) {
                let what = format!("`{series}` names two series; give each its own label");
                return Err(section.error("label", what));
            }
            if section.get("eta").is_some() {
                return Err(section.error("eta", "escape.eta says it, for every rule"));
            }
            for &(eta, batch) in &grid {
                cells.push(Cell {
                    label: format!("{name}/{series}/eta={eta}/B={batch}"),
                    series: series.clone(),
                    task: task.clone(),
                    rule: Tuned::read_at(&section, rules, eta)?,
                    batch,
                    networks,
                    together,
                    horizon,
                });
            }
            section.finish()?;
        }
        if cells.is_empty() {
            return Err(root.error("optimizer", "give at least one [[optimizer]]"));
        }
        Ok(EscapeSpec {
            name: name.to_string(),
            cells,
            alpha,
            confidence,
        })
    }
}

/// α, where the task is the one whose exits are known: a single cubic neuron on patches of the feature alone.
fn one_neuron(root: &Section<'_>, task: &Task) -> Result<f64> {
    let neuron = matches!(task.model, Architecture::Cubic { neurons: 1, .. });
    let (Source::Patches { law, small: 0, .. }, true) = (&task.data, neuron) else {
        let what = "take one cubic neuron on patches with small = 0: its exits are known, those of larger networks are not";
        return Err(root.error("model", what));
    };
    let altered = task.faint.is_some() || task.standardised || task.augmentation().is_some();
    if law.sigma != 0.0 || altered || task.label_noise.is_none() {
        let what = "take sigma = 0 and label_noise, and alter the examples in no other way: a batch is then known by how many of its classes are wrong";
        return Err(root.error("data", what));
    }
    if task.l2 <= 0.0 || !task.double {
        let what = "take l2 above 0, without which there is no saddle, and precision = \"f64\"";
        return Err(root.error("model", what));
    }
    Ok(law.alpha)
}

#[cfg(test)]
mod tests {
    use crate::protocol::vocabulary;
    use experiment::refusal::refused_with;

    const SHIPPED: &str = include_str!("../../../../experiments/lab/network-escape.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused_with(
            &vocabulary(),
            SHIPPED,
            &[
                ("neurons = 1", "neurons = 2", "one cubic neuron"),
                ("small = 0", "small = 3", "one cubic neuron"),
                ("sigma = 0.0", "sigma = 0.1", "sigma = 0"),
                (
                    "[data.label_noise]",
                    "[data.faint]\nshare = 0.5\nfactor = 0.5\n[data.label_noise]",
                    "no other way",
                ),
                ("l2 = 0.4", "l2 = 0.0", "no saddle"),
                ("b_over_eta = [", "b_over_eta = [21, ", "whole number"),
                ("label = \"SGDM\"", "label = \"SGD\"", "names two series"),
                ("name = \"sgd\"", "name = \"sgd\"\neta = 0.1", "escape.eta"),
                ("networks = ", "networks = 1 # ", "networks"),
            ],
        );
    }
}
