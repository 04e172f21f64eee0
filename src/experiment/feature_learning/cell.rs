//! One cell of a feature-learning experiment: a rule with its settings on data of one dimension.

use serde::Serialize;

use crate::optimizer::Tuned;
use crate::plan::Planned;
use report::number::short;
use simulation::feature::{CubicNetwork, PatchLaw};

/// What happens to the optimizer when the large-margin data are fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AtFit {
    /// Nothing.
    GoOn,
    /// Its memory is emptied, once; it goes on with the same rule.
    EmptyMemory,
    /// Plain GD of the same η takes over.
    PlainGd,
}

/// One cell: everything that a training run needs, but for its seed.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Unique and stable name.
    pub label: String,
    /// Name of the series it belongs to.
    pub series: String,
    /// The distribution of the data.
    pub law: PatchLaw,
    /// N₁, training examples of large margin.
    pub large: usize,
    /// N₂, training examples of small margin.
    pub small: usize,
    /// Fresh examples that the accuracies are measured on.
    pub test: usize,
    /// m.
    pub neurons: usize,
    /// σ₀, standard deviation of the first weights.
    pub init: f64,
    /// The update rule.
    pub rule: Tuned,
    /// What happens at the fit of the large-margin data.
    pub at_fit: AtFit,
    /// Training ends when the mean losses on both margins are below this.
    pub stop: f64,
    /// Steps after which training ends at the latest.
    pub max_steps: u64,
    /// Save points per decade of steps; 0 for the end alone.
    pub marks_per_decade: u64,
    /// Training runs, each with its own data and first weights.
    pub seeds: u64,
}

/// What differs between the cells of an experiment, beside the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Varied {
    /// d.
    pub dim: bool,
    /// σ₀.
    pub init: bool,
}

impl Varied {
    /// Of some cells.
    pub fn of(cells: &[Cell]) -> Self {
        Varied {
            dim: cells.iter().any(|cell| cell.law.dim != cells[0].law.dim),
            init: cells.iter().any(|cell| cell.init != cells[0].init),
        }
    }
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        Planned::of(&self.label, &self.series)
            .with("dim", self.law.dim as u64)
            .with("init", self.init)
            .under(&self.rule)
            .runs_until(self.seeds, self.max_steps)
    }

    /// The network.
    pub fn network(&self) -> CubicNetwork {
        CubicNetwork {
            neurons: self.neurons,
            dim: self.law.dim,
        }
    }

    /// η.
    pub fn eta(&self) -> f64 {
        self.rule.values["eta"]
    }

    /// γ, where the rule is GD or GD+M in the paper's form.
    pub fn gamma(&self) -> Option<f64> {
        match self.rule.entry.name {
            "sgd" => Some(0.0),
            "sgdm" => Some(self.rule.values["beta1"]),
            _ => None,
        }
    }

    /// Whether it is GD or GD+M and nothing else.
    pub fn is_plain(&self) -> bool {
        self.at_fit == AtFit::GoOn && self.rule.values.is_plain() && self.gamma().is_some()
    }

    /// Its place in the sweep, e.g. `GD+M, η = 0.03, γ = 0.99`.
    pub fn short(&self, varied: Varied) -> String {
        let mut said = format!("{}, η = {}", self.series, self.eta());
        if let Some(gamma) = self.gamma().filter(|gamma| *gamma > 0.0) {
            said += &format!(", γ = {gamma}");
        }
        if varied.dim {
            said += &format!(", d = {}", self.law.dim);
        }
        if varied.init {
            said += &format!(", σ₀ = {}", short(self.init, 3));
        }
        said
    }

    /// The steps at which the weights are looked at, evenly spaced on a logarithmic axis.
    pub fn marks(&self) -> Vec<u64> {
        if self.marks_per_decade == 0 {
            return Vec::new();
        }
        let mut marks = vec![0];
        for k in 0.. {
            let step = 10f64.powf(k as f64 / self.marks_per_decade as f64).round() as u64;
            if step > self.max_steps {
                break;
            }
            if marks.last() != Some(&step) {
                marks.push(step);
            }
        }
        marks
    }
}
