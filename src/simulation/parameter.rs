//! A parameter of anything that an experiment file may name, as `kramers list` shows it.

use serde::Serialize;

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// The key in the experiment file.
    pub name: &'static str,
    /// Its value when left out; `None` where there is no numeric default.
    pub default: Option<f64>,
    /// What it is.
    pub meaning: &'static str,
}

impl Parameter {
    /// A number with a default.
    pub const fn new(name: &'static str, default: f64, meaning: &'static str) -> Self {
        Parameter {
            name,
            default: Some(default),
            meaning,
        }
    }

    /// A key without a numeric default.
    pub const fn required(name: &'static str, meaning: &'static str) -> Self {
        Parameter {
            name,
            default: None,
            meaning,
        }
    }
}
