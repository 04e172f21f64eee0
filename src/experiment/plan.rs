//! What an experiment will run, cell by cell, and which of what is known of its cells are axes.

use std::collections::HashMap;

use base::value::Value;
use measurement::reading::{Facts, Reading};

use crate::cost;
use crate::optimizer::Tuned;

/// A cell before it is run.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its label.
    pub label: String,
    /// What is known of it, by the names of the file. What differs from cell to cell becomes an axis.
    pub known: Facts,
    /// How much it simulates, where that is known beforehand.
    pub work: Option<Work>,
}

/// What a cell simulates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Particles, runs or trainings.
    pub particles: u64,
    /// Steps of each; the most that it may take where it ends earlier.
    pub steps: u64,
    /// Whether it may end earlier.
    pub at_most: bool,
    /// What a step of a particle costs, in the units of [`cost`], where that is known.
    pub cost: Option<f64>,
}

impl Planned {
    /// A cell of which nothing is said yet.
    pub fn new(label: &str) -> Self {
        Planned {
            label: label.to_string(),
            known: Facts::default(),
            work: None,
        }
    }

    /// A cell of the series `process`.
    pub fn of(label: &str, process: &str) -> Self {
        Planned::new(label).with("process", process)
    }

    /// Of which this is known.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.known = self.known.with(name, value);
        self
    }

    /// Of which all this is known.
    #[must_use]
    pub fn and(mut self, others: &Facts) -> Self {
        self.known = self.known.and(others);
        self
    }

    /// Whose particles are moved by that rule.
    #[must_use]
    pub fn under(self, rule: &Tuned) -> Self {
        self.and(&rule.facts())
    }

    /// In which so many particles take so many steps.
    #[must_use]
    pub fn runs(mut self, particles: u64, steps: u64) -> Self {
        self.work = Some(Work {
            particles,
            steps,
            at_most: false,
            cost: None,
        });
        self
    }

    /// In which so many particles take so many steps at most.
    #[must_use]
    pub fn runs_until(mut self, particles: u64, steps: u64) -> Self {
        self.work = Some(Work {
            particles,
            steps,
            at_most: true,
            cost: None,
        });
        self
    }

    /// In which particles of so many coordinates are moved by the rule or scheme, and the noise, that are known by now.
    #[must_use]
    pub fn in_coordinates(mut self, dim: usize) -> Self {
        let cost = cost::of_step(dim, &self.known);
        self.work = self.work.map(|work| Work {
            cost: Some(cost),
            ..work
        });
        self
    }
}

/// Gives every reading what is known of its cell, and keeps as axes what differs among the readings.
pub fn place(readings: &mut [Reading], cells: &[Planned]) {
    let cells: HashMap<&str, &Facts> = cells.iter().map(|c| (&*c.label, &c.known)).collect();
    for reading in &mut *readings {
        if let Some(known) = cells.get(&*reading.cell) {
            reading.axes = Facts::clone(known).and(&reading.axes);
        }
    }
    let alike = no_axes(readings.iter().map(|reading| &reading.axes));
    for reading in readings {
        let (facts, axes) = std::mem::take(&mut reading.axes.0)
            .into_iter()
            .partition(|(name, _)| alike.contains(name));
        reading.axes = Facts(axes);
        reading.facts = Facts(facts).and(&reading.facts);
    }
}

/// Names that tell no rows apart: whoever has them has the same value, or they repeat an earlier name in every row.
pub fn no_axes<'a>(rows: impl Iterator<Item = &'a Facts>) -> Vec<String> {
    let rows: Vec<&Facts> = rows.collect();
    let (mut axes, mut alike): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
    for name in Facts::names(rows.iter().copied()) {
        let mut values = rows.iter().filter_map(|row| row.get(name));
        let first = values.next();
        let constant = values.all(|value| Some(value) == first);
        let repeats = |axis: &&str| rows.iter().all(|row| row.get(axis) == row.get(name));
        if constant || axes.iter().any(repeats) {
            alike.push(name.to_string());
        } else {
            axes.push(name);
        }
    }
    alike
}
