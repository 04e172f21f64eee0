//! What a claim predicts for an observation: a formula over what is known of it, or a function of the library where that is a
//! matrix or has no formula.

use serde::{Serialize, Serializer};

use super::cell::Cell;
use super::observation::{Observation, Quantity};
use base::value::Value;
use formula::{Mistake, Scope, Tree};
use prediction::theory::adai::Inertia;
use prediction::theory::adai::saddle::{self, Saddle};
use prediction::theory::marginal_value::Walk;
use prediction::theory::pnm::Posterior;

/// The prediction for an observation; nothing where it has none.
type Of = fn(&Cell, &Observation) -> Option<f64>;

/// A function of the library.
#[derive(Clone, Copy, Debug)]
pub struct Theory {
    name: &'static str,
    of: Of,
}

/// What `theory` may name.
const THEORIES: &[Theory] = &[
    Theory {
        name: "pnm.posterior",
        of: |cell, o| posterior(Posterior::Sgd, cell, o),
    },
    Theory {
        name: "pnm.posterior-momentum",
        of: |cell, o| {
            let (beta1, beta3) = weights(cell)?;
            posterior(Posterior::HeavyBall { beta1, beta3 }, cell, o)
        },
    },
    Theory {
        name: "pnm.posterior-pnm",
        of: |cell, o| {
            let beta0 = cell.two_batch.or(cell.value("beta0"))?;
            posterior(Posterior::Pnm { beta0 }, cell, o)
        },
    },
    Theory {
        name: "marginal-value.noise",
        of: |cell, o| {
            let beta1 = cell.value("beta1").unwrap_or(0.0);
            let walk = Walk::new(1.0, beta1, cell.noise[o.i][o.i]).ok()?;
            match o.quantity {
                Quantity::PerStep => Some(walk.sgdm_step()),
                Quantity::Spread => Some(walk.sgdm_end(o.step as f64) / o.step as f64),
                _ => None,
            }
        },
    },
    Theory {
        name: "adai.saddle-momentum",
        of: |cell, o| {
            let (beta1, beta3) = weights(cell)?;
            let inertia = Inertia::of_rule(cell.eta(), beta1, beta3).ok()?;
            Some(saddle::momentum(&ground(cell, o), &inertia).ok()?.total())
        },
    },
    Theory {
        name: "adai.saddle-adai",
        of: |cell, o| {
            let c = cell.variances();
            let mean = c.iter().sum::<f64>() / c.len() as f64;
            let beta0 = cell.value("beta0")?;
            Some(saddle::adai(&ground(cell, o), mean, beta0).ok()?.total())
        },
    },
];

/// Names of what `theory` may name.
pub fn names() -> Vec<&'static str> {
    THEORIES.iter().map(|theory| theory.name).collect()
}

/// What a claim predicts.
#[derive(Clone, Debug)]
pub enum Prediction {
    /// A function of the library.
    Theory(Theory),
    /// A formula.
    Formula(Tree),
}

impl Serialize for Prediction {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match self {
            Prediction::Theory(theory) => theory.name,
            Prediction::Formula(tree) => &tree.text,
        })
    }
}

impl Prediction {
    /// The function of that name.
    pub fn theory(name: &str) -> Option<Self> {
        let found = THEORIES.iter().find(|theory| theory.name == name);
        found.map(|theory| Prediction::Theory(*theory))
    }

    /// What it is for observation `o` of `cell`; nothing where it says nothing of it.
    pub fn of(&self, cell: &Cell, o: &Observation) -> Option<f64> {
        match self {
            Prediction::Theory(theory) => (theory.of)(cell, o),
            Prediction::Formula(tree) if o.i == o.j => tree
                .number(&At {
                    cell,
                    i: o.i,
                    step: o.step,
                })
                .ok(),
            Prediction::Formula(_) => None,
        }
    }

    /// Whether two formulas come to the same for a cell.
    pub fn says_as(&self, other: &Prediction, cell: &Cell) -> bool {
        let at = At {
            cell,
            i: 0,
            step: 1,
        };
        match (self, other) {
            (Prediction::Formula(a), Prediction::Formula(b)) => {
                a.text == b.text || a.number(&at).ok() == b.number(&at).ok()
            }
            _ => false,
        }
    }

    /// Whether a formula has a meaning for a cell.
    ///
    /// # Errors
    /// A name that is not known of it, at its character.
    pub fn check(&self, cell: &Cell) -> Result<(), Mistake> {
        match self {
            Prediction::Theory(_) => Ok(()),
            Prediction::Formula(tree) => tree
                .number(&At {
                    cell,
                    i: 0,
                    step: 1,
                })
                .map(drop),
        }
    }
}

/// What formulas may name of a coordinate of a cell at a step.
struct At<'a> {
    cell: &'a Cell,
    i: usize,
    step: u64,
}

impl Scope for At<'_> {
    fn value(&self, name: &str) -> Result<Option<Value>, String> {
        let At { cell, i, step } = *self;
        let value = match name {
            "dim" => cell.dim() as f64,
            "h" => cell.hessian[i][i],
            "noise_variance" => cell.noise[i][i],
            "step" => step as f64,
            "time" => cell.eta() * step as f64,
            _ => match cell.value(name) {
                Some(x) => x,
                None => return Ok(None),
            },
        };
        Ok(Some(Value::Number(value)))
    }

    fn known(&self) -> Vec<String> {
        let own = ["dim", "h", "noise_variance", "step", "time"].map(String::from);
        let rule = self.cell.rule.values.numbers.keys().cloned();
        own.into_iter().chain(rule).collect()
    }
}

/// An entry of a stationary covariance.
fn posterior(law: Posterior, cell: &Cell, o: &Observation) -> Option<f64> {
    let sigma = law.covariance(&cell.quadratic().ok()?, cell.eta()).ok()?;
    (o.quantity == Quantity::Covariance).then(|| sigma[(o.i, o.j)])
}

/// The direction of a saddle that is looked at.
fn ground(cell: &Cell, o: &Observation) -> Saddle {
    Saddle {
        eta: cell.eta(),
        a: -cell.hessian[o.i][o.i],
        variance: cell.noise[o.i][o.i],
        steps: o.step as f64,
    }
}

/// β₁ and β₃ of a rule that is a heavy ball. PNM is held against the average of its own β₁.
fn weights(cell: &Cell) -> Option<(f64, f64)> {
    let beta1 = cell.value("beta1")?;
    match cell.rule.entry.name {
        "heavy-ball" => Some((beta1, cell.value("beta3")?)),
        "sgdm" | "pnm" => Some((beta1, 1.0 - beta1)),
        _ => None,
    }
}
