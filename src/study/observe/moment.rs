//! The observable `moment`: a statistic of any formula of the state.

use base::error::Result;
use base::value::Value;
use experiment::spec::{Section, Value as Toml};
use formula::Tree;
use measurement::reading::Facts;

use super::path::{SCATTER, TRACE_H, diagonal, named};
use super::when::When;
use super::{formula, text_of};
use crate::file::Block;

/// A statistic over the particles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The mean.
    Mean,
    /// The variance.
    Variance,
    /// The number below which this part of them lies.
    Quantile(f64),
    /// The covariance of two numbers.
    Covariance,
}

/// Statistics of formulas of the state.
#[derive(Clone, Debug)]
pub struct Moment {
    /// What is read.
    pub read: Read,
    /// Numbers that a particle remembers: their names, and what they begin with, as it is written.
    pub memory: Vec<(String, String)>,
    /// What becomes of them after each step, in order.
    pub each: Vec<(String, Tree)>,
    /// When to look.
    pub when: When,
}

/// What is read of the state at a look.
#[derive(Clone, Debug)]
pub enum Read {
    /// Statistics of formulas, each as it is written.
    Formulas(Vec<(String, Tree)>, Vec<(String, Statistic)>),
    /// The covariances of formulas, or of all coordinates where there are none.
    Covariance(Vec<(String, Tree)>),
    /// The variance of an update, and of all updates until then, per η².
    UpdateNoise,
    /// ∇²L: its largest eigenvalue, its trace, its diagonal.
    Curvature,
    /// The covariance of one example's gradient.
    GradientNoise,
}

/// One reading of a look.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is added to the observable's label.
    pub part: &'static str,
    /// What tells it from the others.
    pub axes: Facts,
    /// Which of the formulas it is of; the same one twice, but of a covariance.
    pub of: [usize; 2],
    /// What is taken of them.
    pub statistic: Statistic,
}

/// The parts of the observable `update_noise`: Var u/η², and Var(θ − θ₀)/(η²n), which tends to the power at frequency 0 where
/// nothing pulls back.
pub const NOISE_PARTS: [&str; 2] = ["per_step", "at_zero"];

/// The parts of the observable `curvature`; the last one for each coordinate `i`.
pub const CURVATURE_PARTS: [&str; 3] = ["top", "trace_h", "diagonal"];

/// The parts of the observable `gradient_noise`.
pub const SCATTER_PARTS: [&str; 3] = ["trace_c", "top", "alignment"];

impl Moment {
    /// The formulas whose numbers it looks at, as they are written, for coordinates of these names.
    pub fn formulas(&self, variables: &[String]) -> Vec<(String, Tree)> {
        let written = |text: String| {
            let tree = Tree::parse(&text).ok()?;
            Some((text, tree))
        };
        match &self.read {
            Read::Formulas(of, _) => of.clone(),
            Read::Covariance(of) if !of.is_empty() => of.clone(),
            Read::Covariance(_) => variables.iter().cloned().filter_map(written).collect(),
            Read::UpdateNoise => {
                let of = |x: &String| {
                    [
                        format!("{x}.u/eta"),
                        format!("({x} - {x}.start)/(eta*sqrt(step))"),
                    ]
                };
                variables.iter().flat_map(of).filter_map(written).collect()
            }
            Read::Curvature => {
                let rows = ["h_top".to_string(), TRACE_H.to_string()];
                let rows = rows.into_iter().chain((0..variables.len()).map(diagonal));
                rows.map(|row| (row.clone(), named(&row))).collect()
            }
            Read::GradientNoise => {
                let rows = SCATTER.iter().map(|(row, _)| (row.to_string(), named(row)));
                rows.collect()
            }
        }
    }

    /// Its readings at a look.
    pub fn entries(&self, variables: &[String]) -> Vec<Entry> {
        let formulas = self.formulas(variables);
        match &self.read {
            Read::Formulas(of, statistics) => {
                let pairs = (0..of.len()).flat_map(|k| statistics.iter().map(move |s| (k, s)));
                let entry = |(k, (name, statistic)): (usize, &(String, Statistic))| {
                    let mut axes = Facts::default();
                    if of.len() > 1 {
                        axes.set("of", Value::Word(of[k].0.clone()));
                    }
                    if statistics.len() > 1 {
                        axes.set("stat", Value::Word(name.clone()));
                    }
                    Entry {
                        part: "",
                        axes,
                        of: [k, k],
                        statistic: *statistic,
                    }
                };
                pairs.map(entry).collect()
            }
            Read::Covariance(_) => {
                let n = formulas.len();
                let pairs = (0..n).flat_map(|i| (i..n).map(move |j| [i, j]));
                let entry = |of: [usize; 2]| Entry {
                    part: "",
                    axes: Facts::default()
                        .with("i", (of[0] + 1) as f64)
                        .with("j", (of[1] + 1) as f64),
                    of,
                    statistic: Statistic::Covariance,
                };
                pairs.map(entry).collect()
            }
            Read::UpdateNoise => {
                let entry = |k: usize| Entry {
                    part: NOISE_PARTS[k % 2],
                    axes: Facts::default().with("i", (k / 2 + 1) as f64),
                    of: [k, k],
                    statistic: Statistic::Variance,
                };
                (0..formulas.len()).map(entry).collect()
            }
            Read::Curvature | Read::GradientNoise => {
                let parts = match self.read {
                    Read::Curvature => &CURVATURE_PARTS,
                    _ => &SCATTER_PARTS,
                };
                let entry = |k: usize| {
                    let part = k.min(parts.len() - 1);
                    let mut axes = Facts::default();
                    if parts[part] == "diagonal" {
                        axes.set("i", Value::Number((k - part + 1) as f64));
                    }
                    Entry {
                        part: parts[part],
                        axes,
                        of: [k, k],
                        statistic: Statistic::Mean,
                    }
                };
                (0..formulas.len()).map(entry).collect()
            }
        }
    }

    /// Reads the covariances of coordinates or formulas.
    ///
    /// # Errors
    /// Whatever is wrong with the block's own keys.
    pub fn covariance(block: &Block, section: &Section<'_>) -> Result<Self> {
        for key in ["steps", "time", "of"] {
            section.get(key);
        }
        section.says(
            "of",
            "a list of formulas of the state",
            "what goes together with what: axes `i` and `j`, from 1; all coordinates if left out",
        );
        let of = match block.get("of") {
            Some(_) => of(block)?,
            None => Vec::new(),
        };
        Ok(Moment {
            read: Read::Covariance(of),
            memory: Vec::new(),
            each: Vec::new(),
            when: When::read(block, section)?,
        })
    }

    /// Reads what has no keys but its moments: the noise of updates, the curvature, the noise of gradients.
    ///
    /// # Errors
    /// Whatever is wrong with the block's own keys.
    pub fn looked_at(read: Read, block: &Block, section: &Section<'_>) -> Result<Self> {
        for key in ["steps", "time"] {
            section.get(key);
        }
        let when = When::read(block, section)?;
        if matches!(when, When::Until(..)) {
            let what = "this is looked at at a moment; give steps or a time";
            return Err(block.error("until", what));
        }
        Ok(Moment {
            read,
            memory: Vec::new(),
            each: Vec::new(),
            when,
        })
    }

    /// Reads the block's own keys.
    ///
    /// # Errors
    /// Whatever is wrong with them.
    pub fn read(block: &Block, section: &Section<'_>) -> Result<Self> {
        for key in ["steps", "time", "of", "memory", "each", "stat"] {
            section.get(key);
        }
        section.means(
            "stat",
            "the statistic over the particles, mean, variance or quantile(p), or a list of them: an axis `stat`",
        );
        section.says("of", "a formula of the state, or a list of them", "coordinates by name, x.start, x.prev, x.u, x.grad, x.m and what else is remembered of it, loss, h_top, step, time, avg(f, from)");
        section.says(
            "memory",
            "a table of names and numbers",
            "what a particle remembers, and what that is at the start",
        );
        section.says(
            "each",
            "statements name = formula, one a line or with ;",
            "what becomes of the memory after each step, in order",
        );
        let of = of(block)?;
        let statistics = statistics(block, section)?;
        let mut memory = Vec::new();
        if let Some(node) = block.get("memory") {
            let Toml::Table(entries) = &node.value else {
                return Err(block.error(
                    "memory",
                    "expected a table of names and what they begin with, such as { a = 0 }",
                ));
            };
            for (name, node) in entries {
                let text = text_of(&node.value).ok_or_else(|| {
                    block.error("memory", format!("`{name}` begins with no number"))
                })?;
                memory.push((name.clone(), text));
            }
        }
        let mut each = Vec::new();
        if let Some(text) = block.word("each") {
            for statement in text
                .split(['\n', ';'])
                .map(str::trim)
                .filter(|s| !s.is_empty())
            {
                let assigned = statement
                    .split_once('=')
                    .filter(|(_, right)| !right.starts_with('='));
                let Some((name, right)) = assigned else {
                    let what = format!("`{statement}` assigns nothing; write name = formula");
                    return Err(block.error("each", what));
                };
                let name = name.trim().to_string();
                if !memory.iter().any(|(known, _)| *known == name) {
                    let known = memory.iter().map(|(known, _)| known.as_str());
                    let hint = formula::nearest(&name, known)
                        .map_or_else(String::new, formula::did_you_mean);
                    let what = format!("`{name}` is not in memory = {{ … }}{hint}");
                    return Err(block.error("each", what));
                }
                each.push((name, formula(block, "each", right.trim())?));
            }
        } else if !memory.is_empty() {
            return Err(block.error(
                "each",
                "is missing: what becomes of the memory after each step",
            ));
        }
        Ok(Moment {
            read: Read::Formulas(of, statistics),
            memory,
            each,
            when: When::read(block, section)?,
        })
    }
}

/// The formulas at `of`, each once.
fn of(block: &Block) -> Result<Vec<(String, Tree)>> {
    let of = match block.get("of").map(|node| &node.value) {
        None => {
            return Err(block.error(
                "of",
                "is missing: a formula of the state, or a list of them",
            ));
        }
        Some(Toml::List(items)) => items.iter().map(|item| text_of(&item.value)).collect(),
        Some(value) => Some(text_of(value).into_iter().collect::<Vec<_>>()),
    };
    let of: Vec<String> = of
        .filter(|all: &Vec<String>| !all.is_empty())
        .ok_or_else(|| block.error("of", "expected a formula of the state, or a list of them"))?;
    let of = of
        .into_iter()
        .map(|text| Ok((text.clone(), formula(block, "of", &text)?)))
        .collect::<Result<Vec<_>>>()?;
    for (i, (text, _)) in of.iter().enumerate() {
        if of[..i].iter().any(|(known, _)| known == text) {
            return Err(block.error("of", format!("`{text}` stands in it twice")));
        }
    }
    Ok(of)
}

/// The statistic or the list of them.
fn statistics(block: &Block, section: &Section<'_>) -> Result<Vec<(String, Statistic)>> {
    let texts: Vec<String> = match section.get("stat").map(|node| &node.value) {
        None => vec!["mean".into()],
        Some(Toml::List(items)) => {
            let texts = items.iter().map(|item| match &item.value {
                Toml::Text(text) => Some(text.clone()),
                _ => None,
            });
            let texts: Option<Vec<String>> = texts.collect();
            texts.filter(|all| !all.is_empty()).ok_or_else(|| {
                block.error("stat", "expected a statistic, or a list of them, in quotes")
            })?
        }
        Some(_) => vec![section.text("stat", None)?],
    };
    let mut all: Vec<(String, Statistic)> = Vec::new();
    for text in texts {
        let found = statistic(&text).map_err(|what| block.error("stat", what))?;
        if all.iter().any(|(known, _)| *known == text) {
            return Err(block.error("stat", format!("`{text}` stands in it twice")));
        }
        all.push((text, found));
    }
    Ok(all)
}

fn statistic(text: &str) -> std::result::Result<Statistic, String> {
    match text {
        "mean" => return Ok(Statistic::Mean),
        "variance" => return Ok(Statistic::Variance),
        _ => {}
    }
    let inner = text
        .strip_prefix("quantile(")
        .and_then(|rest| rest.strip_suffix(')'));
    match inner.and_then(|p| p.trim().parse::<f64>().ok()) {
        Some(p) if p > 0.0 && p < 1.0 => Ok(Statistic::Quantile(p)),
        _ => Err(format!(
            "unknown statistic `{text}`; there are mean, variance and quantile(p), 0 < p < 1"
        )),
    }
}
