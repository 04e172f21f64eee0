//! The table of readings: what was measured of every cell, and what it is exactly.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use base::error::{Error, Result};
use base::value::Value;
use formula::Tree;
use measurement::exit_rate::{ExitRate, mean_time};
use measurement::mean::Moments;
use measurement::rate::Observation;
use measurement::reading::{Exact, Influence, Reading};
use measurement::{ErrorLaw, Estimate, Sampled, splitting};
use simulation::random::cell_key;
use verdict::{SelfCheck, decide};

use crate::cell::Cell;
use crate::distance::{Other, distance};
use crate::measure::{Nature, measured};
use crate::observe::law::{Law, To};
use crate::observe::moment::{Entry, Moment};
use crate::observe::when::Look;
use crate::observe::{Exit, Kind, Observable, When};
use crate::order;
use crate::plan::Course;
use crate::reference::{density, line, passage, state};
use crate::run::{Came, Left, Seen, Split};
use crate::spec::StudySpec;
use crate::system::start::Momentum;
use crate::system::{Motion, Noise};

/// What the cells came to.
pub struct Results {
    /// By the index of the cell.
    looks: HashMap<usize, (Course, Seen)>,
    exits: HashMap<usize, Vec<Left>>,
    /// By the indices of the cell and the observable.
    ends: HashMap<(usize, usize), Seen>,
}

/// The parts of an exit that are read.
pub const EXIT_PARTS: [&str; 3] = ["rate", "exit_time", "exit_step"];

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
        };
        for ((i, cell), came) in study.run_cells().zip(came) {
            if let (Some(course), Some(seen)) = (study.course(cell)?, came.seen) {
                results.looks.insert(i, (course, seen));
            }
            results.exits.insert(i, came.left);
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
            let axes = reading
                .axes
                .0
                .iter()
                .filter(|(name, _)| ["step", "time", "of"].contains(&name.as_str()));
            let axes: Vec<String> = axes
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

    /// The law that another is held against.
    pub(crate) fn target<'a>(
        &self,
        cell: &Cell,
        observable: &Observable,
        law: &'a Law,
        at: f64,
    ) -> Result<Option<Target<'a>>> {
        let Some(To {
            process,
            narrowed,
            density,
        }) = &law.to
        else {
            return Ok(None);
        };
        let axis = law.when.axis();
        let mut look = at;
        let mut wanted: Vec<(&str, &str)> = Vec::new();
        for (name, value) in narrowed {
            if name == axis || name == "time" || name == "step" {
                let moment = value.parse().ok().filter(|x: &f64| x.is_finite());
                look = moment.ok_or_else(|| {
                    observable
                        .block
                        .error("to", format!("`{value}` is no moment"))
                })?;
            } else {
                wanted.push((name, value));
            }
        }
        if !self.cells.iter().any(|other| other.process == *process) {
            let of_state = |name: &str| {
                let first = name.split('.').next().unwrap_or(name);
                first == "loss" || cell.system.variables.iter().any(|v| v == first)
            };
            if let Some(density) = density
                && density.names().iter().any(|(_, name)| of_state(name))
            {
                return self.density(cell, observable, law, density).map(Some);
            }
            let known = self.cells.iter().map(|other| other.process.as_str());
            let hint = experiment::spec::nearest(process, known)
                .map_or_else(String::new, formula::did_you_mean);
            let what = format!(
                "there is no process `{process}`{hint}; a law is held against a process, a cell or a look of one, or a formula of the coordinate for its density"
            );
            return Err(observable.block.error("to", what));
        }
        let found = self.cells.iter().position(|other| {
            let narrowed = wanted
                .iter()
                .all(|(name, value)| other.axes.get(name).is_some_and(|own| own.is(value)));
            let shared = other.point.0.iter().all(|(name, value)| {
                wanted.iter().any(|(own, _)| own == name)
                    || cell.point.get(name).is_none_or(|own| own == value)
            });
            other.process == *process && narrowed && shared
        });
        let found = found.ok_or_else(|| {
            let what = format!("no cell of {process} goes with {} so narrowed", cell.label);
            observable.block.error("to", what)
        })?;
        Ok(Some(Target::Cell(found, look)))
    }

    /// A formula for the density of the coordinate whose law is read.
    fn density<'a>(
        &self,
        cell: &Cell,
        observable: &Observable,
        law: &Law,
        density: &'a Tree,
    ) -> Result<Target<'a>> {
        let variables = &cell.system.variables;
        let Some(i) = law.coordinate(variables) else {
            let what = format!(
                "a density is one of a coordinate, {}, and the law is that of `{}`",
                variables.join(" or "),
                law.of.0
            );
            return Err(observable.block.error("to", what));
        };
        for (at, name) in density.names() {
            let other = variables
                .iter()
                .enumerate()
                .any(|(k, v)| *v == name && k != i);
            if other || name.contains('.') || (name == "loss" && variables.len() > 1) {
                let what = format!("a density of {} depends on that alone", variables[i]);
                let node = observable.block.get("to").unwrap_or(&observable.block.node);
                return Err(observable
                    .block
                    .mistaken("to", node, &density.mistake(at, what)));
            }
        }
        let constants = self.density_constants(cell, density).map_err(|mistake| {
            let node = observable.block.get("to").unwrap_or(&observable.block.node);
            observable.block.mistaken("to", node, &mistake)
        })?;
        Ok(Target::Density(density, i, constants))
    }

    fn density_constants(
        &self,
        cell: &Cell,
        density: &Tree,
    ) -> std::result::Result<BTreeMap<String, f64>, formula::Mistake> {
        let mut rows = cell.system.variables.clone();
        rows.extend(["loss", "h_top"].map(String::from));
        self.with_names(cell, |names| names.constants(density, &rows))
    }

    /// Looks whether every law has another to be held against.
    pub(crate) fn targets(&self) -> Result<()> {
        let itself = |observable: &Observable, law: &Law| -> Result<bool> {
            let mut any = false;
            for (i, cell) in self
                .cells
                .iter()
                .enumerate()
                .filter(|(_, cell)| !cell.reference)
            {
                for look in self.looks(cell, observable)? {
                    let to = self.target(cell, observable, law, look.at)?;
                    if !matches!(to, Some(Target::Cell(other, at)) if other == i && at == look.at) {
                        return Ok(false);
                    }
                    any = true;
                }
            }
            Ok(any)
        };
        for observable in &self.observables {
            if let Kind::Law(law) = &observable.kind
                && law.to.is_some()
                && itself(observable, law)?
            {
                let what =
                    "every law here is held against itself; name another process, cell or look";
                return Err(observable.block.error("to", what));
            }
        }
        for cell in &self.cells {
            for (observable, _) in self.observed(cell) {
                let Kind::Law(law) = &observable.kind else {
                    continue;
                };
                let looks = self.looks(cell, observable)?;
                for look in looks {
                    let Some(Target::Cell(to, at)) = self.target(cell, observable, law, look.at)?
                    else {
                        continue;
                    };
                    let other = &self.cells[to];
                    if other.reference && !line::applies(other) {
                        let what = format!(
                            "{} is a reference, and its law is not known: it is known of SDEs in one coordinate that begin at one point",
                            other.label
                        );
                        return Err(observable.block.error("to", what));
                    }
                    if other.reference && law.coordinate(&cell.system.variables) != Some(0) {
                        let what = format!(
                            "of {} the law of the coordinate {} is known, not that of `{}`",
                            other.label, other.system.variables[0], law.of.0
                        );
                        return Err(observable.block.error("of", what));
                    }
                    let own = self.looks(other, observable)?;
                    if !other.reference && !own.iter().any(|own| own.at == at) {
                        let what = format!(
                            "{} is not looked at at {} = {at}",
                            other.label,
                            law.when.axis()
                        );
                        return Err(observable.block.error("to", what));
                    }
                }
            }
        }
        Ok(())
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

    fn moments(
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
    fn constants(
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
    fn moments_where(
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

    fn laws(
        &self,
        index: usize,
        observable: &Observable,
        i: usize,
        law: &Law,
    ) -> Result<Vec<Reading>> {
        let (study, cell) = (self.study, &self.study.cells[index]);
        if cell.reference || law.to.is_none() {
            return Ok(Vec::new());
        }
        let looks = study.looks(cell, observable)?;
        let mut all = Vec::new();
        for (look_index, look) in looks.iter().enumerate() {
            let Some(target) = study.target(cell, observable, law, look.at)? else {
                continue;
            };
            let own = self.results.map(|results| {
                results
                    .column(self.run(index), i, look_index, 0)
                    .unwrap_or_default()
            });
            let known = own
                .as_deref()
                .map(|own| self.known(cell, observable, law, &target, own))
                .transpose()?;
            for (name, metric) in &law.metrics {
                let mut reading = self.blank(cell, observable.label.clone());
                reading.axes.set(law.when.axis(), look.value());
                if law.metrics.len() > 1 {
                    reading.axes.set("metric", Value::Word((*name).into()));
                }
                if let (Some(own), Some(known)) = (&own, &known) {
                    let itself = matches!(target, Target::Cell(to, at) if self.run(to) == self.run(index) && at == look.at);
                    reading.measured = Some(match known {
                        _ if itself => Estimate::exact(0.0, "a law against itself"),
                        Err(why) => Estimate::without_interval(f64::NAN, own.len() as u64, why),
                        Ok(known) => distance(own, &known.other(), *metric, study.confidence),
                    });
                }
                all.push(reading);
            }
        }
        Ok(all)
    }

    /// The law of a target, for draws of another; or why there is none.
    fn known(
        &self,
        cell: &Cell,
        observable: &Observable,
        law: &Law,
        target: &Target<'_>,
        own: &[f64],
    ) -> Result<std::result::Result<KnownLaw, String>> {
        let (to, at) = match target {
            Target::Density(tree, i, constants) => {
                let found = density::Law::of(cell, *i, tree, constants, own);
                return Ok(found.map(KnownLaw::Density).map_err(|why| why.to_string()));
            }
            Target::Cell(to, at) => (*to, *at),
        };
        let other = &self.study.cells[to];
        if other.reference {
            // Its steps until then, each of its own time step: a clock may run otherwise.
            let steps = match law.when.axis() {
                "time" => at / other.system.clock,
                _ => at,
            };
            let t = steps * other.system.step();
            let found = line::Law::of(other, t.is_finite().then_some(t));
            return Ok(found.map(KnownLaw::Line).map_err(|why| why.to_string()));
        }
        let others = self.study.looks(other, observable)?;
        let place = others.iter().position(|look| look.at == at).unwrap_or(0);
        let k = self
            .study
            .observables
            .iter()
            .position(|o| o.label == observable.label);
        let draws = self
            .results
            .zip(k)
            .and_then(|(results, k)| results.column(self.run(to), k, place, 0));
        Ok(Ok(KnownLaw::Draws(draws.unwrap_or_default())))
    }

    fn exit(
        &self,
        index: usize,
        observable: &Observable,
        exit: &Exit,
        place: usize,
    ) -> Result<Vec<Reading>> {
        let (study, cell) = (self.study, &self.study.cells[index]);
        let clock = cell.system.clock;
        let mut all: Vec<Reading> = EXIT_PARTS
            .iter()
            .map(|part| self.blank(cell, format!("{}.{part}", observable.label)))
            .collect();
        let scales = [1.0 / clock, clock, 1.0];
        // Splitting looks at the grid points of an SDE alone, which leaves a bias that its exact value has not.
        let of_the_path = !exit.splitting || cell.rule().is_some();
        let known = (of_the_path && passage::applies(cell))
            .then(|| study.exit(cell, observable, exit).ok())
            .flatten()
            .and_then(|boundary| match boundary {
                Some(at) => passage::of(cell, at, study.particles, exit.max_steps, &study.name),
                None => {
                    let constants = self.constants(cell, [&exit.until; 2], [f64::NAN; 2]);
                    passage::into_region(cell, &exit.until, constants.ok()?)
                }
            });
        let Some(results) = self.results else {
            if known.is_some() {
                all.iter_mut()
                    .for_each(|reading| reading.exact = Some(unknown()));
            }
            return Ok(all);
        };
        let step = known.and_then(|exit| self.exact(cell, passage::mean_step(cell, &exit)));
        if let Some(step) = step {
            let rate = Exact {
                value: 1.0 / step.value,
                error: step.error / (step.value * step.value),
                method: step.method.clone(),
            };
            for ((reading, exact), scale) in all.iter_mut().zip([&rate, &step, &step]).zip(scales) {
                reading.exact = Some(Exact {
                    value: exact.value * scale,
                    error: exact.error * scale,
                    method: exact.method.clone(),
                });
            }
        }
        let own = format!("/{}", observable.label);
        if let Some(left) = results.exits(self.run(index)).get(place) {
            let (mut rate, influence) = rate(left, study.confidence)?;
            let bridged = study.exit(cell, observable, exit)?.is_some() && !exit.splitting;
            if cell.rule().is_none() && !bridged {
                rate.method += "; seen at grid points only, so late by a bias of order √dt that the interval has not";
            }
            let mean = mean_time(&rate);
            let value = rate.value.unwrap_or(f64::NAN);
            let inverse: Vec<f64> = influence.iter().map(|v| -v / (value * value)).collect();
            let parts = [
                (Some(rate), influence),
                (mean.clone(), inverse.clone()),
                (mean, inverse),
            ];
            for ((reading, (estimate, influence)), scale) in all.iter_mut().zip(parts).zip(scales) {
                reading.measured = estimate.map(|estimate| estimate.over(1.0 / scale));
                reading.influence =
                    self.influence(index, &own, influence.iter().map(|v| v * scale).collect());
            }
        }
        Ok(all)
    }
}

/// What a law is held against.
pub(crate) enum Target<'a> {
    /// The law of a cell, at a moment.
    Cell(usize, f64),
    /// A density of a coordinate, with what it names beside that.
    Density(&'a Tree, usize, BTreeMap<String, f64>),
}

/// A law that others are held against.
enum KnownLaw {
    Line(line::Law),
    Density(density::Law),
    Draws(Vec<f64>),
}

impl KnownLaw {
    fn other(&self) -> Other<'_> {
        match self {
            KnownLaw::Line(law) => Other::Known(Box::new(|x| law.below(x)), law.error()),
            KnownLaw::Density(law) => Other::Known(Box::new(|x| law.below(x)), law.error()),
            KnownLaw::Draws(draws) => Other::Draws(draws),
        }
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
fn unknown() -> Exact {
    Exact {
        value: f64::NAN,
        error: f64::NAN,
        method: String::new(),
    }
}

/// Γ a step, and how much each particle (or run) moves it.
fn rate(left: &Left, confidence: f64) -> Result<(Estimate, Vec<f64>)> {
    match left {
        Left::Direct(exits) => {
            let ends: Vec<(f64, f64)> = exits
                .ends
                .iter()
                .filter(|n| **n != 0)
                .map(|n| (n.unsigned_abs() as f64, f64::from(u8::from(*n > 0))))
                .collect();
            if ends.is_empty() {
                let why = "every particle diverged before it left";
                return Ok((Estimate::without_interval(f64::NAN, 0, why), Vec::new()));
            }
            let observations: Vec<Observation> = ends
                .iter()
                .map(|(time, exited)| Observation {
                    time: *time,
                    exited: *exited > 0.0,
                })
                .collect();
            let rate = ExitRate::of(&observations, confidence)?;
            let n = ends.len() as f64;
            let time = ends.iter().map(|(t, _)| t).sum::<f64>() / n;
            let value = rate.estimate.value.unwrap_or(f64::NAN);
            let influence = ends.iter().map(|(t, exited)| (exited - value * t) / time);
            let influence = if value.is_finite() {
                influence.collect()
            } else {
                Vec::new()
            };
            Ok((rate.estimate, influence))
        }
        Left::Split(runs) => {
            let of = |part: fn(&Split) -> f64| runs.iter().map(part).collect::<Moments>();
            let (p, c) = (of(|run| run.probability), of(|run| run.cycle));
            let mean = |m: &Moments| m.mean().unwrap_or(f64::NAN);
            let estimate = splitting::rate(&p, &c, confidence)?;
            let Some(value) = estimate.standard_error.and(estimate.value) else {
                return Ok((estimate, Vec::new()));
            };
            let influence = runs
                .iter()
                .map(|run| value * (run.probability / mean(&p) - run.cycle / mean(&c)));
            Ok((estimate, influence.collect()))
        }
    }
}
