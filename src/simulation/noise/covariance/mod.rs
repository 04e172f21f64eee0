//! Covariances by formula: C(θ), step and time as a file writes them, evaluated over blocks.

mod factor;
mod field;
mod matrix;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use formula::{Mistake, Tree};
use serde::Serialize;

pub use factor::semidefinite_factor;
pub use field::{CovarianceField, Factor};

/// What a formula says of the noise.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The standard deviation: one for all coordinates, or one for each.
    Deviations(Vec<String>),
    /// A matrix, or a number that multiplies the unit matrix.
    Whole(String),
    /// A matrix of formulas, by rows.
    Entries(Vec<Vec<String>>),
}

/// The covariance of a stochastic gradient by formulas of the state.
///
/// They name the coordinates, `loss`, `h_top` (the largest eigenvalue of ∇²L), `hessian` (∇²L: a matrix, which a covariance
/// takes times a number, and a number in one coordinate), `step` (the update being made, from 1), `time` (before it) and the
/// constants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CovarianceFormula {
    /// What is given.
    pub form: Form,
    /// The names of the coordinates.
    pub variables: Vec<String>,
    /// The values of the other names.
    pub constants: BTreeMap<String, f64>,
}

/// What of the state a formula may name beside its coordinates.
pub const STATE: [&str; 5] = ["loss", "h_top", "hessian", "step", "time"];

impl CovarianceFormula {
    /// The formulas.
    pub fn texts(&self) -> Vec<&str> {
        match &self.form {
            Form::Deviations(all) => all.iter().map(String::as_str).collect(),
            Form::Whole(one) => vec![one],
            Form::Entries(rows) => rows.iter().flatten().map(String::as_str).collect(),
        }
    }

    /// Whether any of the formulas has one of these names.
    ///
    /// # Errors
    /// A formula that is none.
    pub fn names_any(&self, wanted: &[&str]) -> Result<bool, Mistake> {
        for text in self.texts() {
            let names = Tree::parse(text)?.names();
            if names
                .iter()
                .any(|(_, name)| wanted.contains(&name.as_str()))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// As it stands in a sentence.
    pub(crate) fn shown(&self) -> String {
        match &self.form {
            Form::Deviations(all) => format!("`std` = {}", all.join(", ")),
            Form::Whole(one) => format!("the covariance {one}"),
            Form::Entries(rows) => {
                let rows: Vec<String> = rows.iter().map(|row| row.join(", ")).collect();
                format!("the covariance [{}]", rows.join("; "))
            }
        }
    }
}
