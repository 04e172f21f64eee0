//! The format of recorded trajectories, `kramers-golden/1`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

const FORMAT: &str = "kramers-golden/1";

/// What a group or case gives in the symbols of its paper.
pub type Symbols = serde_json::Map<String, serde_json::Value>;

/// A recorded file.
#[derive(Debug, Deserialize)]
pub struct Recording {
    /// The file's optimizer.
    pub optimizer: String,
    /// Indices of the stored iterates, ascending.
    pub steps: Vec<usize>,
    /// Problems by id.
    pub problems: BTreeMap<String, Problem>,
    /// Noise by id: a row of d numbers per step.
    pub noise: BTreeMap<String, Vec<Vec<f64>>>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A loss surface.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// Which surface.
    pub kind: String,
    /// d.
    pub dim: usize,
    /// Eigenvalues of a quadratic.
    #[serde(default)]
    pub diag: Vec<f64>,
    /// Factor of the Rosenbrock function.
    pub scale: Option<f64>,
    /// b of the Rosenbrock function.
    pub b: Option<f64>,
}

/// One trajectory.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Key of its problem.
    pub problem: String,
    /// θ₀.
    pub theta0: Vec<f64>,
    /// Key of its noise, if any.
    pub noise: Option<String>,
    /// Hyper-parameters.
    pub paper: Symbols,
    /// (t, factor) pairs.
    pub lr_schedule: Vec<(u64, f64)>,
    /// Parameter groups.
    pub groups: Vec<CaseGroup>,
    /// The stored iterates.
    pub theta: Vec<Vec<f64>>,
}

/// A parameter group.
#[derive(Debug, Deserialize)]
pub struct CaseGroup {
    /// Coordinate indices of each tensor.
    pub tensors: Vec<Vec<usize>>,
    /// Hyper-parameters in which it differs from the case.
    #[serde(default)]
    pub paper: Symbols,
}

impl Recording {
    /// Reads `path`.
    ///
    /// # Errors
    /// The file cannot be read, is of another format, or lacks a key.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Input(format!("cannot read {}: {source}", path.display())))?;
        let place = path.display();
        let document: serde_json::Value = serde_json::from_str(&text)
            .map_err(|e| Error::Input(format!("{place}: not a JSON document: {e}")))?;
        match document.get("format").and_then(|f| f.as_str()) {
            Some(FORMAT) => {}
            Some(other) => {
                return Err(Error::Input(format!(
                    "{place}: format `{other}`; this program replays `{FORMAT}`"
                )));
            }
            None => {
                return Err(Error::Input(format!(
                    "{place}: lacks the key `format`, which must be `{FORMAT}`"
                )));
            }
        }
        serde_json::from_str(&text).map_err(|e| Error::Input(format!("{place}: {e}")))
    }
}
