//! A card: what the lab can say of an update rule without being asked more.
//!
//! All of it is of the rule alone, without weight decay and schedules, at its η, on one coordinate where not said otherwise. What
//! is exact for rules that are linear in their gradients (`exact`) is measured for the others (`ensemble`), with intervals;
//! what a rule does with given gradients (`given`) needs neither.

mod difference;
mod ensemble;
mod escape;
mod exact;
mod fact;
mod figures;
mod given;
mod sde;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::optimizer::Tuned;
use base::error::{Error, Result};
use prediction::exact::linear::LinearRule;
use simulation::optimizer::Optimizer;

pub use difference::difference;
pub use fact::{FACTS, Fact};
pub use figures::figures;

/// η of a card, where none is given.
pub const ETA: f64 = 0.05;

/// What is said of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    /// Its name.
    pub rule: &'static str,
    /// The update.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its hyper-parameters, η among them.
    pub hyper: BTreeMap<String, f64>,
    /// In the order of [`FACTS`], all of them.
    pub facts: Vec<Fact>,
    /// What figures are drawn of.
    pub curves: Curves,
}

/// What figures are drawn of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Curves {
    /// u/η at each step of gradients that are 1 from the first step on.
    pub step: Vec<f64>,
    /// u/η at each step, where the first gradient is 1 and the others are 0.
    pub impulse: Vec<f64>,
    /// S(ω)/σ² of a linear rule, its gain included, against ω in radians a step.
    pub power: Vec<(f64, f64)>,
    /// The stationary variance of a linear rule over that of SGD, against ηh.
    pub variance: Vec<(f64, f64)>,
    /// The share of particles that are still in the well, against time over the exact mean time of the SDE.
    pub survival: Vec<(f64, f64)>,
}

/// A rule that a card is made of.
struct Subject {
    rule: Tuned,
    eta: f64,
    linear: Option<LinearRule>,
}

impl Subject {
    fn build(&self) -> Box<dyn Optimizer> {
        self.rule.build()
    }
}

impl Card {
    /// The card of a rule at its η; weight decay and schedules are left out.
    ///
    /// # Errors
    /// η = 0.
    pub fn of(rule: &Tuned) -> Result<Self> {
        let rule = Tuned {
            entry: rule.entry,
            values: rule.values.plain(),
        };
        let eta = rule.values["eta"];
        if eta <= 0.0 {
            return Err(Error::Input(format!(
                "card {}: eta = {eta}: nothing moves; give an eta above 0",
                rule.entry.name
            )));
        }
        let linear = rule.linear();
        let subject = Subject { rule, eta, linear };
        let mut curves = Curves::default();
        let mut facts = given::facts(&subject, &mut curves);
        match &subject.linear {
            Some(linear) => facts.extend(exact::facts(*linear, eta, &mut curves)),
            None => facts.extend(ensemble::facts(&subject)),
        }
        facts.extend(escape::facts(&subject, &mut curves));
        facts.push(sde::fact(&subject));
        let place = |fact: &Fact| FACTS.iter().position(|(name, _)| *name == fact.name);
        facts.sort_by_key(place);
        Ok(Card {
            rule: subject.rule.entry.name,
            formula: subject.rule.entry.formula,
            source: subject.rule.entry.source,
            hyper: subject.rule.values.numbers.clone(),
            facts,
            curves,
        })
    }

    /// The fact of that name.
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.name == name)
    }
}
