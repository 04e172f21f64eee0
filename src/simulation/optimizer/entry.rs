//! What a file of update rules declares: names, formulas, sources, hyper-parameters, and how to make one.

use std::collections::BTreeMap;
use std::ops::Index;

use serde::Serialize;

use super::block::{Configured, Optimizer};
use super::written::Written;
use super::{Rule, Schedule, WeightDecay};
use crate::driven::Driven;

/// A hyper-parameter: its name in experiment files, default, allowed range and meaning.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Key in experiment files.
    pub name: &'static str,
    /// Value where the file is silent; `None` means that the file must give it.
    pub default: Option<f64>,
    /// Least allowed value.
    pub low: f64,
    /// Greatest allowed value.
    pub high: f64,
    /// True for what is either on or off: `true` and `false`, or 1 and 0.
    pub switch: bool,
    /// What it does.
    pub meaning: &'static str,
}

impl Parameter {
    /// A number within `low..=high`.
    pub const fn new(
        name: &'static str,
        default: Option<f64>,
        low: f64,
        high: f64,
        meaning: &'static str,
    ) -> Self {
        Parameter {
            name,
            default,
            low,
            high,
            switch: false,
            meaning,
        }
    }

    /// On or off.
    pub const fn switch(name: &'static str, default: bool, meaning: &'static str) -> Self {
        Parameter {
            name,
            default: Some(if default { 1.0 } else { 0.0 }),
            low: 0.0,
            high: 1.0,
            switch: true,
            meaning,
        }
    }

    /// The same parameter with another default.
    pub const fn or(self, default: f64) -> Self {
        Parameter {
            default: Some(default),
            ..self
        }
    }
}

const BELOW_ONE: f64 = 1.0 - f64::EPSILON;

/// η.
pub const ETA: Parameter = Parameter::new("eta", None, 0.0, 1e6, "η, learning rate");
/// β₁ of an average of gradients.
pub const BETA1: Parameter = fraction("beta1", 0.9, "β₁, decay of the momentum");
/// β₂ of an average of squared gradients.
pub const BETA2: Parameter = fraction("beta2", 0.999, "β₂, decay of the second moment");
/// ε beside a root.
pub const EPSILON: Parameter =
    Parameter::new("epsilon", Some(1e-8), 0.0, 1e6, "ε, beside the root");
/// AMSGrad's maximum.
pub const AMSGRAD: Parameter = Parameter::switch(
    "amsgrad",
    false,
    "the second moment never falls: its maximum so far takes its place",
);
/// μ of torch's momentum.
pub const MU: Parameter = fraction("mu", 0.9, "μ, decay of the buffer");
/// τ of torch's momentum.
pub const TAU: Parameter = Parameter::new("tau", Some(0.0), 0.0, 1.0, "τ, dampening");
/// Nesterov's form.
pub const NESTEROV: Parameter = Parameter::switch("nesterov", false, "Nesterov's form");
/// Weight decay in the gradient.
pub const L2: Parameter = decay("l2", "λ, L2 penalty: g ← g + λθ");
/// Weight decay beside the gradient.
pub const DECOUPLED: Parameter = decay(
    "decoupled_decay",
    "λ, decoupled weight decay: θ ← (1 − η_t λ)θ",
);
/// Weight decay beside the gradient, scaled by the rule.
pub const STABLE: Parameter = decay(
    "stable_decay",
    "λ, stable weight decay: θ ← (1 − c_t η_t λ)θ",
);
/// Weight decay that follows the schedule only.
pub const SCHEDULED: Parameter = decay(
    "scheduled_decay",
    "λ, weight decay that follows the schedule and not η: θ ← (1 − factor(t) λ)θ",
);
/// Weight decay that follows nothing.
pub const FIXED: Parameter = decay(
    "fixed_decay",
    "λ, weight decay that follows neither schedule nor η: θ ← (1 − λ)θ",
);

/// A number in 0 ..= 1 − 2⁻⁵².
pub const fn fraction(name: &'static str, default: f64, meaning: &'static str) -> Parameter {
    Parameter::new(name, Some(default), 0.0, BELOW_ONE, meaning)
}

const fn decay(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter::new(name, Some(0.0), 0.0, 1e6, meaning)
}

/// A kind of weight decay, made from its λ.
type Kind = fn(f64) -> WeightDecay;

/// Every kind of weight decay by the key of its λ.
const DECAYS: [(&str, Kind); 5] = [
    ("l2", WeightDecay::L2),
    ("decoupled_decay", WeightDecay::Decoupled),
    ("stable_decay", WeightDecay::Decoupled),
    ("scheduled_decay", WeightDecay::Scheduled),
    ("fixed_decay", WeightDecay::Fixed),
];

/// Whether the parameter of that name is the λ of a kind of weight decay.
pub fn is_decay(name: &str) -> bool {
    DECAYS.iter().any(|(key, _)| *key == name)
}

/// Resolved hyper-parameters of one optimizer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Values {
    /// Every number, by the name of its parameter; a switch is 1 or 0.
    #[serde(flatten)]
    pub numbers: BTreeMap<String, f64>,
    /// The learning-rate schedule.
    #[serde(skip_serializing_if = "Schedule::is_constant")]
    pub schedule: Schedule,
    /// The numbers that change along the path; `numbers` has what they are at the first step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driven: Option<Box<Driven>>,
}

impl Values {
    /// The entry's defaults, and `missing` for what has none; the schedule is constant.
    pub fn defaults(entry: &Entry, missing: f64) -> Self {
        let number = |p: &Parameter| (p.name.to_string(), p.default.unwrap_or(missing));
        Values {
            numbers: entry.parameters.iter().map(number).collect(),
            schedule: Schedule::default(),
            driven: None,
        }
    }

    /// With one number changed.
    #[must_use]
    pub fn with(mut self, name: &str, value: f64) -> Self {
        self.numbers.insert(name.to_string(), value);
        self
    }

    /// Without what acts around the rule: weight decay, and a schedule.
    #[must_use]
    pub fn plain(&self) -> Self {
        let mut plain = self.clone();
        plain.schedule = Schedule::default();
        let decays = plain.numbers.iter_mut().filter(|(key, _)| is_decay(key));
        decays.for_each(|(_, lambda)| *lambda = 0.0);
        plain
    }

    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        self[name] != 0.0
    }

    /// The keys of the kinds of weight decay whose λ is above 0.
    pub fn decays(&self) -> Vec<&'static str> {
        let above = |(key, _): &&(&str, _)| self.numbers.get(*key).is_some_and(|l| *l > 0.0);
        DECAYS.iter().filter(above).map(|(key, _)| *key).collect()
    }

    /// The weight decay: the first kind whose λ is above 0.
    pub fn decay(&self) -> WeightDecay {
        let given = |(key, kind): &(&str, Kind)| {
            let lambda = self.numbers.get(*key).copied().unwrap_or(0.0);
            (lambda > 0.0).then(|| kind(lambda))
        };
        DECAYS.iter().find_map(given).unwrap_or_default()
    }

    /// True where nothing of the rule changes along the path.
    pub fn is_steady(&self) -> bool {
        self.schedule.is_constant() && self.driven.is_none()
    }

    /// True where the hyper-parameters are all that the rule does to η and θ: no schedule, no decay.
    pub fn is_plain(&self) -> bool {
        self.is_steady() && self.decay() == WeightDecay::None
    }
}

/// The number of that name. A rule asks only for the parameters that its entry declares.
impl Index<&str> for Values {
    type Output = f64;

    fn index(&self, name: &str) -> &f64 {
        &self.numbers[name]
    }
}

/// What an entry makes of hyper-parameters.
pub type Make<T> = dyn Fn(&Values) -> T + Send + Sync;

/// An update rule as users see it.
#[derive(Serialize)]
pub struct Entry {
    /// Name in experiment files.
    pub name: &'static str,
    /// The update in the papers' symbols.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its hyper-parameters.
    pub parameters: &'static [Parameter],
    /// The rule with resolved hyper-parameters: every parameter of the entry must be present.
    #[serde(skip)]
    pub build: &'static Make<Box<dyn Optimizer>>,
    /// Largest ηh at which the rule is stable on ½hθ², where it has a linear stability limit.
    #[serde(skip)]
    pub stability_limit: Option<&'static Make<f64>>,
    /// Degree p of the update in the gradients, u(sg) = sᵖu(g) for s > 0, where the rule has one when its
    /// averages start at 0, no ε is added to a root and no weight decays.
    #[serde(skip)]
    pub degree: &'static Make<Option<f64>>,
    /// Its formulas, of which all else follows, where it is written as such.
    #[serde(skip)]
    pub written: Option<&'static Written>,
}

impl Entry {
    /// Whether a number may be the hyper-parameter of that name.
    pub fn allows(&self, name: &str, x: f64) -> bool {
        let known = self.parameters.iter().find(|p| p.name == name);
        known.is_none_or(|p| (p.low..=p.high).contains(&x))
    }

    /// What is said where a hyper-parameter that changes along the path comes to what it may not be.
    pub fn refusal(&self, name: &str, x: f64, step: u64) -> String {
        let known = self.parameters.iter().find(|p| p.name == name);
        let (low, high) = known.map_or((f64::NAN, f64::NAN), |p| (p.low, p.high));
        let range = base::shown::interval(low, high);
        format!("`{name}` comes to {x} at step {step}, outside {range}")
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Entry").field(&self.name).finish()
    }
}

/// `rule` with the η, weight decay and schedule of `values`.
pub fn configured<R: Rule>(rule: R, values: &Values) -> Box<dyn Optimizer> {
    Box::new(Configured {
        rule,
        eta: values["eta"],
        decay: values.decay(),
        schedule: values.schedule.clone(),
    })
}
