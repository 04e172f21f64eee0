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

    /// With one more name, or with another value of it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value.into());
        self
    }

    /// The names that rows have, each after what stands before it in its row.
    pub fn names<'a>(rows: impl Iterator<Item = &'a Facts>) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for row in rows {
            let mut after = 0;
            for (name, _) in &row.0 {
                after = 1 + match names.iter().position(|known| known == name) {
                    Some(place) => place,
                    None => {
                        names.insert(after, name);
                        after
                    }
                };
            }
        }
        names
    }

    /// With all of the others, which count where both have a name.
    #[must_use]
    pub fn and(mut self, others: &Facts) -> Self {
        for (name, value) in &others.0 {
            self.set(name, value.clone());
        }
        self
    }
}

/// A number that is known without random numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Exact {
    /// The number.
    pub value: f64,
    /// How far it may be off, beside rounding.
    pub error: f64,
    /// How it was computed.
    pub method: String,
}

impl Exact {
    /// A number that is off by rounding alone.
    pub fn by(method: &str, value: f64) -> Self {
        Exact {
            value,
            error: 0.0,
            method: method.into(),
        }
    }

    /// A number that may be off by so much.
    #[must_use]
    pub fn within(mut self, error: f64) -> Self {
        self.error = error;
        self
    }
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

impl Reading {
    /// What was measured of a cell.
    pub fn measured(cell: &str, quantity: &str, estimate: Estimate) -> Self {
        Self::of(cell, quantity, Some(estimate), None)
    }

    /// What is known of a cell, and was not measured.
    pub fn known(cell: &str, quantity: &str, exact: Exact) -> Self {
        Self::of(cell, quantity, None, Some(exact))
    }

    /// What was measured of a cell and what it is exactly, as far as there is either.
    pub fn of(
        cell: &str,
        quantity: &str,
        measured: Option<Estimate>,
        exact: Option<Exact>,
    ) -> Self {
        Reading {
            cell: cell.into(),
            axes: Facts::default(),
            facts: Facts::default(),
            quantity: quantity.into(),
            measured,
            exact,
            influence: None,
        }
    }

    /// At that value of an axis.
    #[must_use]
    pub fn at(mut self, axis: &str, value: impl Into<Value>) -> Self {
        self.axes.set(axis, value.into());
        self
    }
}
