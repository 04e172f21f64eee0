//! An answer as a person reads it: aligned lines, twelve significant digits.

use std::fmt;

use serde_json::Value;

use super::answer::{Answer, Figure, Prediction, RELATIVE_ERROR};
use experiment::spec::shortened;
use report::number::significant;

/// Width of the first column, and least width of the names beside it.
const HEADING: usize = 7;
const NAME: usize = 15;
/// Most rows of a matrix that are repeated among the inputs.
const WHOLE: usize = 4;
/// Significant digits of a result.
const DIGITS: usize = 12;

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides = [("paper", &self.paper), ("exact", &self.exact)];
        let results = sides.iter().filter_map(|(_, side)| side.as_ref());
        let results = results.flat_map(|side| &side.values).map(|(name, _)| *name);
        let names = self.inputs.iter().map(|(name, _)| *name).chain(results);
        let longest = names.map(|name| name.chars().count() + 1).max();
        let mut table = Table {
            f,
            width: longest.unwrap_or(0).max(NAME),
        };
        writeln!(table.f, "{}: {}", self.quantity, self.summary)?;
        writeln!(table.f)?;
        let mut heading = "inputs";
        for (name, value) in &self.inputs {
            let value = match value {
                Value::Null => continue,
                Value::String(word) => word.clone(),
                Value::Array(rows) if rows.len() > WHOLE => {
                    format!("{} rows, {}", rows.len(), shortened(&value.to_string()))
                }
                other => other.to_string(),
            };
            table.row(heading, name, &value)?;
            heading = "";
        }
        for (heading, side) in sides {
            writeln!(table.f)?;
            match side {
                Some(prediction) => table.side(heading, prediction)?,
                None => writeln!(table.f, "{heading:<HEADING$}none")?,
            }
        }
        if !self.notes.is_empty() {
            writeln!(table.f)?;
        }
        for note in &self.notes {
            writeln!(table.f, "{:<HEADING$}{note}", "note")?;
        }
        Ok(())
    }
}

/// A heading, a name and a value to the line.
struct Table<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    /// Of the names.
    width: usize,
}

impl Table<'_, '_> {
    fn side(&mut self, heading: &str, prediction: &Prediction) -> fmt::Result {
        let (mut heading, mut unit) = (heading, prediction.unit);
        for (name, value) in &prediction.values {
            let digits = if *name == RELATIVE_ERROR { 2 } else { DIGITS };
            let mut name = *name;
            for text in lines(value, digits) {
                self.row(heading, name, format!("{text} {unit}").trim_end())?;
                (heading, name, unit) = ("", "", "");
            }
        }
        self.row("", "formula", &prediction.formula)?;
        self.row("", "source", prediction.source)?;
        let mut name = "valid where";
        for condition in &prediction.validity {
            self.row("", name, condition)?;
            name = "";
        }
        Ok(())
    }

    fn row(&mut self, heading: &str, name: &str, value: &str) -> fmt::Result {
        let width = self.width;
        writeln!(self.f, "{heading:<HEADING$}{name:<width$}{value}")
    }
}

/// A number on one line, a matrix on a line per row.
fn lines(figure: &Figure, digits: usize) -> Vec<String> {
    let one = |x: &f64| significant(*x, digits);
    match figure {
        Figure::Number(x) => vec![one(x)],
        Figure::Rows(rows) => rows
            .iter()
            .map(|row| row.iter().map(one).collect::<Vec<_>>().join("  "))
            .collect(),
        Figure::Beyond(beyond) => vec![beyond.words().to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::Beyond;
    use super::*;

    #[test]
    fn a_long_name_moves_the_column() {
        let answer = crate::predict::predict("noise", &[]).unwrap().to_string();
        assert!(answer.contains("\n       zero_frequency_normalised 1.0000"));
        assert!(answer.contains("\ninputs optimizer                 sgdm\n"));
    }

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
                values: vec![
                    ("mean", Figure::Beyond(Beyond::Infinite)),
                    ("second_moment", 361.903_759_500_9.into()),
                    ("rows", Figure::Rows(vec![vec![1.0, 0.5], vec![0.5, 2.0]])),
                    (RELATIVE_ERROR, 1.234e-12.into()),
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
       rows           1.00000000000  0.500000000000
                      0.500000000000  2.00000000000
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
