//! The feature-learning experiment's file: its sections, and the cells they resolve to.

use serde::Serialize;

use super::cell::{AtFit, Cell, Varied};
use super::claim::ClaimSpec;
use crate::confidence::measured;
use crate::optimizer::Tuned;
use crate::spec::Section;
use base::error::Result;
use simulation::feature::PatchLaw;
use simulation::optimizer::registry::Rules;

/// A resolved feature-learning experiment.
#[derive(Clone, Debug, Serialize)]
pub struct FeatureSpec {
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// The section `[data]` but for what sweeps.
struct Data {
    patches: usize,
    large: usize,
    small: usize,
    test: usize,
    alpha: Option<f64>,
    beta: f64,
    sigma: Option<f64>,
}

/// The section `[training]`.
struct Training {
    seeds: u64,
    stop: f64,
    max_steps: u64,
    marks_per_decade: u64,
}

impl FeatureSpec {
    /// Resolves the sections of the feature-learning experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let (data, dims) = read_data(&root.required_section("data")?)?;
        let network = root.required_section("network")?;
        let neurons = network.integer("neurons", Some(5), 1..=1000, "the number of neurons m")?;
        let start = Start::read(&network)?;
        network.finish()?;
        let training = read_training(&root.required_section("training")?)?;
        let confidence = measured(root)?;
        let mut cells: Vec<Cell> = Vec::new();
        for section in root.sections("optimizer")? {
            let kinds = ["go-on", "empty-memory", "plain-gd"];
            let at_fit = match section.choice("at_fit", Some("go-on"), &kinds)? {
                "empty-memory" => AtFit::EmptyMemory,
                "plain-gd" => AtFit::PlainGd,
                _ => AtFit::GoOn,
            };
            let series = section.label("label", Some(&section.text("name", None)?))?;
            if cells.iter().any(|cell| cell.series == series) {
                let what = format!("`{series}` names two series; give each its own label");
                return Err(section.error("label", what));
            }
            let swept = Tuned::sweep(&section, rules, None)?
                .into_iter()
                .map(|rule| rule.without_normals(&section))
                .collect::<Result<Vec<_>>>()?;
            section.finish()?;
            let places = dims.iter().flat_map(|dim| {
                let law = data.law(*dim);
                let inits = start.deviations(&law);
                inits.into_iter().map(move |init| (law, init))
            });
            for (law, init) in places {
                let dim = law.dim;
                let place = match start {
                    Start::Deviations(ref all) if all.len() > 1 => format!("d={dim}/init={init}"),
                    _ => format!("d={dim}"),
                };
                for rule in &swept {
                    cells.push(Cell {
                        label: format!("{name}/{series}/{place}/{}", rule.describe()),
                        series: series.clone(),
                        large: data.large,
                        small: data.small,
                        test: data.test,
                        neurons: neurons as usize,
                        init,
                        law,
                        rule: rule.clone(),
                        at_fit,
                        stop: training.stop,
                        max_steps: training.max_steps,
                        marks_per_decade: training.marks_per_decade,
                        seeds: training.seeds,
                    });
                }
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
        Ok(FeatureSpec {
            cells,
            confidence,
            claims,
        })
    }

    /// What differs between its cells.
    pub fn varied(&self) -> Varied {
        Varied::of(&self.cells)
    }
}

/// How the first weights are given: by σ₀, or by σ₀α, the scale of ⟨w_r, X⟩ on the signal.
enum Start {
    Deviations(Vec<f64>),
    TimesAlpha(f64),
}

impl Start {
    fn read(section: &Section<'_>) -> Result<Self> {
        let why = "standard deviation σ₀ of the first weights";
        match (section.get("init"), section.get("init_times_alpha")) {
            (Some(_), Some(_)) => Err(section.error(
                "init_times_alpha",
                "both init and init_times_alpha; give one of them",
            )),
            (None, Some(_)) => {
                let why = "σ₀α, the first scale of a neuron on the signal";
                let value = section.number("init_times_alpha", None, 1e-6..=10.0, why)?;
                Ok(Start::TimesAlpha(value))
            }
            _ => Ok(Start::Deviations(section.sweep(
                "init",
                Some(0.1),
                1e-6..=10.0,
                why,
            )?)),
        }
    }

    fn deviations(&self, law: &PatchLaw) -> Vec<f64> {
        match self {
            Start::Deviations(all) => all.clone(),
            Start::TimesAlpha(scale) => vec![scale / law.alpha],
        }
    }
}

impl Data {
    fn law(&self, dim: usize) -> PatchLaw {
        let d = dim as f64;
        PatchLaw {
            dim,
            patches: self.patches,
            alpha: self.alpha.unwrap_or_else(|| d.powf(0.49)),
            beta: self.beta,
            sigma: self.sigma.unwrap_or_else(|| 1.0 / d.sqrt()),
        }
    }
}

fn read_data(section: &Section<'_>) -> Result<(Data, Vec<usize>)> {
    let why = "the length of a patch, a whole number";
    let dims = section.sweep("dim", Some(30.0), 2.0..=1e4, why)?;
    if let Some(dim) = dims.iter().find(|d| d.fract() != 0.0) {
        return Err(section.error("dim", format!("{dim}: {why}")));
    }
    let count = |key, default, low: u64, why: &str| {
        Ok::<_, base::error::Error>(section.integer(key, default, low..=100_000, why)? as usize)
    };
    let given = |key, high: f64, why: &str| match section.get(key) {
        Some(_) => section.number(key, None, 0.0..=high, why).map(Some),
        None => Ok(None),
    };
    let data = Data {
        patches: count(
            "patches",
            Some(5),
            2,
            "patches of an example: the signal and noise",
        )?,
        large: count("large", Some(57), 1, "training examples of large margin")?,
        small: count("small", Some(3), 1, "training examples of small margin")?,
        test: count("test", Some(1000), 1, "fresh examples to test on")?,
        alpha: given("alpha", 1e6, "the large margin α")?,
        beta: section.number("beta", Some(0.3), 0.0..=1e6, "the small margin β")?,
        sigma: given("sigma", 1e6, "standard deviation σ of the noise")?,
    };
    section.finish()?;
    Ok((data, dims.into_iter().map(|d| d as usize).collect()))
}

fn read_training(section: &Section<'_>) -> Result<Training> {
    let why = "training runs a cell; an interval over them needs two";
    let seeds = section.integer("seeds", Some(20), 2..=100_000, why)?;
    let why = "mean loss on both margins below which training ends; 0 to train to max_steps";
    let stop = section.number("stop", Some(0.01), 0.0..=1.0, why)?;
    let max_steps = section.integer("max_steps", Some(200_000), 1..=1_000_000_000, "steps")?;
    let why = "save points per decade of steps";
    let marks_per_decade = section.integer("marks_per_decade", Some(0), 0..=100, why)?;
    section.finish()?;
    Ok(Training {
        seeds,
        stop,
        max_steps,
        marks_per_decade,
    })
}
