//! What a measured quantity is held against: a bound, or a margin about nothing.

use serde::Serialize;

use super::spec::Section;
use base::error::Result;
use measurement::Estimate;
use measurement::equivalence::power;
use verdict::decide::{self, Side};
use verdict::{Range, Ruling};

/// What a quantity is held against.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// A bound from above.
    AtMost(f64),
    /// A bound from below.
    AtLeast(f64),
    /// |quantity| within a margin: an equivalence.
    Within(f64),
}

impl Limit {
    /// Reads the one of `at_most`, `at_least` and `within` that a `[[claim]]` gives.
    ///
    /// # Errors
    /// None of them, more than one, or a value out of range.
    pub fn read(section: &Section<'_>) -> Result<Self> {
        type Make = fn(f64) -> Limit;
        let kinds: [(&'static str, Make); 3] = [
            ("at_most", Limit::AtMost),
            ("at_least", Limit::AtLeast),
            ("within", Limit::Within),
        ];
        let mut given = Vec::new();
        for (key, make) in kinds {
            if section.get(key).is_some() {
                given.push(make(section.number(key, None, -1e9..=1e9, "the limit")?));
            }
        }
        match given[..] {
            [limit] => Ok(limit),
            _ => Err(section.error("at_most", "give one of at_most, at_least and within")),
        }
    }

    /// Decides a ruling by what was measured.
    pub fn decide(self, found: Estimate, ruling: &mut Ruling) {
        (ruling.verdict, ruling.why) = match self {
            Limit::AtMost(limit) => {
                ruling.paper = Some(limit);
                ruling.allowed = Some(Range::of(Side::AtMost, limit));
                decide::bound(&found, limit, Side::AtMost)
            }
            Limit::AtLeast(limit) => {
                ruling.paper = Some(limit);
                ruling.allowed = Some(Range::of(Side::AtLeast, limit));
                decide::bound(&found, limit, Side::AtLeast)
            }
            Limit::Within(margin) => {
                ruling.paper = Some(0.0);
                ruling.tolerance = margin;
                decide::equal_laws(&found, margin, power(&found, margin))
            }
        };
        ruling.measured = Some(found);
    }
}
