//! The file of a training experiment under SVAG: its sections, and the cells they resolve to.

use serde::Serialize;

use super::cell::Cell;
use super::claim::ClaimSpec;
use crate::protocol::schooling::Schooling;
use crate::protocol::task::Task;
use base::error::Result;
use experiment::confidence::measured;
use experiment::optimizer::Tuned;
use experiment::spec::Section;
use simulation::optimizer::registry::Rules;

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct SvagSpec {
    /// Every cell: for each η and l the two rules, then the first one again on other batches.
    pub cells: Vec<Cell>,
    /// The two rules' names, the one without momentum first.
    pub series: [String; 2],
    /// The learning rates.
    pub eta: Vec<f64>,
    /// The values of l, ascending.
    pub l: Vec<u64>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

impl SvagSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let task = Task::read(root)?;
        let schooling = Schooling::read(root, &task)?;
        if schooling.batch == 0 || !schooling.replacement {
            let what = "set replacement = true and batch above 0: SVAG needs two independent batches a step, and batches of one epoch share no example";
            return Err(root.error("training", what));
        }
        let svag = root.required_section("svag")?;
        let why = "l, whole numbers from 1 on, ascending";
        let given = svag.sweep("l", None, 1.0..=1e4, why)?;
        if given.iter().any(|l| l.fract() != 0.0) || given.windows(2).any(|w| w[0] >= w[1]) {
            return Err(svag.error("l", why));
        }
        let l: Vec<u64> = given.into_iter().map(|l| l as u64).collect();
        let why = "η at l = 1, ascending";
        let eta = svag.sweep("eta", None, 1e-9..=1e6, why)?;
        if eta.windows(2).any(|w| w[0] >= w[1]) {
            return Err(svag.error("eta", why));
        }
        svag.finish()?;
        let confidence = measured(root)?;
        let sections = root.sections("optimizer")?;
        let [first, second] = &sections[..] else {
            let what = "give two [[optimizer]]: the one without momentum, then the one with it";
            return Err(root.error("optimizer", what));
        };
        let label = |section: &Section<'_>| -> Result<String> {
            section.label("label", Some(&section.text("name", None)?))
        };
        let series = [label(first)?, label(second)?];
        if series[0] == series[1] {
            let what = format!("`{}` names two series; give each its own label", series[0]);
            return Err(second.error("label", what));
        }
        let mut cells = Vec::new();
        for &eta in &eta {
            for &l in &l {
                let roles = [(first, 0, false), (second, 1, false), (first, 0, true)];
                for (section, which, apart) in roles {
                    let series = &series[which];
                    if section.get("eta").is_some() {
                        return Err(section.error("eta", "svag.eta says it, for both rules"));
                    }
                    cells.push(Cell {
                        label: format!(
                            "{name}/{series}/eta={eta}/l={l}{}",
                            if apart { "/other batches" } else { "" }
                        ),
                        series: series.clone(),
                        task: task.clone(),
                        rule: Tuned::read_at(section, rules, eta / l as f64)?,
                        eta,
                        l,
                        apart,
                        schooling: Schooling {
                            steps: schooling.steps * l,
                            look_every: schooling.look_every * l,
                            ..schooling.clone()
                        },
                    });
                }
            }
        }
        for section in &sections {
            section.finish()?;
        }
        let claims = root.sections("claim")?;
        let read = |section| ClaimSpec::read(section, &eta, &l);
        Ok(SvagSpec {
            claims: claims.iter().map(read).collect::<Result<_>>()?,
            cells,
            series,
            eta,
            l,
            confidence,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::vocabulary;
    use experiment::load::Experiment;
    use experiment::refusal::refused_with;

    const SHIPPED: &str = include_str!("../../../../experiments/marginal-value/fig2.toml");

    #[test]
    fn impossible_files_are_refused_with_the_reason() {
        refused_with(
            &vocabulary(),
            SHIPPED,
            &[
                ("l = [1,", "l = [1.5,", "whole numbers"),
                ("l = [1,", "l = [9,", "ascending"),
                ("eta = [1.0", "eta = [99.0", "ascending"),
                ("replacement = true", "replacement = false", "independent"),
                ("label = \"SGDM\"", "label = \"SGD\"", "names two series"),
                ("name = \"sgdm\"", "name = \"sgdm\"\neta = 1.0", "svag.eta"),
                ("kind = \"falls\"", "kind = \"rises\"", "rises"),
                ("eta = [2.0, 4.0]", "eta = [2.0]", "two numbers"),
            ],
        );
    }

    #[test]
    fn every_l_trains_for_the_same_time() {
        let file =
            Experiment::parse_with("file.toml", SHIPPED, "standard", &[], &vocabulary()).unwrap();
        let json = file.protocol.to_json();
        let cells = json["cells"].as_array().unwrap();
        for cell in cells {
            let of = |key: &str| cell[key].as_f64().unwrap();
            let eta = cell["rule"]["numbers"]["eta"].as_f64();
            let eta = eta.or(cell["rule"]["eta"].as_f64()).unwrap();
            let steps = cell["schooling"]["steps"].as_f64().unwrap();
            assert!((eta * of("l") - of("eta")).abs() < 1e-12);
            assert_eq!(steps, 100.0 * of("l"));
        }
    }
}
