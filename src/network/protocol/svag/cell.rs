//! One cell: a rule at a learning rate, under SVAG with one l.

use serde::Serialize;

use crate::protocol::schooling::Schooling;
use crate::protocol::task::Task;
use crate::training::Gradient;
use experiment::optimizer::Tuned;
use experiment::plan::Planned;

/// Everything that a group of trainings needs, but for its seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Unique and stable name.
    pub label: String,
    /// The rule's name in the report.
    pub series: String,
    /// What is learned, and by which network.
    pub task: Task,
    /// The rule at η/l.
    pub rule: Tuned,
    /// η at l = 1.
    pub eta: f64,
    /// l.
    pub l: u64,
    /// Whether it sees batches of its own, not those that the other cells see: a yardstick of chance.
    pub apart: bool,
    /// l times as many steps as at l = 1, looked at l times as rarely.
    pub schooling: Schooling,
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        Planned::of(&self.label, &self.series)
            .under(&self.rule)
            .with("eta", self.eta)
            .with("l", self.l)
            .runs(self.schooling.seeds, self.schooling.steps)
    }

    /// How its gradients are made. At l = 1 the second weight of SVAG is 0: one batch is enough.
    pub fn gradient(&self) -> Gradient {
        match self.l {
            1 => Gradient::Plain,
            l => Gradient::Svag(l as f64),
        }
    }

    /// t = ηk/l, which is the same at the same look for every l.
    pub fn time(&self, step: u64) -> f64 {
        self.eta * step as f64 / self.l as f64
    }
}
