//! The observable `law`: how far the law of a number of the state is from another law.

use base::error::Result;
use experiment::spec::Section;
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
}

/// The law of a number of the state, and the law that it is held against.
#[derive(Clone, Debug)]
pub struct Law {
    /// The number, as it is written.
    pub of: (String, Tree),
    /// The other law.
    pub to: Option<To>,
    /// How their distance is measured.
    pub metric: Metric,
    /// When to look.
    pub when: When,
}

/// A process, narrowed to cells or to a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct To {
    /// The process.
    pub process: String,
    /// Axes and the values that they take.
    pub narrowed: Vec<(String, String)>,
}

impl Law {
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
        section.means("to", "the process whose law it is held against, narrowed to cells or a look: \"adam[kappa=1]\"");
        section.means("metric", "how the distance is measured");
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
        let metric =
            section.choice("metric", Some("kolmogorov"), &["kolmogorov", "wasserstein"])?;
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
            metric: if metric == "wasserstein" {
                Metric::Wasserstein
            } else {
                Metric::Kolmogorov
            },
            when,
        })
    }
}

fn target(block: &Block, text: &str) -> Result<To> {
    let wrong = || {
        let what =
            format!("`{text}` names no process; write a label, or a label with [axis=value, …]");
        block.error("to", what)
    };
    let Some((process, rest)) = text.split_once('[') else {
        return Ok(To {
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
        process: process.trim().to_string(),
        narrowed,
    })
}
