//! Means and quantiles of formulas, and what is made of several.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use base::error::{Error, Result};
use base::value::Value;
use formula::Tree;
use measurement::reading::{Exact, Reading};

use super::Table;
use crate::cell::Cell;
use crate::measure::{Nature, measured};
use crate::observe::moment::{Entry, Moment};
use crate::observe::{Observable, When};
use crate::reference::state;
use crate::system::start::Momentum;
use crate::system::{Motion, Noise};

impl Table<'_> {
    pub(super) fn moments(
        &self,
        index: usize,
        observable: &Observable,
        i: usize,
        moment: &Moment,
    ) -> Result<Vec<Reading>> {
        let (study, cell) = (self.study, &self.study.cells[index]);
        if matches!(moment.when, When::Until(..)) {
            return Ok(self.moments_where(index, observable, i, moment));
        }
        let variables = &cell.system.variables;
        let (formulas, entries) = (moment.formulas(variables), moment.entries(variables));
        let mut all = Vec::new();
        for (look_index, look) in study.looks(cell, observable)?.iter().enumerate() {
            let steps = (!look.is_stationary()).then_some(look.steps);
            let laws: HashMap<_, _> = state::WAYS.map(|by| (by, OnceCell::new())).into();
            for entry in &entries {
                let label = [&observable.label, entry.part].join(if entry.part.is_empty() {
                    ""
                } else {
                    "."
                });
                let mut reading = self.blank(cell, label);
                reading.axes.set(moment.when.axis(), look.value());
                let (n, t) = (look.steps as f64, look.steps as f64 * cell.system.clock);
                let other = if moment.when.axis() == "time" {
                    ("step", n)
                } else {
                    ("time", t)
                };
                reading.facts.set(other.0, Value::Number(other.1));
                for (name, value) in &entry.axes.0 {
                    reading.axes.set(name, value.clone());
                }
                let trees = entry.of.map(|k| &formulas[k].1);
                let known = state::gives(cell, entry.statistic, trees, look.is_stationary());
                let known = known.filter(|_| moment.memory.is_empty());
                if let Some(results) = self.results {
                    let column = |k| results.column(self.run(index), i, look_index, k);
                    if let (Some(first), Some(second)) = (column(entry.of[0]), column(entry.of[1]))
                    {
                        let nature = nature(cell, moment, trees[0]);
                        let numbers = [&first[..], &second[..]];
                        let found = measured(numbers, entry.statistic, nature, study.confidence);
                        reading.measured = Some(found.estimate);
                        reading.influence = self.influence(index, "", found.influence);
                    }
                    if let Some(by) = known {
                        let law = laws[&by].get_or_init(|| state::Law::of(cell, by, steps));
                        let exact = match law {
                            Ok(law) => self.constants(cell, trees, [n, t]).and_then(|constants| {
                                law.exact(cell, entry.statistic, trees, &constants)
                            }),
                            Err(why) => Err(Error::Failed(why.to_string())),
                        };
                        reading.exact = self.exact(cell, exact);
                    }
                } else if known.is_some() {
                    reading.exact = Some(unknown());
                }
                if !cell.reference || known.is_some() {
                    all.push(reading);
                }
            }
        }
        Ok(all)
    }

    /// What formulas of a state at a look name beside it.
    pub(super) fn constants(
        &self,
        cell: &Cell,
        trees: [&Tree; 2],
        [step, time]: [f64; 2],
    ) -> Result<BTreeMap<String, f64>> {
        let variables = &cell.system.variables;
        let mut rows = variables.clone();
        for part in ["prev", "u", "grad", "start"] {
            rows.extend(variables.iter().map(|x| format!("{x}.{part}")));
        }
        rows.extend(["loss", "h_top", "step", "time"].map(String::from));
        let mut all = BTreeMap::from([("step".to_string(), step), ("time".to_string(), time)]);
        let start = cell.system.start.point().unwrap_or_default();
        all.extend(
            variables
                .iter()
                .zip(start)
                .map(|(x, at)| (format!("{x}.start"), at)),
        );
        for tree in trees {
            let own = self
                .study
                .with_names(cell, |names| names.constants(tree, &rows));
            all.extend(own.map_err(|mistake| Error::Failed(mistake.to_string()))?);
        }
        Ok(all)
    }

    /// The moments where a condition holds first: one row a formula.
    pub(super) fn moments_where(
        &self,
        index: usize,
        observable: &Observable,
        i: usize,
        moment: &Moment,
    ) -> Vec<Reading> {
        let (study, cell) = (self.study, &self.study.cells[index]);
        if cell.reference {
            return Vec::new();
        }
        let own = format!("/{}", observable.label);
        let formulas = moment.formulas(&cell.system.variables);
        // Formulas that are the same are seen once.
        let mut distinct: Vec<&formula::Node> = Vec::new();
        let mut places = Vec::new();
        for (_, tree) in &formulas {
            let known = distinct.iter().position(|node| **node == tree.root);
            places.push(known.unwrap_or(distinct.len()));
            if known.is_none() {
                distinct.push(&tree.root);
            }
        }
        let row = |entry: Entry| {
            let mut reading = self.blank(cell, observable.label.clone());
            for (name, value) in entry.axes.0 {
                reading.axes.set(&name, value);
            }
            let seen = self.results.and_then(|r| r.ends.get(&(self.run(index), i)));
            if let Some(seen) = seen {
                let [first, second] = entry.of.map(|k| seen.column(0, places[k], distinct.len()));
                let nature = if moment.binary(&formulas[entry.of[0]].1) {
                    Nature::Binary
                } else {
                    Nature::Any
                };
                let found = measured([&first, &second], entry.statistic, nature, study.confidence);
                reading.measured = Some(found.estimate);
                reading.influence = self.influence(index, &own, found.influence);
            }
            reading
        };
        moment
            .entries(&cell.system.variables)
            .into_iter()
            .map(row)
            .collect()
    }
}

/// What is known of a formula's numbers before they are seen.
fn nature(cell: &Cell, moment: &Moment, tree: &Tree) -> Nature {
    let system = &cell.system;
    let quiet = system.noise == Noise::None && matches!(system.motion, Motion::Rule(_));
    if quiet && system.start.point().is_some() && system.start.momentum != Momentum::Stationary {
        Nature::Certain
    } else if moment.binary(tree) {
        Nature::Binary
    } else {
        Nature::Any
    }
}

/// An exact value that will be known once something is run.
pub(super) fn unknown() -> Exact {
    Exact {
        value: f64::NAN,
        error: f64::NAN,
        method: String::new(),
    }
}
