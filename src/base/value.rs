//! A value that is known: a number or a word.

use std::fmt;

/// A number or a word: what an axis, a fact or a key of a file may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl Value {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(x) => Some(*x),
            Value::Word(_) => None,
        }
    }

    /// Whether it is what `written` says: the same number, or the same word.
    pub fn is(&self, written: &str) -> bool {
        match self {
            Value::Number(x) => written.parse() == Ok(*x),
            Value::Word(word) => word == written,
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Value::Number(number as f64)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Self {
        Value::Word(word.to_string())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(x) if *x == 0.0 || (1e-4..1e15).contains(&x.abs()) => write!(f, "{x}"),
            Value::Number(x) => write!(f, "{x:e}"),
            Value::Word(word) => f.write_str(word),
        }
    }
}
