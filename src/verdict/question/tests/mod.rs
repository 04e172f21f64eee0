//! Claims on readings made by hand.

mod bad;
mod by_hand;
mod coverage;
mod fuzz;
mod studies;

use std::sync::Arc;

use base::value::Value;
use formula::Tree;
use measurement::Estimate;
use measurement::reading::{Exact, Facts, Influence, Reading};

use super::{Decided, Question};
use crate::decide::Tolerance;
use crate::{Role, Verdict};

pub fn tree(text: &str) -> Tree {
    Tree::parse(text).unwrap()
}

/// A claim without a criterion.
pub fn ask(quantity: &str) -> Question {
    Question {
        id: "mine.claim".into(),
        case: String::new(),
        statement: String::new(),
        quantity: tree(quantity),
        over: Vec::new(),
        holds: Vec::new(),
        predicts: None,
        at_most: None,
        at_least: None,
        rivals: Vec::new(),
        forms: None,
        role: Role::Decides,
        confidence: 0.999,
        instead: String::new(),
    }
}

pub fn predicting(quantity: &str, predicted: &str, within: f64) -> Question {
    Question {
        predicts: Some((tree(predicted), Tolerance::Absolute(within))),
        ..ask(quantity)
    }
}

pub fn at_most(quantity: &str, limit: &str) -> Question {
    Question {
        at_most: Some(tree(limit)),
        ..ask(quantity)
    }
}

/// Words and numbers as `name=value name=value`.
fn facts(text: &str) -> Facts {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        let number = value.parse().map(Value::Number);
        (
            name.into(),
            number.unwrap_or_else(|_| Value::Word(value.into())),
        )
    };
    Facts(text.split_whitespace().map(pair).collect())
}

/// A reading without numbers.
pub fn blank(quantity: &str, axes: &str, known: &str) -> Reading {
    Reading {
        cell: axes.into(),
        axes: facts(axes),
        facts: facts(known),
        quantity: quantity.into(),
        measured: None,
        exact: None,
        influence: None,
    }
}

/// A reading of 20,000 particles.
pub fn measured(quantity: &str, axes: &str, known: &str, value: f64, error: f64) -> Reading {
    Reading {
        measured: Some(Estimate::normal(value, error, 20_000, 0.999, "by hand")),
        ..blank(quantity, axes, known)
    }
}

pub fn exactly(mut reading: Reading, value: f64, error: f64) -> Reading {
    reading.exact = Some(Exact {
        value,
        error,
        method: "by hand".into(),
    });
    reading
}

/// With particles of its own.
pub fn moved(mut reading: Reading, group: u64, values: &[f64]) -> Reading {
    reading.influence = Some(Influence {
        group,
        values: Arc::from(values),
    });
    reading
}

/// The same readings before anything was measured: what will be known exactly is without its value.
pub fn blanks(table: &[Reading]) -> Vec<Reading> {
    let unknown = |_: &Exact| Exact {
        value: f64::NAN,
        error: f64::NAN,
        method: String::new(),
    };
    let blank = |reading: &Reading| Reading {
        measured: None,
        exact: reading.exact.as_ref().map(unknown),
        influence: None,
        ..reading.clone()
    };
    table.iter().map(blank).collect()
}

/// Checks the claim before there are numbers, and decides it with them.
pub fn decided(question: &Question, table: &[Reading]) -> Decided {
    if let Err(mistake) = super::check(question, &blanks(table)) {
        panic!("{mistake}");
    }
    super::decide(question, table)
}

/// The verdict of a claim with one ruling, with its value, interval and reason.
pub fn one(question: &Question, table: &[Reading]) -> (Verdict, f64, (f64, f64), String) {
    let decided = decided(question, table);
    let [ruling] = &decided.rulings[..] else {
        panic!("{} rulings", decided.rulings.len());
    };
    let found = ruling.measured.as_ref();
    let value = found.and_then(|m| m.value).unwrap_or(f64::NAN);
    let interval = found.map_or((f64::NAN, f64::NAN), |m| (m.ci_low, m.ci_high));
    (ruling.verdict, value, interval, ruling.why.clone())
}

/// Whether two numbers agree to a share.
pub fn near(a: f64, b: f64, share: f64) -> bool {
    (a - b).abs() <= share * b.abs()
}
