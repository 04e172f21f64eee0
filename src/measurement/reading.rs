//! A reading: what was read of one cell of a study, with what is known of the cell.

use std::sync::Arc;

use base::value::Value;

use super::Estimate;

/// What is known of a cell, in order: swept axes, names that follow from them, facts of its system.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(pub Vec<(String, Value)>);

impl Facts {
    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    /// Adds a name, or changes its value.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_string(), value)),
        }
    }
}

/// A number that is known without random numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Exact {
    /// The number.
    pub value: f64,
    /// How far it may be off.
    pub error: f64,
    /// How it was computed.
    pub method: String,
}

/// How much each particle moves an estimate: its standard error is √(Σ vᵢ² / (n (n − 1))), and its covariance with another
/// estimate of the same particles Σ vᵢwᵢ / (n (n − 1)).
#[derive(Clone, Debug, PartialEq)]
pub struct Influence {
    /// Whose particles: estimates of other groups are independent.
    pub group: u64,
    /// vᵢ, of mean 0.
    pub values: Arc<[f64]>,
}

/// A number that was measured, or is known, of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Label of the cell.
    pub cell: String,
    /// Axes: what was swept, the process, the moment, by which readings are joined. They are columns of every table.
    pub axes: Facts,
    /// What else is known of the cell: keys of its blocks, facts of its system.
    pub facts: Facts,
    /// Label of what was read.
    pub quantity: String,
    /// What was measured, if it was.
    pub measured: Option<Estimate>,
    /// What it is exactly, if that is known.
    pub exact: Option<Exact>,
    /// How each particle moves what was measured, where that is known.
    pub influence: Option<Influence>,
}
