//! One cell: a rule, on the network or on its expansion at the minimum.

use serde::Serialize;

use crate::protocol::task::Task;
use experiment::optimizer::Tuned;
use experiment::plan::Planned;
use prediction::exact::linear::LinearRule;
use prediction::theory::pnm::Posterior;

/// What is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The network itself.
    Network,
    /// Its loss to second order at the minimum, with the noise of the minimum.
    Local,
}

impl Loss {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Loss::Network => "network",
            Loss::Local => "second order",
        }
    }
}

/// How long chains are, and on which batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Chains {
    /// B, drawn with replacement.
    pub batch: u64,
    /// Chains, each with batches of its own.
    pub count: u64,
    /// How many of them are computed at once.
    pub together: u64,
    /// Steps that are discarded.
    pub burn_in: u64,
    /// Steps in all.
    pub steps: u64,
    /// Steps from one look to the next.
    pub every: u64,
}

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
    /// What is trained.
    pub loss: Loss,
    /// How long.
    pub chains: Chains,
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        Planned::of(&self.label, &self.series)
            .with("loss", self.loss.name())
            .under(&self.rule)
            .runs(self.chains.count, self.chains.steps)
    }

    /// η.
    pub fn eta(&self) -> f64 {
        self.rule.values["eta"]
    }

    /// The paper's law of its rule, as a multiple of SGD's.
    pub fn paper(&self) -> Posterior {
        let own = |key: &str| self.rule.values.numbers.get(key).copied();
        match (
            own("beta0"),
            self.linear().and_then(|rule| rule.heavy_ball()),
        ) {
            (_, Some((beta1, beta3))) => Posterior::HeavyBall { beta1, beta3 },
            (Some(beta0), None) => Posterior::Pnm { beta0 },
            (None, None) => Posterior::Sgd,
        }
    }

    /// The rule as a linear one, if it is.
    pub fn linear(&self) -> Option<LinearRule> {
        self.rule.linear().filter(|_| self.rule.values.is_plain())
    }
}
