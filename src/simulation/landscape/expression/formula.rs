//! The formula of a surface as it is written in an experiment file.

use std::collections::BTreeMap;

use serde::Serialize;

use formula::{Mistake, loose_names, reserved};

/// Most variables that a formula may have: its Hessian is dense.
pub const MOST_VARIABLES: usize = 100;
/// Most characters of a formula.
const LONGEST: usize = 20_000;

/// A formula with its names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Formula {
    /// The formula.
    pub text: String,
    /// θ₁, …, θ_d by their names. Where there are none, the variables are those among x, y, z, u, v, w and
    /// theta, each with or without a number behind it, that occur, in the order of first appearance.
    pub variables: Vec<String>,
    /// The values of its parameters.
    pub parameters: BTreeMap<String, f64>,
    /// Minima and saddles are sought in |θᵢ| ≤ this.
    pub search: f64,
}

impl Formula {
    /// A formula without parameters whose variables are to be inferred.
    pub fn new(text: &str) -> Self {
        Formula {
            text: text.to_string(),
            variables: Vec::new(),
            parameters: BTreeMap::new(),
            search: 10.0,
        }
    }

    /// What is wrong with the formula as a whole.
    pub(super) fn mistake(&self, what: impl Into<String>) -> Mistake {
        Mistake {
            at: 0,
            what: what.into(),
            text: self.text.clone(),
        }
    }

    /// The names that occur and are neither variables by their names nor given: what `predict` takes for
    /// parameters.
    ///
    /// # Errors
    /// A character that cannot occur.
    pub fn parameters_of(text: &str) -> Result<Vec<String>, Mistake> {
        // An unknown function is no parameter.
        let found = loose_names(text)?.into_iter();
        Ok(found
            .filter(|found| !customary(&found.name) && !found.called)
            .map(|found| found.name)
            .collect())
    }

    /// The variables, given or inferred.
    ///
    /// # Errors
    /// None, too many, one twice, one that is a parameter too; a parameter that does not occur, or is not
    /// finite.
    pub fn names(&self) -> Result<Vec<String>, Mistake> {
        if self.text.chars().count() > LONGEST {
            return Err(self.mistake(format!("more than {LONGEST} characters")));
        }
        let used = loose_names(&self.text)?;
        for (name, value) in &self.parameters {
            if !value.is_finite() {
                return Err(self.mistake(format!("the parameter {name} = {value} is not finite")));
            }
            if reserved(name) {
                return Err(self.mistake(format!(
                    "the parameter {name} has a meaning already; choose another name"
                )));
            }
            if !used.iter().any(|found| found.name == *name) {
                return Err(self.mistake(format!(
                    "the parameter `{name}` does not occur in the formula"
                )));
            }
        }
        let variables = if self.variables.is_empty() {
            let own = used.into_iter().map(|found| found.name);
            own.filter(|name| customary(name) && !self.parameters.contains_key(name))
                .collect()
        } else {
            self.variables.clone()
        };
        for (i, name) in variables.iter().enumerate() {
            if reserved(name) || !plain(name) {
                return Err(self.mistake(format!(
                    "the variable `{name}` is no name of its own; use letters, digits and _"
                )));
            }
            if self.parameters.contains_key(name) {
                return Err(self.mistake(format!(
                    "`{name}` is both a variable and a parameter; keep one"
                )));
            }
            if variables[..i].contains(name) {
                return Err(self.mistake(format!("the variable `{name}` is listed twice")));
            }
        }
        if variables.is_empty() {
            return Err(self.mistake(
                "no variable: a surface needs one, such as x, or name yours in variables = […]",
            ));
        }
        if variables.len() > MOST_VARIABLES {
            return Err(self.mistake(format!(
                "{} variables; at most {MOST_VARIABLES}, since the Hessian is dense (a formula of one variable takes any dim)",
                variables.len()
            )));
        }
        Ok(variables)
    }
}

fn plain(name: &str) -> bool {
    let first = name.chars().next();
    first.is_some_and(|c| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether a name is one by which variables go.
fn customary(name: &str) -> bool {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    ["x", "y", "z", "u", "v", "w", "theta", "θ"].contains(&letters)
}
