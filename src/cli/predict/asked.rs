//! Predictions as tests ask for them.

use super::answer::{Answer, Figure, Prediction};
use super::predict;
use base::error::Result;

fn ask(quantity: &str, text: &str) -> Result<Answer> {
    let assignments: Vec<String> = text.split_whitespace().map(String::from).collect();
    predict(quantity, &assignments)
}

/// The answer at assignments that stand with spaces between.
pub fn answered(quantity: &str, text: &str) -> Answer {
    ask(quantity, text).unwrap()
}

/// The refusal of assignments that cannot be used.
pub fn refused(quantity: &str, text: &str) -> String {
    let error = ask(quantity, text).unwrap_err();
    assert_eq!(error.exit_code(), 2, "{error}");
    error.to_string()
}

/// Wants two numbers to agree to a relative difference.
pub fn close(value: f64, expected: f64, relative: f64) {
    assert!(
        (value / expected - 1.0).abs() < relative,
        "{value} {expected}"
    );
}

/// A number among the values of a prediction.
pub fn named(prediction: &Prediction, name: &str) -> f64 {
    match prediction.values.iter().find(|(n, _)| *n == name) {
        Some((_, Figure::Number(number))) => *number,
        other => panic!("{name} is no number: {other:?}"),
    }
}
