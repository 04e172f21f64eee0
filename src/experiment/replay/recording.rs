//! The format of recorded trajectories, `kramers-golden/1`.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use base::error::{Error, Result};

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
        // Some editors begin a file with a mark of its byte order.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let place = path.display();
        let document: serde_json::Value = serde_json::from_str(text)
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
        let recording: Self =
            serde_json::from_str(text).map_err(|e| Error::Input(format!("{place}: {e}")))?;
        recording
            .check()
            .map_err(|what| Error::Input(format!("{place}: {what}")))?;
        Ok(recording)
    }

    /// Whether there is something to replay, in an order in which it can be.
    fn check(&self) -> std::result::Result<(), String> {
        if self.cases.is_empty() {
            return Err(
                "`cases` is empty, so that nothing would be replayed; record at least one".into(),
            );
        }
        let ascending = self.steps.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.steps.last().is_none_or(|last| *last == 0) {
            return Err(
                "`steps` must be the indices of the stored iterates in ascending order, each once, with one after the start"
                    .into(),
            );
        }
        let mut ids = HashSet::new();
        if let Some(case) = self.cases.iter().find(|case| !ids.insert(&case.id)) {
            return Err(format!("two cases have the id `{}`", case.id));
        }
        self.cases.iter().try_for_each(Case::check)
    }
}

impl Case {
    fn check(&self) -> std::result::Result<(), String> {
        let ascending = self
            .lr_schedule
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0);
        let usable = |(step, factor): &(u64, f64)| *step >= 1 && (0.0..=1e6).contains(factor);
        if !ascending || !self.lr_schedule.iter().all(usable) {
            return Err(format!(
                "case {}: `lr_schedule` must be pairs of a step, counted from 1 and in ascending order, and a factor from 0 to 1e6",
                self.id
            ));
        }
        if self.theta0.is_empty() {
            return Err(format!("case {}: `theta0` is empty", self.id));
        }
        Ok(())
    }
}
