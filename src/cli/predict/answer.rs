//! A prediction as an answer: what the paper says, what is exact, and from which inputs.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The answer to `kramers predict`.
///
/// As JSON: `{"quantity", "summary", "inputs": {key: resolved}, "paper": … | null,
/// "exact": … | null, "notes": [text]}`; a number that is infinite becomes null, and a note says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The quantity's name.
    pub quantity: &'static str,
    /// What the quantity is.
    pub summary: &'static str,
    /// Every key as it was resolved; null where it plays no part.
    #[serde(serialize_with = "as_map")]
    pub inputs: Vec<(&'static str, Value)>,
    /// The closed form of a paper, where one applies.
    pub paper: Option<Prediction>,
    /// The same without approximation, where it is known.
    pub exact: Option<Prediction>,
    /// What is missing and why, and what has to be known to compare the two.
    pub notes: Vec<String>,
}

impl Answer {
    /// The results that no double holds, as a note.
    pub fn unrepresented(&self) -> Option<String> {
        let sides = [&self.paper, &self.exact].into_iter().flatten();
        let values = sides.flat_map(|side| &side.values);
        let lost = values.filter(|(_, figure)| !figure.is_finite());
        let names: Vec<&str> = lost.map(|(name, _)| *name).collect();
        let what = "exceeds the largest double, or comes of numbers that do";
        (!names.is_empty()).then(|| format!("{}: {what}", names.join(", ")))
    }
}

/// Name of the accuracy that a computed value reached, among its values.
pub const RELATIVE_ERROR: &str = "relative_error";

/// A result: a number, or the rows of a matrix.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Figure {
    /// One number.
    Number(f64),
    /// A matrix, row by row.
    Rows(Vec<Vec<f64>>),
}

impl Figure {
    /// Whether every number of it is.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Number(x) => x.is_finite(),
            Self::Rows(rows) => rows.iter().flatten().all(|x| x.is_finite()),
        }
    }
}

impl From<f64> for Figure {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// One prediction of the quantity.
///
/// As JSON: `{"value", "values": {name: …}, "unit", "formula", "source", "validity"}`, where `value` is the
/// first of `values`.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// What was asked for, by its name, then what goes with it.
    pub values: Vec<(&'static str, Figure)>,
    /// Unit of the first of them.
    pub unit: &'static str,
    /// The equation.
    pub formula: String,
    /// Where the equation stands, or how the number was computed.
    pub source: &'static str,
    /// The conditions that its derivation makes, each with its number.
    pub validity: Vec<String>,
}

impl Prediction {
    /// What was asked for, where that is one number; not a number where it is a matrix.
    pub fn number(&self) -> f64 {
        match self.values.first() {
            Some((_, Figure::Number(number))) => *number,
            _ => f64::NAN,
        }
    }
}

impl Serialize for Prediction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            value: Option<&'a Figure>,
            #[serde(serialize_with = "as_map")]
            values: &'a [(&'static str, Figure)],
            unit: &'a str,
            formula: &'a str,
            source: &'a str,
            validity: &'a [String],
        }
        let document = Document {
            value: self.values.first().map(|(_, figure)| figure),
            values: &self.values,
            unit: self.unit,
            formula: &self.formula,
            source: self.source,
            validity: &self.validity,
        };
        document.serialize(serializer)
    }
}

/// Numbers by their names.
pub fn numbers<const N: usize>(pairs: [(&'static str, f64); N]) -> Vec<(&'static str, Figure)> {
    pairs.map(|(name, number)| (name, number.into())).into()
}

fn as_map<S: Serializer, V: Serialize>(
    pairs: &[(&'static str, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_form_is_the_documented_one() {
        let answer = Answer {
            quantity: "mfpt",
            summary: "a time",
            inputs: vec![("start", Value::from(-1.0)), ("batch", Value::Null)],
            paper: None,
            exact: Some(Prediction {
                values: vec![
                    ("mean", f64::INFINITY.into()),
                    ("rows", Figure::Rows(vec![vec![1.0, 2.5]])),
                ],
                unit: "t",
                formula: "T".into(),
                source: "by hand",
                validity: Vec::new(),
            }),
            notes: vec!["infinite".into()],
        };
        assert!(answer.unrepresented().unwrap().starts_with("mean: exceeds"));
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"quantity":"mfpt","summary":"a time","inputs":{"start":-1.0,"batch":null},"paper":null,"exact":{"value":null,"values":{"mean":null,"rows":[[1.0,2.5]]},"unit":"t","formula":"T","source":"by hand","validity":[]},"notes":["infinite"]}"#
        );
    }
}
