//! One cell: a rule at a learning rate and a batch size.

use serde::Serialize;

use crate::protocol::task::Task;
use experiment::optimizer::Tuned;
use experiment::plan::Planned;

/// Everything that a group of chains needs.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Unique and stable name.
    pub label: String,
    /// The rule's name in the report.
    pub series: String,
    /// What is learned, and by which network.
    pub task: Task,
    /// The rule.
    pub rule: Tuned,
    /// B, drawn with replacement.
    pub batch: u64,
    /// Networks, each with batches of its own.
    pub networks: u64,
    /// How many of them are computed at once.
    pub together: u64,
    /// Steps after which the watching ends.
    pub horizon: u64,
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        Planned::of(&self.label, &self.series)
            .under(&self.rule)
            .with("batch", self.batch)
            .with("b_over_eta", self.batch as f64 / self.eta())
            .runs_until(self.networks, self.horizon)
    }

    /// η.
    pub fn eta(&self) -> f64 {
        self.rule.values["eta"]
    }

    /// Whether the weight is all that the next step depends on.
    pub fn is_sgd(&self) -> bool {
        self.rule.entry.name == "sgd" && self.rule.values.is_plain()
    }
}
