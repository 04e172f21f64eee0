//! What a quantity at a point is held against: a value with its margin, or a limit.

use serde::Serialize;

use base::error::Result;
use experiment::limit::Limit;
use experiment::spec::Section;
use measurement::Estimate;
use verdict::Ruling;
use verdict::decide::{self, Tolerance};

/// How a claim is decided at a point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The quantity is `value` to within a margin.
    Value {
        /// What the paper says.
        value: f64,
        /// The margin, in the unit of the quantity.
        within: f64,
    },
    /// A bound.
    Limit(Limit),
}

impl Criterion {
    /// Reads `value` and `within`, or one of `at_most` and `at_least`.
    ///
    /// # Errors
    /// None of them, too many, or a value out of range.
    pub fn read(section: &Section<'_>) -> Result<Self> {
        if section.get("value").is_none() {
            return Ok(Criterion::Limit(Limit::read(section)?));
        }
        let value = section.number("value", None, -1e9..=1e9, "what the paper says")?;
        let why = "how far from the value still agrees";
        let within = section.number("within", None, 1e-12..=1e9, why)?;
        Ok(Criterion::Value { value, within })
    }

    /// Decides a ruling by what was measured.
    pub fn decide(self, found: Estimate, ruling: &mut Ruling) {
        match self {
            Criterion::Limit(limit) => limit.decide(found, ruling),
            Criterion::Value { value, within } => {
                ruling.paper = Some(value);
                ruling.tolerance = within;
                (ruling.verdict, ruling.why) =
                    decide::value(&found, value, Tolerance::Absolute(within));
                ruling.measured = Some(found);
            }
        }
    }
}
