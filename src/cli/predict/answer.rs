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

/// Name of the accuracy that a computed value reached, among its values.
pub const RELATIVE_ERROR: &str = "relative_error";

/// One prediction of the quantity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The number that was asked for.
    pub value: f64,
    /// That number first, by its name, and those that go with it.
    #[serde(serialize_with = "as_map")]
    pub values: Vec<(&'static str, f64)>,
    /// Unit of `value`.
    pub unit: &'static str,
    /// The equation.
    pub formula: String,
    /// Where the equation stands, or how the number was computed.
    pub source: &'static str,
    /// The conditions that its derivation makes, each with its number.
    pub validity: Vec<String>,
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
                value: f64::INFINITY,
                values: vec![("mean", f64::INFINITY), ("second_moment", 2.5)],
                unit: "t",
                formula: "T".into(),
                source: "by hand",
                validity: Vec::new(),
            }),
            notes: vec!["infinite".into()],
        };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"quantity":"mfpt","summary":"a time","inputs":{"start":-1.0,"batch":null},"paper":null,"exact":{"value":null,"values":{"mean":null,"second_moment":2.5},"unit":"t","formula":"T","source":"by hand","validity":[]},"notes":["infinite"]}"#
        );
    }
}
