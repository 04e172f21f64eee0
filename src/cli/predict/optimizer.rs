//! An update rule as the keys give it, where it is linear: as it is, or with what adapts frozen.

use super::inputs::Inputs;
use super::key::{Key, Range};
use base::error::Result;
use prediction::exact::linear::{LinearOptimizer, LinearRule, Quadratic, adai_inertia};
use prediction::theory::adai::Inertia;
use simulation::optimizer::entry::is_decay;
use simulation::optimizer::{Entry, registry};

use crate::rule::tuned;

/// The rule's name.
pub const OPTIMIZER: Key = Key::new(
    "optimizer",
    "sgdm",
    Range::Name,
    "sgd, sgdm, heavy-ball, momentum, pnm or two-batch (PNM's eq. 5); adam, adapnm and adai with what adapts frozen; a linear rule by formula (--rules)",
);
const BETA1: Key = Key::new(
    "beta1",
    "0.9",
    Range::BelowOne,
    "β₁ of sgdm, heavy-ball, pnm, adam and adapnm",
);
/// β₃.
pub const BETA3: Key = Key::new(
    "beta3",
    "1",
    Range::Positive,
    "β₃ of heavy-ball, the weight of a fresh gradient",
);
const BETA0: Key = Key::new(
    "beta0",
    "1",
    Range::Finite,
    "β₀ of pnm, adapnm and two-batch; of adai, 0.1 if left out",
);
const MU: Key = Key::new("mu", "0.9", Range::BelowOne, "μ of momentum");
const TAU: Key = Key::new("tau", "0", Range::BelowOne, "τ of momentum, the dampening");
const NESTEROV: Key = Key::new(
    "nesterov",
    "0",
    Range::Switch,
    "1 for Nesterov's form of momentum",
);
const EPSILON: Key = Key::new(
    "epsilon",
    "1e-8",
    Range::NotNegative,
    "ε of adam and adapnm; of adai, 1e-3 if left out",
);
const BETA0_ADAI: Key = Key {
    default: Some("0.1"),
    range: Range::Positive,
    ..BETA0
};
const EPSILON_ADAI: Key = Key {
    default: Some("1e-3"),
    ..EPSILON
};

/// The keys of the linear rules.
pub const RULE_KEYS: &[Key] = &[BETA1, BETA3, BETA0, MU, TAU, NESTEROV];
/// The keys of what is frozen in an adaptive rule.
pub const FROZEN_KEYS: &[Key] = &[EPSILON];

/// Names of the rules that are linear as they are, with their keys.
const RULES: &[(&str, &[Key])] = &[
    ("sgd", &[]),
    ("sgdm", &[BETA1]),
    ("heavy-ball", &[BETA1, BETA3]),
    ("momentum", &[MU, TAU, NESTEROV]),
    ("pnm", &[BETA1, BETA0]),
    ("two-batch", &[BETA0]),
];
/// Names of those that are linear with their second moments frozen at v = C, the noise's variances.
const FROZEN: &[(&str, &[Key])] = &[
    ("adam", &[BETA1, EPSILON]),
    ("adapnm", &[BETA1, BETA0, EPSILON]),
    ("adai", &[BETA0_ADAI, EPSILON_ADAI]),
];

/// An update rule and its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// Its name.
    pub name: &'static str,
    /// What makes it linear.
    pub form: Form,
}

/// How a rule is linear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// It is.
    Rule(LinearRule),
    /// The average `rule` of the gradients, over √v + ε.
    Preconditioned {
        /// Adam's or AdaPNM's average.
        rule: LinearRule,
        /// ε.
        epsilon: f64,
    },
    /// Adai, β₁ = clip(1 − β₀v/v̄, 0, 1 − ε).
    Adai {
        /// β₀.
        beta0: f64,
        /// ε.
        epsilon: f64,
    },
}

impl Asked {
    /// Reads a rule that is linear as it is; refuses the keys that it does not have.
    ///
    /// # Errors
    /// An unknown name, with the nearest; a number out of range; a key of another rule.
    pub fn linear(inputs: &mut Inputs) -> Result<(&'static str, LinearRule)> {
        if let Some(formula) = formula(inputs, RULE_KEYS)? {
            return Ok(formula);
        }
        let (name, value) = choose(inputs, RULES, RULE_KEYS)?;
        Ok((name, rule(name, &value)))
    }

    /// Reads any rule.
    ///
    /// # Errors
    /// As [`Asked::linear`].
    pub fn any(inputs: &mut Inputs) -> Result<Self> {
        let keys = [RULE_KEYS, FROZEN_KEYS].concat();
        if let Some((name, rule)) = formula(inputs, &keys)? {
            let form = Form::Rule(rule);
            return Ok(Self { name, form });
        }
        let (name, value) = choose(inputs, &[RULES, FROZEN].concat(), &keys)?;
        let epsilon = value(EPSILON.name);
        let form = match name {
            "adam" => Form::Preconditioned {
                rule: rule("sgdm", &value),
                epsilon,
            },
            "adapnm" => Form::Preconditioned {
                rule: rule("pnm", &value),
                epsilon,
            },
            "adai" => Form::Adai {
                beta0: value(BETA0.name),
                epsilon,
            },
            _ => Form::Rule(rule(name, &value)),
        };
        Ok(Self { name, form })
    }

    /// Whether the noise's variances enter the rule itself.
    pub fn is_frozen(&self) -> bool {
        !matches!(self.form, Form::Rule(_))
    }

    /// The optimizer on a quadratic, second moments frozen at the variances of its noise.
    ///
    /// # Errors
    /// The second moments make no preconditioner or inertia.
    pub fn on(&self, quadratic: &Quadratic) -> Result<LinearOptimizer> {
        let moments: Vec<f64> = quadratic.noise().diagonal().iter().copied().collect();
        match self.form {
            Form::Rule(rule) => LinearOptimizer::uniform(rule, quadratic.dim()),
            Form::Preconditioned { rule, epsilon } => {
                LinearOptimizer::frozen_second_moment(rule, &moments, epsilon)
            }
            Form::Adai { beta0, epsilon } => {
                LinearOptimizer::frozen_inertia(&adai_inertia(&moments, beta0, epsilon)?)
            }
        }
    }

    /// Momentum as a particle, for the rules that are m ← β₁m + β₃g, θ ← θ − ηm.
    pub fn inertia(&self, eta: f64) -> Option<Inertia> {
        let (beta1, beta3) = match self.form {
            Form::Rule(rule) => rule.heavy_ball()?,
            _ => return None,
        };
        (beta1 > 0.0)
            .then(|| Inertia::of_rule(eta, beta1, beta3).ok())
            .flatten()
    }
}

/// The names of a rule's hyper-parameters, η and weight decay apart.
pub fn hypers(entry: &Entry) -> Vec<&'static str> {
    let names = entry.parameters.iter().map(|p| p.name);
    names
        .filter(|name| *name != ETA && !is_decay(name))
        .collect()
}

/// η of every rule.
const ETA: &str = "eta";

/// The rule by formula that is named, if one is; refuses those of `all` that it does not have.
fn formula(inputs: &mut Inputs, all: &[Key]) -> Result<Option<(&'static str, LinearRule)>> {
    let Some(entry) = inputs.formula() else {
        return Ok(None);
    };
    let own = hypers(entry);
    let given = own
        .iter()
        .filter_map(|name| Some((*name, inputs.given(name)?)));
    let given: Vec<(&str, &str)> = given.collect();
    // A rule's matrices may depend on its η; where none is asked for, they are those at 0.1.
    let eta = inputs
        .given(ETA)
        .and_then(|text| text.parse().ok())
        .filter(|eta| *eta > 0.0);
    let command = format!("predict {}:", inputs.quantity);
    let rule = tuned(entry, &given, eta.unwrap_or(0.1), &command)?;
    let linear = rule.linear().ok_or_else(|| {
        let what = "its direction is not linear in the gradients, or not the same at every step, so this has no closed form";
        inputs.error(OPTIMIZER.name, what)
    })?;
    inputs.record(OPTIMIZER.name, entry.name);
    for name in &own {
        inputs.record(name, rule.values[name]);
    }
    for key in all.iter().filter(|key| !own.contains(&key.name)) {
        inputs.without(key.name, &format!("{} has none; leave it out", entry.name))?;
    }
    Ok(Some((entry.name, linear)))
}

/// Reads the name out of `forms` and its numbers; refuses those of `all` that it does not have.
fn choose(
    inputs: &mut Inputs,
    forms: &[(&'static str, &'static [Key])],
    all: &[Key],
) -> Result<(&'static str, impl Fn(&str) -> f64 + use<>)> {
    let names: Vec<&'static str> = forms.iter().map(|(name, _)| *name).collect();
    let unlike = |text: &&str| !names.contains(text) && registry::find(text).is_some();
    if inputs.given(OPTIMIZER.name).filter(unlike).is_some() {
        let what = format!(
            "its direction is not linear in the gradients, so this has no closed form; there is one for {}",
            names.join(", ")
        );
        return Err(inputs.error(OPTIMIZER.name, &what));
    }
    let known: Vec<&'static str> = names.iter().copied().chain(inputs.formulas()).collect();
    let name = inputs.choice(&OPTIMIZER, &known)?;
    let own = forms.iter().find(|(n, _)| *n == name);
    let own = own.map_or(&[][..], |(_, keys)| keys);
    let mut read = Vec::new();
    for key in all {
        match own.iter().find(|k| k.name == key.name) {
            Some(key) => read.push((key.name, inputs.number(key)?)),
            None => inputs.without(key.name, &format!("{name} has none; leave it out"))?,
        }
    }
    let value = move |name: &str| {
        let found = read.iter().find(|(n, _)| *n == name);
        found.map_or(f64::NAN, |(_, x)| *x)
    };
    Ok((name, value))
}

/// A rule of [`RULES`] from its numbers.
fn rule(name: &str, value: &impl Fn(&str) -> f64) -> LinearRule {
    let two_batches = LinearRule::TwoBatch {
        beta0: value(BETA0.name),
    };
    LinearRule::named(name, value).unwrap_or(two_batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_defaults_are_those_of_the_simulated_rules() {
        for (name, keys) in [RULES, FROZEN].concat() {
            // Two batches a step are a noise of SGD there.
            if name == "two-batch" {
                continue;
            }
            let entry = registry::find(name).unwrap();
            for key in keys {
                let parameter = entry.parameters.iter().find(|p| p.name == key.name);
                let default = key.default.and_then(|text| text.parse().ok());
                assert_eq!(parameter.unwrap().default, default, "{name} {}", key.name);
            }
        }
    }

    #[test]
    fn every_rule_is_read_as_itself() {
        for (name, keys) in [RULES, FROZEN].concat() {
            let mut inputs = Inputs::new("test", &[format!("optimizer={name}")]).unwrap();
            let asked = Asked::any(&mut inputs).unwrap();
            assert_eq!(asked.name, name);
            assert_eq!(
                asked.is_frozen(),
                keys.iter().any(|k| k.name == EPSILON.name)
            );
            let quadratic = Quadratic::scalar(1.0, 1.0).unwrap();
            assert_eq!(asked.on(&quadratic).unwrap().dim(), 1);
            assert!(name == "sgd" || asked.form != Form::Rule(LinearRule::Sgd));
        }
    }
}
