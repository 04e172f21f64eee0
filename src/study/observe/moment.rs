//! The observable `moment`: a statistic of any formula of the state.

use base::error::Result;
use experiment::spec::{Section, Value as Toml};
use formula::Tree;

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
}

/// Statistics of formulas of the state.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The formulas, each as it is written.
    pub of: Vec<(String, Tree)>,
    /// What is taken of them.
    pub statistic: Statistic,
    /// Numbers that a particle remembers: their names, and what they begin with, as it is written.
    pub memory: Vec<(String, String)>,
    /// What becomes of them after each step, in order.
    pub each: Vec<(String, Tree)>,
    /// When to look.
    pub when: When,
}

impl Moment {
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
            "the statistic over the particles: mean, variance, quantile(p)",
        );
        section.says("of", "a formula of the state, or a list of them", "coordinates by name, x.start, x.prev, x.u, x.grad, loss, h_top, step, time, avg(f, from)");
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
            .ok_or_else(|| {
                block.error("of", "expected a formula of the state, or a list of them")
            })?;
        let of = of
            .into_iter()
            .map(|text| Ok((text.clone(), formula(block, "of", &text)?)))
            .collect::<Result<Vec<_>>>()?;
        for (i, (text, _)) in of.iter().enumerate() {
            if of[..i].iter().any(|(known, _)| known == text) {
                return Err(block.error("of", format!("`{text}` stands in it twice")));
            }
        }
        let statistic = statistic(section)?;
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
                        .map_or(String::new(), |k| format!("; did you mean `{k}`?"));
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
            of,
            statistic,
            memory,
            each,
            when: When::read(block, section)?,
        })
    }
}

fn statistic(section: &Section<'_>) -> Result<Statistic> {
    let text = section.text("stat", Some("mean"))?;
    match text.as_str() {
        "mean" => return Ok(Statistic::Mean),
        "variance" => return Ok(Statistic::Variance),
        _ => {}
    }
    let inner = text
        .strip_prefix("quantile(")
        .and_then(|rest| rest.strip_suffix(')'));
    match inner.and_then(|p| p.trim().parse::<f64>().ok()) {
        Some(p) if p > 0.0 && p < 1.0 => Ok(Statistic::Quantile(p)),
        _ => {
            let what = format!(
                "unknown statistic `{text}`; there are mean, variance and quantile(p), 0 < p < 1"
            );
            Err(section.error("stat", what))
        }
    }
}
