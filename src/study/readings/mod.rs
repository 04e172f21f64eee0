//! The table of readings: what was measured of every cell, and what it is exactly.

mod exits;
mod laws;
mod moments;
mod target;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use base::error::Result;
use measurement::mean::Moments;
use measurement::reading::{Exact, Influence, Reading};
use measurement::{ErrorLaw, Sampled};
use simulation::ensemble::Precision;
use simulation::random::cell_key;
use verdict::{SelfCheck, decide};

use crate::cell::Cell;
use crate::observe::Kind;
use crate::observe::when::Look;
use crate::order;
use crate::plan::Course;
use crate::reference::passage;
use crate::run::{Came, Left, Seen};
use crate::spec::StudySpec;
use crate::system::Motion;
use crate::track::Track;

/// What the cells came to.
pub struct Results {
    /// By the index of the cell.
    looks: HashMap<usize, (Course, Seen)>,
    exits: HashMap<usize, Vec<Left>>,
    /// By the indices of the cell and the observable.
    ends: HashMap<(usize, usize), Seen>,
    /// By the index of the cell: whole paths, with the observable that ends them.
    tracks: HashMap<usize, Vec<(Option<String>, Track)>>,
}

/// The parts of an exit that are read.
const EXIT_PARTS: [&str; 3] = ["rate", "exit_time", "exit_step"];

impl Results {
    /// Of the cells that were run, in order.
    ///
    /// # Errors
    /// None for a study that was read.
    pub fn of(study: &StudySpec, came: Vec<Came>) -> Result<Self> {
        let mut results = Results {
            looks: HashMap::new(),
            exits: HashMap::new(),
            ends: HashMap::new(),
            tracks: HashMap::new(),
        };
        for ((i, cell), came) in study.run_cells().zip(came) {
            if let (Some(course), Some(seen)) = (study.course(cell)?, came.seen) {
                results.looks.insert(i, (course, seen));
            }
            results.exits.insert(i, came.left);
            results.tracks.insert(i, came.tracks);
            for ((_, k, ..), seen) in study.untils(cell).into_iter().zip(came.ends) {
                results.ends.insert((i, k), seen);
            }
        }
        Ok(results)
    }

    /// Particles × steps.
    pub fn steps(&self) -> u64 {
        let looks: u64 = self
            .looks
            .values()
            .map(|(_, seen)| seen.particle_steps)
            .sum();
        let exits = self.exits.values().flatten().map(|left| match left {
            Left::Direct(exits) => exits.particle_steps,
            Left::Split(runs) => runs.iter().map(|run| run.steps).sum(),
        });
        let ends: u64 = self.ends.values().map(|seen| seen.particle_steps).sum();
        looks + ends + exits.sum::<u64>()
    }

    /// Particles that diverged on their way to an exit.
    pub fn diverged(&self) -> u64 {
        let all = self.exits.values().flatten();
        all.map(|left| match left {
            Left::Direct(exits) => exits.diverged(),
            Left::Split(_) => 0,
        })
        .sum()
    }

    /// The exits of a cell, in the order of its observables.
    pub fn exits(&self, cell: usize) -> &[Left] {
        self.exits.get(&cell).map_or(&[], Vec::as_slice)
    }

    /// The paths of a cell that were kept whole, with the observable that ends them.
    pub fn tracks(&self, cell: usize) -> &[(Option<String>, Track)] {
        self.tracks.get(&cell).map_or(&[], Vec::as_slice)
    }

    /// When an observable looked at a cell.
    pub fn looks(&self, cell: usize, observable: usize) -> &[Look] {
        let course = self.looks.get(&cell).map(|(course, _)| course);
        let own = course.and_then(|c| c.looks.iter().find(|(i, ..)| *i == observable));
        own.map_or(&[], |(_, looks, _)| looks)
    }

    /// The numbers of an observable of a cell at a look.
    pub fn column(
        &self,
        cell: usize,
        observable: usize,
        look: usize,
        of: usize,
    ) -> Option<Vec<f64>> {
        let (course, seen) = self.looks.get(&cell)?;
        let (_, looks, places) = course.looks.iter().find(|(i, ..)| *i == observable)?;
        let step = looks.get(look)?.steps / course.bundle.steps;
        let at = course.at.iter().position(|own| *own == step)?;
        Some(seen.column(at, *places.get(of)?, course.path.looks()))
    }

    /// Every reading, and why some have no exact value although their law is known in principle.
    ///
    /// # Errors
    /// A statistic that cannot be had.
    pub fn readings(&self, study: &StudySpec) -> Result<(Vec<Reading>, Vec<String>)> {
        let cells: Vec<usize> = (0..study.cells.len()).collect();
        let all: Result<Vec<_>> = cells
            .par_iter()
            .map(|cell| {
                let table = Table::new(study, Some(self));
                let readings = table.of_cell(*cell)?;
                Ok((readings, table.notes.into_inner()))
            })
            .collect();
        let (readings, mut notes): (Vec<_>, Vec<_>) = all?.into_iter().unzip();
        notes.dedup();
        Ok((readings.concat(), notes.concat()))
    }

    /// Each mean of a rule that is known exactly, against what was measured. A scheme of an SDE has a bias of its step, and its
    /// means are no checks of the lab; of one by formula its order is.
    pub fn self_checks(&self, study: &StudySpec, readings: &[Reading]) -> Vec<SelfCheck> {
        // What is exact is so of doubles; singles may lose a step, and are no fault of the lab.
        if study.precision == Precision::F32 {
            return Vec::new();
        }
        let cells = study.cells.iter().map(|cell| (cell.label.as_str(), cell));
        let cells: HashMap<&str, &Cell> = cells.rev().collect();
        let rule = |reading: &&Reading| {
            let cell = cells.get(reading.cell.as_str());
            let counted = cell.is_some_and(|cell| {
                cell.same_as.is_none() && matches!(cell.system.motion, Motion::Rule(_))
            });
            // The three parts of an exit say the same.
            counted
                && !reading.quantity.ends_with(".rate")
                && !reading.quantity.ends_with(".exit_time")
        };
        let checked = readings.iter().filter(rule).filter_map(|reading| {
            let (found, exact) = (reading.measured.as_ref()?, reading.exact.as_ref()?);
            let influence: Moments = reading.influence.as_ref()?.values.iter().copied().collect();
            let n = influence.n();
            let law = ErrorLaw::Hall {
                skew: influence.skewness()? / (n as f64).sqrt(),
                dof: n - 1,
            };
            let sampled = Sampled {
                value: found.value?,
                standard_error: influence.standard_error()?,
                law,
                n,
            };
            // The label holds what the cell is; the rest says which of its numbers this is.
            let of_cell = &cells.get(reading.cell.as_str())?.axes;
            let own = reading.axes.0.iter();
            let axes: Vec<String> = own
                .filter(|(name, _)| of_cell.get(name).is_none())
                .map(|(name, value)| format!("{name} = {value}"))
                .collect();
            let id = format!(
                "{}/{}",
                reading.cell,
                [vec![reading.quantity.clone()], axes].concat().join(", ")
            );
            Some(decide::self_check(&id, &sampled, exact.value, exact.error))
        });
        let orders = study.simulated().filter_map(order::check);
        checked.chain(orders).collect()
    }
}

/// The rows of the table; of readings without numbers where nothing was run yet.
struct Table<'a> {
    study: &'a StudySpec,
    results: Option<&'a Results>,
    notes: RefCell<Vec<String>>,
}

impl StudySpec {
    /// The table before anything is run: its rows, their axes and facts, and which of them will have exact values.
    ///
    /// # Errors
    /// A look or a formula that has no meaning for a cell.
    pub fn skeleton(&self) -> Result<Vec<Reading>> {
        let table = Table::new(self, None);
        let all: Result<Vec<Vec<Reading>>> = (0..self.cells.len())
            .map(|cell| table.of_cell(cell))
            .collect();
        Ok(all?.into_iter().flatten().collect())
    }
}

impl<'a> Table<'a> {
    fn new(study: &'a StudySpec, results: Option<&'a Results>) -> Self {
        Table {
            study,
            results,
            notes: RefCell::default(),
        }
    }

    /// An exact value, or a note why there is none.
    fn exact(&self, cell: &Cell, found: Result<Exact>) -> Option<Exact> {
        found
            .map_err(|why| {
                let note = format!("{}: no exact value: {why}", cell.label);
                let mut notes = self.notes.borrow_mut();
                if !notes.contains(&note) {
                    notes.push(note);
                }
            })
            .ok()
    }

    fn of_cell(&self, index: usize) -> Result<Vec<Reading>> {
        let cell = &self.study.cells[index];
        let mut all = Vec::new();
        let mut exits = 0;
        for (observable, i) in self.study.observed(cell) {
            match &observable.kind {
                Kind::Moment(moment) => all.extend(self.moments(index, observable, i, moment)?),
                Kind::Law(law) => all.extend(self.laws(index, observable, i, law)?),
                Kind::Exit(exit) => {
                    if !cell.reference || passage::applies(cell) {
                        all.extend(self.exit(index, observable, exit, exits)?);
                    }
                    exits += 1;
                }
            }
        }
        Ok(all)
    }

    fn blank(&self, cell: &Cell, quantity: String) -> Reading {
        let mut facts = cell.facts.clone();
        for (name, value) in self.study.defined(cell).0 {
            facts.set(&name, value);
        }
        Reading {
            cell: cell.label.clone(),
            axes: cell.axes.clone(),
            facts,
            quantity,
            measured: None,
            exact: None,
            influence: None,
        }
    }

    /// The cell that was run in the place of this one.
    fn run(&self, index: usize) -> usize {
        self.study.cells[index].same_as.unwrap_or(index)
    }

    /// How much each particle of the cell that was run moves an estimate; `label` tells the random numbers of an observable
    /// with a stream of its own.
    fn influence(&self, index: usize, label: &str, values: Vec<f64>) -> Option<Influence> {
        let stream = &self.study.cells[self.run(index)].stream;
        (!values.is_empty()).then(|| Influence {
            group: cell_key(&format!("{stream}{label}")),
            values: Arc::from(values),
        })
    }
}
