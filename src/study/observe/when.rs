//! The keys `steps` and `time`: when to look.

use base::error::Result;
use base::value::Value;
use experiment::spec::{Section, Value as Toml};
use experiment::whole::whole_steps;
use formula::Tree;

use super::text_of;
use crate::file::{Block, Names};

/// When to look.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// After so many steps each, as they are written.
    Steps(Vec<String>),
    /// At these times, as they are written.
    Time(Vec<String>),
    /// In the long run.
    Stationary,
    /// Where a condition of the state holds first, or after so many steps, when it is given up.
    Until(Tree, u64),
}

/// A look: its moment on its axis, and the steps until then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// The step or the time, as the file has it; ∞ in the long run.
    pub at: f64,
    /// Steps of the process.
    pub steps: u64,
}

impl Look {
    /// After so many steps, when nothing of the start is left.
    pub fn in_the_long_run(steps: u64) -> Self {
        Look {
            at: f64::INFINITY,
            steps,
        }
    }

    /// Whether it is that.
    pub fn is_stationary(&self) -> bool {
        self.at == f64::INFINITY
    }

    /// Its place on its axis.
    pub fn value(&self) -> Value {
        if self.is_stationary() {
            return Value::Word("stationary".into());
        }
        Value::Number(self.at)
    }
}

impl When {
    /// Reads `steps` or `time`, one of which is needed.
    ///
    /// # Errors
    /// Neither or both, or what is no moment.
    pub fn read(block: &Block, section: &Section<'_>) -> Result<Self> {
        section.says(
            "steps",
            "a whole number, or a list of them",
            "after how many updates to look; an axis `step`",
        );
        section.says(
            "time",
            "a number, or a list of them",
            "when to look, in the process's own time (see clock); an axis `time`",
        );
        let list = |key: &str| -> Result<Option<Vec<String>>> {
            let Some(node) = block.get(key) else {
                return Ok(None);
            };
            let items = match &node.value {
                Toml::List(items) => items.iter().map(|item| text_of(&item.value)).collect(),
                value => Some(text_of(value).into_iter().collect::<Vec<_>>())
                    .filter(|all| !all.is_empty()),
            };
            match items {
                Some(items) if !items.is_empty() => Ok(Some(items)),
                _ => Err(block.error(key, "expected a moment, or a list of moments")),
            }
        };
        section.means(
            "until",
            "a comparison: to look where it holds first, in place of a moment",
        );
        if section.get("until").is_some() {
            if let Some(key) = ["steps", "time"]
                .into_iter()
                .find(|key| block.get(key).is_some())
            {
                return Err(block.error(key, "both a moment and a condition `until`; keep one"));
            }
            let text = section.text("until", None)?;
            let why = "steps after which a particle that has not come there is given up";
            let most =
                section.integer("max_steps", Some(10_000_000), 1..=1_000_000_000_000, why)?;
            return Ok(When::Until(super::condition(block, &text)?, most));
        }
        match (list("steps")?, list("time")?) {
            (Some(_), Some(_)) => Err(block.error("time", "both steps and time; keep one")),
            (Some(steps), None) => Ok(When::Steps(steps)),
            (None, Some(time)) if time == ["stationary"] => Ok(When::Stationary),
            (None, Some(time)) => Ok(When::Time(time)),
            (None, None) => {
                let what =
                    "is missing: when to look, in the process's own time; or steps = …, in updates";
                Err(block.error("time", what))
            }
        }
    }

    /// The name of its axis.
    pub fn axis(&self) -> &'static str {
        match self {
            When::Steps(_) => "step",
            When::Time(_) | When::Stationary | When::Until(..) => "time",
        }
    }

    /// The looks of a process whose steps last `clock`, ascending; none where it is the long run.
    ///
    /// # Errors
    /// A time that is no whole number of steps, a moment twice.
    pub fn looks(&self, block: &Block, names: &Names<'_>, clock: f64) -> Result<Vec<Look>> {
        let (key, all) = match self {
            When::Steps(all) => ("steps", all),
            When::Time(all) => ("time", all),
            When::Stationary | When::Until(..) => return Ok(Vec::new()),
        };
        let node = block.get(key).unwrap_or(&block.node);
        let mut looks = Vec::new();
        for text in all {
            let at = names.number(block, key, node, text)?;
            if at < 0.0 {
                return Err(block.error(key, format!("{at} is before the start, which is at 0")));
            }
            let steps = if at == 0.0 {
                0
            } else if key == "time" {
                whole_steps(at, clock).map_err(|why| block.error(key, why))?
            } else if at >= 1.0 && at.fract() == 0.0 && at <= 1e15 {
                at as u64
            } else {
                return Err(block.error(key, format!("{at} is no whole number of steps")));
            };
            looks.push(Look { at, steps });
        }
        looks.sort_by_key(|look| look.steps);
        if looks.windows(2).any(|pair| pair[0].steps == pair[1].steps) {
            return Err(block.error(key, "the same moment twice"));
        }
        Ok(looks)
    }
}
