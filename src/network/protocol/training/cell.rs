//! One cell of a training experiment: a rule with its settings.

use serde::Serialize;

use crate::protocol::schooling::Schooling;
use crate::protocol::task::Task;
use experiment::optimizer::Tuned;
use experiment::plan::Planned;

/// How the curvature is measured at the end of a training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Curvature {
    /// Random vectors for the trace.
    pub probes: u64,
    /// r, the standard deviation of ν in the expected sharpness.
    pub radius: f64,
    /// Draws of ν.
    pub draws: u64,
}

/// Everything that the trainings of a cell need.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Unique and stable name.
    pub label: String,
    /// The series it belongs to.
    pub series: String,
    /// What is learned, by which network.
    pub task: Task,
    /// The rule.
    pub rule: Tuned,
    /// How long, on which batches, how often.
    pub schooling: Schooling,
    /// The training loss at which a seed's training ends; 0 to go on to the last step.
    pub stop_loss: f64,
    /// What is measured there, if anything.
    pub curvature: Option<Curvature>,
    /// The hyper-parameters that sweep in its series, with their values here.
    pub swept: Vec<(String, f64)>,
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        let plan = Planned::of(&self.label, &self.series).under(&self.rule);
        let Schooling { seeds, steps, .. } = self.schooling;
        if self.stop_loss > 0.0 {
            plan.runs_until(seeds, steps)
        } else {
            plan.runs(seeds, steps)
        }
    }

    /// Which of another series' cells this one, the `place`-th of its own series, is compared with: the only one; the
    /// one that agrees in all that sweeps in both series; or else the one in the same place.
    pub fn partner<'a>(&self, place: usize, others: &[&'a Cell]) -> Option<&'a Cell> {
        if let [only] = others {
            return Some(only);
        }
        let agrees = |other: &&&Cell| {
            !other.swept.is_empty() && other.swept.iter().all(|pair| self.swept.contains(pair))
        };
        others
            .iter()
            .find(agrees)
            .or_else(|| others.get(place))
            .copied()
    }

    /// Its series and what sweeps in it.
    pub fn short(&self) -> String {
        let swept = self.swept.iter().map(|(key, value)| {
            let symbol = symbol(key);
            format!("{symbol} = {value}")
        });
        let said: Vec<String> = std::iter::once(self.series.clone()).chain(swept).collect();
        said.join(", ")
    }
}

/// The field's symbol for a hyper-parameter.
pub fn symbol(key: &str) -> &str {
    match key {
        "eta" => "η",
        "beta0" => "β₀",
        "beta1" => "β₁",
        "beta2" => "β₂",
        "mu" => "μ",
        other => other,
    }
}
