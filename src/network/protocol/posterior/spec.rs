//! The file of a posterior of a network: its sections, and the cells they resolve to.

use serde::Serialize;

use super::cell::{Cell, Chains, Loss};
use super::claim::ClaimSpec;
use crate::protocol::task::Task;
use base::error::Result;
use experiment::confidence::measured;
use experiment::optimizer::Tuned;
use experiment::spec::Section;
use simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct PosteriorSpec {
    /// Its name.
    pub name: String,
    /// For each rule a cell on the network, then one on its expansion.
    pub cells: Vec<Cell>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

impl PosteriorSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let task = Task::read(root)?;
        if !task.double || task.l2 <= 0.0 {
            let what = "take precision = \"f64\" and l2 above 0: the minimum must be one, and known to rounding";
            return Err(root.error("model", what));
        }
        let section = root.required_section("chains")?;
        let whole =
            |key, default, low, why| section.integer(key, default, low..=1_000_000_000, why);
        let chains = Chains {
            batch: whole("batch", Some(10), 1, "B, drawn with replacement")?,
            count: whole(
                "count",
                Some(400),
                2,
                "chains; an interval over them needs two",
            )?,
            together: whole("together", Some(200), 1, "chains computed at once")?,
            burn_in: whole("burn_in", None, 0, "steps that are discarded")?,
            steps: whole("steps", None, 1, "steps in all, more than burn_in")?,
            every: whole("every", Some(10), 1, "steps from one look to the next")?,
        };
        let why = "η of the rules that do not say their own";
        let eta = section.number("eta", None, 1e-9..=1e3, why)?;
        if chains.steps < chains.burn_in + chains.every {
            let what = "nothing is looked at: steps must exceed burn_in by one look at least";
            return Err(section.error("steps", what));
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
            let rule = Tuned::read_at(&section, rules, eta)?;
            section.finish()?;
            for loss in [Loss::Network, Loss::Local] {
                let cell = Cell {
                    label: format!("{name}/{series}/{}", loss.name()),
                    series: series.clone(),
                    task: task.clone(),
                    rule: rule.clone(),
                    loss,
                    chains,
                };
                if cell.linear().is_none() {
                    let what = "a stationary covariance is known of linear rules only, with constant η and no weight decay: sgd, sgdm, heavy-ball, momentum, pnm";
                    return Err(section.error("name", what));
                }
                cells.push(cell);
            }
        }
        if cells.is_empty() {
            return Err(root.error("optimizer", "give at least one [[optimizer]]"));
        }
        let claims = root.sections("claim")?;
        let read = |section| ClaimSpec::read(section, &cells);
        Ok(PosteriorSpec {
            name: name.to_string(),
            claims: claims.iter().map(read).collect::<Result<_>>()?,
            cells,
            confidence,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::vocabulary;
    use experiment::refusal::refused_with;

    const SHIPPED: &str = include_str!("../../../../experiments/pnm/posterior-network.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused_with(
            &vocabulary(),
            SHIPPED,
            &[
                ("l2 = 0.01", "l2 = 0.0", "l2 above 0"),
                ("binary = 5", "binary = 11", "two classes"),
                ("burn_in = ", "burn_in = 999", "nothing is looked at"),
                ("name = \"sgdm\"", "name = \"adam\"", "linear rules"),
                (
                    "name = \"sgdm\"",
                    "name = \"sgdm\"\ndecoupled_decay = 0.1",
                    "linear rules",
                ),
                ("label = \"SGDM\"", "label = \"SGD\"", "names two series"),
                ("id = \"pnm.eq15\"", "id = \"pnm.eq9\"", "pnm.eq19"),
                ("series = \"SGDM\"", "series = \"Adam\"", "no series"),
            ],
        );
    }
}
