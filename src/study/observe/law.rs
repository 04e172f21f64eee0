//! The observable `law`: how far the law of a number of the state is from another law.

use base::error::Result;
use experiment::spec::{Section, Value as Toml};
use formula::Tree;

use super::formula;
use super::when::When;
use crate::file::Block;

/// A distance of two laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// sup |F − G|.
    Kolmogorov,
    /// ∫ |F − G|.
    Wasserstein,
    /// ½ ∫ |f − g|, over cells.
    TotalVariation,
}

/// The distances, by their names in files.
pub const METRICS: [(&str, Metric); 3] = [
    ("kolmogorov", Metric::Kolmogorov),
    ("wasserstein", Metric::Wasserstein),
    ("total-variation", Metric::TotalVariation),
];

/// The law of a number of the state, and the law that it is held against.
#[derive(Clone, Debug)]
pub struct Law {
    /// The number, as it is written.
    pub of: (String, Tree),
    /// The other law.
    pub to: Option<To>,
    /// How their distance is measured, one way or several.
    pub metrics: Vec<(&'static str, Metric)>,
    /// When to look.
    pub when: When,
}

/// A process, narrowed to cells or to a look; or, where no process is called so, a formula for the density.
#[derive(Clone, Debug, PartialEq)]
pub struct To {
    /// The formula, where it is one.
    pub density: Option<Tree>,
    /// The process.
    pub process: String,
    /// Axes and the values that they take.
    pub narrowed: Vec<(String, String)>,
}

impl Law {
    /// The coordinate whose law it is, where it is that of one.
    pub fn coordinate(&self, variables: &[String]) -> Option<usize> {
        if self.of.0.is_empty() {
            return (variables.len() == 1).then_some(0);
        }
        let name = self.of.1.root.dotted()?;
        variables.iter().position(|v| *v == name)
    }

    /// The number that is read, for coordinates of these names: the first where none is written, since that is then the only one.
    pub fn number(&self, variables: &[String]) -> Tree {
        let first = variables.first().filter(|_| self.of.0.is_empty());
        let coordinate = first.and_then(|name| Tree::parse(name).ok());
        coordinate.unwrap_or_else(|| self.of.1.clone())
    }

    /// Reads the block's own keys.
    ///
    /// # Errors
    /// Whatever is wrong with them.
    pub fn read(block: &Block, section: &Section<'_>) -> Result<Self> {
        for key in ["steps", "time"] {
            section.get(key);
        }
        section.means(
            "of",
            "the number of the state whose law it is; the coordinate where there is one only",
        );
        section.says("to", "a process, or a formula", "whose law it is held against, narrowed to cells or a look: \"adam[kappa=1]\"; or a formula of the coordinate proportional to the density");
        section.says("metric", "\"kolmogorov\", \"wasserstein\", \"total-variation\", or a list of them", "how the distance is measured: sup |F − G|, ∫|F − G|, or ½∫|f − g| over 32 cells; several are an axis `metric`");
        let text = match section.get("of") {
            Some(_) => section.text("of", None)?,
            None => String::new(),
        };
        let of = match text.as_str() {
            "" => (
                String::new(),
                Tree::parse("0").map_err(|m| block.error("of", m))?,
            ),
            text => (text.to_string(), formula(block, "of", text)?),
        };
        let metrics = metrics(block, section)?;
        let when = When::read(block, section)?;
        if matches!(when, When::Until(..)) {
            return Err(block.error(
                "until",
                "a law is looked at at a moment; give steps or a time",
            ));
        }
        let to = match section.get("to") {
            Some(_) => Some(target(block, &section.text("to", None)?)?),
            None => None,
        };
        Ok(Law {
            of,
            to,
            metrics,
            when,
        })
    }
}

fn metrics(block: &Block, section: &Section<'_>) -> Result<Vec<(&'static str, Metric)>> {
    let known = METRICS.map(|(name, _)| name);
    let named = |name: &str| METRICS.into_iter().find(|(own, _)| *own == name);
    let Some(Toml::List(items)) = section.get("metric").map(|node| &node.value) else {
        let name = section.choice("metric", Some("kolmogorov"), &known)?;
        return Ok(named(name).into_iter().collect());
    };
    let mut all: Vec<(&'static str, Metric)> = Vec::new();
    for item in items {
        let found = match &item.value {
            Toml::Text(name) => named(name),
            _ => None,
        };
        let Some(found) = found.filter(|found| !all.contains(found)) else {
            let what = format!("expected a list of {}, each once", known.join(", "));
            return Err(block.error("metric", what));
        };
        all.push(found);
    }
    if all.is_empty() {
        return Err(block.error("metric", "an empty list; leave the key out for kolmogorov"));
    }
    Ok(all)
}

fn target(block: &Block, text: &str) -> Result<To> {
    let wrong = || {
        let what =
            format!("`{text}` names no process; write a label, or a label with [axis=value, …]");
        block.error("to", what)
    };
    let density = Tree::parse(text).ok();
    let Some((process, rest)) = text.split_once('[') else {
        return Ok(To {
            density,
            process: text.trim().to_string(),
            narrowed: Vec::new(),
        });
    };
    let inner = rest.trim().strip_suffix(']').ok_or_else(wrong)?;
    let narrowed = inner
        .split(',')
        .map(|part| {
            let (axis, value) = part.split_once('=').ok_or_else(wrong)?;
            Ok((axis.trim().to_string(), value.trim().to_string()))
        })
        .collect::<Result<_>>()?;
    Ok(To {
        density: None,
        process: process.trim().to_string(),
        narrowed,
    })
}
