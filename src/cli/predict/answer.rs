//! A prediction as an answer: what the paper says, what is exact, and from which inputs.

use serde::{Serialize, Serializer};
use serde_json::Value;

use base::shown::numbers as numbers_in;

/// The answer to `kramers predict`.
///
/// As JSON: `{"quantity", "summary", "inputs": {key: resolved}, "paper": … | null,
/// "exact": … | null, "notes": [text]}`; a number that no double holds, or that is infinite, becomes
/// null, and a note says so.
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
    /// With what no double holds told as that instead of a number, and in a note, and the notes' numbers short; `given` are the keys at which it is so.
    #[must_use]
    pub fn representable(mut self, given: &[String]) -> Self {
        let sides = [("paper", &mut self.paper), ("exact", &mut self.exact)];
        for (heading, side) in sides {
            let values = side.iter_mut().flat_map(|side| &mut side.values);
            let mut lost: Vec<(Beyond, Vec<&str>)> = Vec::new();
            for (name, figure) in values {
                let Some(beyond) = figure.lost(!CAN_VANISH.contains(name)) else {
                    continue;
                };
                *figure = Figure::Beyond(beyond);
                match lost.iter_mut().find(|(b, _)| *b == beyond) {
                    Some((_, names)) => names.push(name),
                    None => lost.push((beyond, vec![name])),
                }
            }
            self.notes.extend(lost.iter().map(|(beyond, names)| {
                let at = if given.is_empty() {
                    String::new()
                } else {
                    format!(", at {}", given.join(", "))
                };
                format!("{heading} {}: {}{at}", names.join(", "), beyond.sentence())
            }));
        }
        for note in &mut self.notes {
            *note = numbers_in(note).into_owned();
        }
        self
    }
}

/// Results of one number that are 0 where nothing was lost; any other that is came of a number below the smallest double.
const CAN_VANISH: &[&str] = &[
    "sup_mean",
    "sup_second",
    "sup_strong",
    "lag",
    "beta",
    "order",
    "order_mean",
    "order_second",
    "order_strong",
    "limit_mean",
    "limit_second",
    "nyquist",
    "kl",
    "log_order",
    "exponent",
    "growth_per_step",
    "mean",
    RELATIVE_ERROR,
];

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
    /// A number that cannot be told.
    Beyond(Beyond),
}

/// Why a number cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// It is infinite.
    Infinite,
    /// It is larger than the largest double.
    Large,
    /// It is smaller than the smallest double that has all its digits.
    Small,
    /// It is made of numbers that no double holds.
    Unknown,
}

impl Beyond {
    /// In place of the number.
    pub fn words(self) -> &'static str {
        match self {
            Self::Infinite => "infinite",
            Self::Large => "too large for a double",
            Self::Small => "too small for a double",
            Self::Unknown => "not known",
        }
    }

    /// What is said of such results.
    fn sentence(self) -> &'static str {
        match self {
            Self::Infinite => "infinite",
            Self::Large => "beyond the largest double, or made of numbers that are",
            Self::Small => "below the smallest double, or made of numbers that are",
            Self::Unknown => "made of numbers that no double holds",
        }
    }
}

impl Serialize for Beyond {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl Figure {
    /// Whether every number of it is.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Number(x) => x.is_finite(),
            Self::Rows(rows) => rows.iter().flatten().all(|x| x.is_finite()),
            Self::Beyond(_) => false,
        }
    }

    /// Why it cannot be told, where it cannot; a number that is `positive` is never 0.
    fn lost(&self, positive: bool) -> Option<Beyond> {
        match self {
            Self::Number(x) if x.is_infinite() => Some(Beyond::Large),
            Self::Number(x) if x.is_subnormal() || (positive && *x == 0.0) => Some(Beyond::Small),
            Self::Rows(rows) if rows.iter().flatten().any(|x| x.is_infinite()) => {
                Some(Beyond::Large)
            }
            Self::Number(_) | Self::Rows(_) if !self.is_finite() => Some(Beyond::Unknown),
            _ => None,
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
    /// What was asked for, where that is one number that can be told, or infinite; not a number otherwise.
    pub fn number(&self) -> f64 {
        match self.values.first() {
            Some((_, Figure::Number(number))) => *number,
            Some((_, Figure::Beyond(Beyond::Infinite))) => f64::INFINITY,
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
                    ("mean", Figure::Beyond(Beyond::Infinite)),
                    ("rows", Figure::Rows(vec![vec![1.0, 2.5]])),
                ],
                unit: "t",
                formula: "T".into(),
                source: "by hand",
                validity: Vec::new(),
            }),
            notes: vec!["infinite".into()],
        };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"quantity":"mfpt","summary":"a time","inputs":{"start":-1.0,"batch":null},"paper":null,"exact":{"value":null,"values":{"mean":null,"rows":[[1.0,2.5]]},"unit":"t","formula":"T","source":"by hand","validity":[]},"notes":["infinite"]}"#
        );
    }

    #[test]
    fn what_no_double_holds_is_told() {
        let answer = Answer {
            quantity: "mfpt",
            summary: "a time",
            inputs: Vec::new(),
            paper: None,
            exact: Some(Prediction {
                values: numbers([
                    ("tau", f64::INFINITY),
                    ("iterations", f64::INFINITY),
                    ("rate", 0.0),
                    ("prefactor", 1e-310),
                    ("gamma", f64::NAN),
                    ("kl", 0.0),
                    ("bound", 2.0),
                ]),
                unit: "t",
                formula: "T".into(),
                source: "by hand",
                validity: Vec::new(),
            }),
            notes: vec!["before".into()],
        };
        let told = answer.representable(&["eta = 1e-300".to_string()]);
        assert_eq!(
            told.notes[1..],
            [
                "exact tau, iterations: beyond the largest double, or made of numbers that are, at eta = 1e-300",
                "exact rate, prefactor: below the smallest double, or made of numbers that are, at eta = 1e-300",
                "exact gamma: made of numbers that no double holds, at eta = 1e-300",
            ]
        );
        let values = told.exact.unwrap().values;
        let kept = values.iter().filter(|(_, figure)| figure.is_finite());
        assert_eq!(kept.map(|(n, _)| *n).collect::<Vec<_>>(), ["kl", "bound"]);
    }
}
