//! What trainings came to.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::quantity::Quantity;
use base::error::Result;
use experiment::kept::known;
use measurement::Estimate;
use measurement::mean::over_seeds;

/// A network at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Steps taken.
    pub step: u64,
    /// L(θ) on the training examples.
    #[serde(deserialize_with = "known")]
    pub train_loss: f64,
    /// Share of the training examples classified rightly.
    #[serde(deserialize_with = "known")]
    pub train_accuracy: f64,
    /// Mean loss on the test examples, the penalty included.
    #[serde(deserialize_with = "known")]
    pub test_loss: f64,
    /// Share of the test examples classified rightly.
    #[serde(deserialize_with = "known")]
    pub test_accuracy: f64,
    /// Share of the wrong training labels that the network gives; NaN where there are none.
    #[serde(deserialize_with = "known")]
    pub memorised: f64,
    /// Share of faint test examples classified rightly; NaN where there are none.
    #[serde(deserialize_with = "known")]
    pub faint_accuracy: f64,
}

/// What is measured once, where the training ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// λ₁ of ∇²L.
    #[serde(deserialize_with = "known")]
    pub eigenvalue: f64,
    /// ‖Hv − λ₁v‖/λ₁.
    #[serde(deserialize_with = "known")]
    pub residual: f64,
    /// tr ∇²L.
    #[serde(deserialize_with = "known")]
    pub trace: f64,
    /// E L(θ + ν) − L(θ).
    #[serde(deserialize_with = "known")]
    pub sharpness: f64,
}

impl End {
    /// Nothing measured.
    pub const UNKNOWN: End = End {
        eigenvalue: f64::NAN,
        residual: f64::NAN,
        trace: f64::NAN,
        sharpness: f64::NAN,
    };
}

/// One training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its looks; the last is where it ended.
    pub looks: Vec<Look>,
    /// Whether it came to the loss at which it was to end; true where none was named.
    pub arrived: bool,
    /// What was measured there.
    pub end: End,
}

impl Run {
    /// A number of the last look.
    pub fn last(&self, of: impl Fn(&Look) -> f64) -> f64 {
        self.looks.last().map_or(f64::NAN, of)
    }
}

/// A cell with its trainings.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// One training per seed.
    pub runs: &'a [Run],
}

impl Outcome<'_> {
    /// A quantity of every training.
    pub fn values(&self, quantity: Quantity) -> impl Iterator<Item = f64> {
        self.runs.iter().map(move |run| quantity.of(run))
    }

    /// Its mean over seeds.
    ///
    /// # Errors
    /// It was measured in fewer than two trainings.
    pub fn estimate(&self, quantity: Quantity, confidence: f64) -> Result<Estimate> {
        over_seeds(self.values(quantity), confidence)
    }
}
