//! Numbers that change along a path: formulas of the step and of the time.

use std::collections::BTreeMap;

use formula::{Mistake, Tree};
use serde::Serialize;

use crate::landscape::expression::Compiled;

/// What such a formula may name beside constants: `step`, the update being made, from 1, and `time`, that before it.
pub const CLOCK: [&str; 2] = ["step", "time"];

/// After how many steps a schedule of `last` steps is looked at: after each of the `first` ones, then after each number a thousandth
/// larger, and before the last step.
pub fn looked_at(first: u64, last: u64) -> Vec<u64> {
    let all = last.min(first);
    let further = |at: &u64| Some(at + (at / 1000).max(1)).filter(|at| *at < last);
    let few = std::iter::successors(Some(all).filter(|at| *at < last), further);
    (0..all).chain(few).chain(last.checked_sub(1)).collect()
}

/// Some numbers, each a formula of `step` and `time`.
#[derive(Clone, Debug, Serialize)]
pub struct Driven {
    /// The formulas, by the names of the numbers.
    pub formulas: BTreeMap<String, String>,
    /// The values of their other names.
    pub constants: BTreeMap<String, f64>,
    /// How much time a step takes.
    pub clock: f64,
    #[serde(skip)]
    program: Compiled,
}

impl PartialEq for Driven {
    fn eq(&self, other: &Self) -> bool {
        self.formulas == other.formulas
            && self.constants == other.constants
            && self.clock == other.clock
    }
}

impl Driven {
    /// The numbers of some formulas along a path whose steps take `clock`.
    ///
    /// # Errors
    /// A formula that is none, or names something else.
    pub fn new(
        formulas: BTreeMap<String, String>,
        constants: BTreeMap<String, f64>,
        clock: f64,
    ) -> Result<Self, Mistake> {
        let outputs: Vec<Tree> = formulas
            .values()
            .map(|text| Tree::parse(text))
            .collect::<Result<_, _>>()?;
        let program = Compiled::new(&CLOCK.map(String::from), &[], &outputs, &constants)?;
        Ok(Driven {
            formulas,
            constants,
            clock,
            program,
        })
    }

    /// The same along a path whose steps take another time.
    #[must_use]
    pub fn with_clock(self, clock: f64) -> Self {
        Driven { clock, ..self }
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.formulas.len()
    }

    /// The numbers at the next step of some paths that have taken so many, in the order of their names: number j of path i
    /// goes to `to[j * taken.len() + i]`.
    pub fn at(&self, taken: &[u64], to: &mut [f64]) {
        let steps = taken.iter().map(|n| (n + 1) as f64);
        let times = taken.iter().map(|n| self.clock * *n as f64);
        let rows: Vec<f64> = steps.chain(times).collect();
        self.program.run(&rows, taken.len(), to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: before the third step of 0.5 each, step = 3 and time = 1.
    #[test]
    fn numbers_before_a_step() {
        let named = |all: &[(&str, &str)]| -> BTreeMap<String, String> {
            all.iter()
                .map(|(name, text)| (name.to_string(), text.to_string()))
                .collect()
        };
        let formulas = named(&[("a", "c/step"), ("b", "1 + time")]);
        let constants = BTreeMap::from([("c".to_string(), 6.0)]);
        let driven = Driven::new(formulas, constants, 0.5).unwrap();
        let mut found = [0.0; 4];
        driven.at(&[2, 0], &mut found);
        assert_eq!(found, [2.0, 6.0, 2.0, 1.0]);
        assert!(Driven::new(named(&[("a", "x")]), BTreeMap::new(), 1.0).is_err());
    }
}
