//! What students learned, and how two rules compare seed by seed.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::spec::{ClaimSpec, StudentSpec};
use base::error::Result;
use measurement::Estimate;
use measurement::mean::{Moments, over_seeds};

/// One training run: shares classified rightly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Of the training data.
    pub training_accuracy: f64,
    /// Of fresh data.
    pub test_accuracy: f64,
}

/// A cell with its runs.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// One run per seed.
    pub runs: &'a [Run],
}

/// Two rules on one teacher and student, seed by seed, in percentage points.
pub struct Difference<'a> {
    /// The cell of the rule with momentum.
    pub cell: &'a Cell,
    /// Test accuracy of the one less that of the other.
    pub test: Vec<f64>,
    /// Training accuracy of the one less that of the other.
    pub training: Vec<f64>,
}

impl Outcome<'_> {
    /// The mean of an accuracy over seeds, in percent.
    ///
    /// # Errors
    /// Fewer than two runs.
    pub fn percent(&self, of: fn(&Run) -> f64, confidence: f64) -> Result<Estimate> {
        over_seeds(self.runs.iter().map(|run| 100.0 * of(run)), confidence)
    }
}

impl Difference<'_> {
    /// Whether both rules fit the training data equally well.
    pub fn fitted_alike(&self, within: f64) -> bool {
        let mean = self.training.iter().copied().collect::<Moments>().mean();
        mean.is_some_and(|mean| mean.abs() <= within)
    }
}

/// The differences that a claim speaks of, one per teacher and student.
pub fn differences<'a>(
    spec: &'a StudentSpec,
    claim: &ClaimSpec,
    outcomes: &[Outcome<'a>],
) -> Vec<Difference<'a>> {
    let pairs = spec.cells.iter().filter(|cell| cell.series == claim.series);
    pairs
        .filter_map(|cell| {
            let find = |series: &str| {
                let own = |o: &&Outcome<'a>| o.cell.series == series && o.cell.same_pair(cell);
                outcomes.iter().find(own)
            };
            let (own, other) = (find(&claim.series)?, find(&claim.against)?);
            let less = |of: fn(&Run) -> f64| {
                let pairs = own.runs.iter().zip(other.runs);
                pairs.map(|(a, b)| 100.0 * (of(a) - of(b))).collect()
            };
            Some(Difference {
                cell,
                test: less(|run| run.test_accuracy),
                training: less(|run| run.training_accuracy),
            })
        })
        .collect()
}
