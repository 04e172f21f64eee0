//! An answer as a person reads it: aligned lines, twelve significant digits.

use std::fmt;

use serde_json::Value;

use super::answer::{Answer, Prediction, RELATIVE_ERROR};
use crate::report::number::significant;

/// Width of the first column, and of the names beside it.
const HEADING: usize = 7;
const NAME: usize = 15;
/// Significant digits of a result.
const DIGITS: usize = 12;

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.quantity, self.summary)?;
        writeln!(f)?;
        let mut heading = "inputs";
        for (name, value) in &self.inputs {
            let value = match value {
                Value::Null => continue,
                Value::String(word) => word.clone(),
                other => other.to_string(),
            };
            row(f, heading, name, &value)?;
            heading = "";
        }
        for (heading, side) in [("paper", &self.paper), ("exact", &self.exact)] {
            writeln!(f)?;
            match side {
                Some(prediction) => prediction.rows(f, heading)?,
                None => writeln!(f, "{heading:<HEADING$}none")?,
            }
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        for note in &self.notes {
            writeln!(f, "{:<HEADING$}{note}", "note")?;
        }
        Ok(())
    }
}

impl Prediction {
    fn rows(&self, f: &mut fmt::Formatter<'_>, heading: &str) -> fmt::Result {
        let (mut heading, mut unit) = (heading, self.unit);
        for (name, value) in &self.values {
            let digits = if *name == RELATIVE_ERROR { 2 } else { DIGITS };
            let text = format!("{} {unit}", number(*value, digits));
            row(f, heading, name, text.trim_end())?;
            (heading, unit) = ("", "");
        }
        row(f, "", "formula", &self.formula)?;
        row(f, "", "source", self.source)?;
        let mut name = "valid where";
        for condition in &self.validity {
            row(f, "", name, condition)?;
            name = "";
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, heading: &str, name: &str, value: &str) -> fmt::Result {
    writeln!(f, "{heading:<HEADING$}{name:<NAME$}{value}")
}

fn number(value: f64, digits: usize) -> String {
    if value == f64::INFINITY {
        return "infinite".into();
    }
    significant(value, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_absent_keys_left_out() {
        let answer = Answer {
            quantity: "mfpt",
            summary: "a time",
            inputs: vec![
                ("start", Value::from(-1.0)),
                ("batch", Value::Null),
                ("landscape", Value::from("cubic")),
            ],
            paper: None,
            exact: Some(Prediction {
                value: f64::INFINITY,
                values: vec![
                    ("mean", f64::INFINITY),
                    ("second_moment", 361.903_759_500_9),
                    (RELATIVE_ERROR, 1.234e-12),
                ],
                unit: "t",
                formula: "T".into(),
                source: "by hand",
                validity: vec!["a is at least b".into(), "c is at most d".into()],
            }),
            notes: vec!["never".into()],
        };
        let expected = "\
mfpt: a time

inputs start          -1.0
       landscape      cubic

paper  none

exact  mean           infinite t
       second_moment  361.903759501
       relative_error 1.2 × 10⁻¹²
       formula        T
       source         by hand
       valid where    a is at least b
                      c is at most d

note   never
";
        assert_eq!(answer.to_string(), expected);
    }
}
