//! What is run of a cell: its looks, on the steps that its stream shares, and its exits.

use base::error::Result;
use base::value::Value;
use formula::Tree;
use measurement::reading::Facts;
use simulation::ensemble::{Bundled, Observed, Process};

use crate::cell::Cell;
use crate::file::{Known, Names};
use crate::observe::exit::Boundary;
use crate::observe::path::Path;
use crate::observe::when::Look;
use crate::observe::{Exit, Kind, Observable, When};
use crate::reference::relaxation;
use crate::spec::StudySpec;
use crate::system::{Motion, SystemFacts};

/// The looks at a cell.
pub struct Course {
    /// What is computed along its paths.
    pub path: Path,
    /// For each observable that looks: its index, its looks, and which of the numbers that are seen are its own.
    pub looks: Vec<(usize, Vec<Look>, Vec<usize>)>,
    /// Steps of the ensemble after which to look, ascending.
    pub at: Vec<u64>,
    /// How steps share normals.
    pub bundle: Bundle,
}

impl Course {
    /// Steps of the ensemble until the last look.
    pub fn last(&self) -> u64 {
        self.at.last().copied().unwrap_or(0)
    }
}

/// How the steps of a process share the normals of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bundle {
    /// Steps of the process in a step of the ensemble.
    pub steps: u64,
    /// Normals in place of one.
    pub parts: u64,
    /// What multiplies them.
    pub sign: f64,
}

impl Bundle {
    /// Normals that are shared with nobody.
    pub const ALONE: Bundle = Bundle {
        steps: 1,
        parts: 1,
        sign: 1.0,
    };
}

/// Facts as they are recorded of a cell; for what is not, the system says why.
struct Recorded<'a>(&'a Cell);

impl Known for Recorded<'_> {
    fn fact(&self, name: &str) -> std::result::Result<Option<f64>, String> {
        if let Some(Value::Number(x)) = self.0.facts.get(name) {
            return Ok(Some(*x));
        }
        if let Motion::Rule(rule) = &self.0.system.motion
            && let Some(driven) = &rule.values.driven
            && driven.formulas.contains_key(name)
        {
            return Err(format!(
                "`{name}` of {} changes along the path",
                self.0.label
            ));
        }
        let surface = self.0.system.landscape.build().map_err(|e| e.to_string())?;
        let mut facts = SystemFacts::of(&*surface, &self.0.system.variables);
        facts.start = Some(self.0.system.start.middle());
        facts.noise = Some(&self.0.system.noise);
        facts.fact(name)
    }

    fn names(&self) -> Vec<String> {
        self.0
            .facts
            .0
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    }
}

impl StudySpec {
    /// Shows the names that formulas of a cell's observables may use to `with`.
    pub fn with_names<T>(&self, cell: &Cell, with: impl FnOnce(&Names<'_>) -> T) -> T {
        let recorded = Recorded(cell);
        with(&Names::new(
            None,
            &cell.point,
            self.define.as_ref(),
            &recorded,
        ))
    }

    /// The observables that read a cell, with their indices.
    pub fn observed(&self, _: &Cell) -> Vec<(&Observable, usize)> {
        self.observables
            .iter()
            .enumerate()
            .map(|(i, observable)| (observable, i))
            .collect()
    }

    /// The exits that are read of a cell.
    pub fn exits(&self, cell: &Cell) -> Vec<(&Observable, &Exit)> {
        let all = self.observed(cell).into_iter();
        all.filter_map(|(observable, _)| match &observable.kind {
            Kind::Exit(exit) => Some((observable, exit)),
            _ => None,
        })
        .collect()
    }

    /// The looks of an observable at a cell; none where it looks at no given moments.
    ///
    /// # Errors
    /// A time that is no whole number of steps, a moment twice, a long run of which nothing is known.
    pub fn looks(&self, cell: &Cell, observable: &Observable) -> Result<Vec<Look>> {
        let block = &observable.block;
        match observable.when() {
            None | Some(When::Until(..)) => Ok(Vec::new()),
            Some(When::Stationary) if cell.reference => Ok(vec![Look::in_the_long_run(0)]),
            Some(When::Stationary) => {
                let steps = relaxation::steps(cell).map_err(|why| {
                    block.error("time", format!("\"stationary\" of {}: {why}", cell.label))
                })?;
                let whole = self.bundle(cell)?.steps;
                Ok(vec![Look::in_the_long_run(steps.next_multiple_of(whole))])
            }
            Some(when) => {
                self.with_names(cell, |names| when.looks(block, names, cell.system.clock))
            }
        }
    }

    /// The observables that look at a cell where a condition holds first.
    pub fn untils(&self, cell: &Cell) -> Vec<(&Observable, usize, &Tree, u64)> {
        let all = self.observed(cell).into_iter();
        all.filter_map(|(observable, i)| match observable.when() {
            Some(When::Until(until, most)) => Some((observable, i, until, *most)),
            _ => None,
        })
        .collect()
    }

    /// The looks at a cell; `None` where nothing looks.
    ///
    /// # Errors
    /// A formula that has no meaning here, or a look between steps.
    pub fn course(&self, cell: &Cell) -> Result<Option<Course>> {
        let bundle = self.bundle(cell)?;
        let mut path = Path::new(&cell.system);
        let mut looks = Vec::new();
        let mut at = Vec::new();
        for (observable, index) in self.observed(cell) {
            let own = self.looks(cell, observable)?;
            if own.is_empty() {
                continue;
            }
            let places = self.with_names(cell, |names| path.add(observable, names))?;
            if let (Some(before), Some(look)) = (path.averaged(), own.first())
                && look.steps <= before
            {
                let what = format!(
                    "avg has no step in it at {}: it begins after step {before}, and is looked at at step {}",
                    look.at, look.steps
                );
                return Err(observable.block.error("of", what));
            }
            for look in &own {
                if look.steps % bundle.steps != 0 {
                    let what = format!(
                        "step {} of {} lies between the steps of its common stream, which last {} of its own",
                        look.steps, cell.label, bundle.steps
                    );
                    return Err(observable.block.error("time", what));
                }
                at.push(look.steps / bundle.steps);
            }
            looks.push((index, own, places));
        }
        if looks.is_empty() {
            return Ok(None);
        }
        at.sort_unstable();
        at.dedup();
        Ok(Some(Course {
            path,
            looks,
            at,
            bundle,
        }))
    }

    /// Looks whether the processes of a stream take as many normals a step.
    ///
    /// # Errors
    /// Two do not: they can share nothing.
    pub fn check_streams(&self) -> Result<()> {
        let mut known: Vec<(&str, &str, usize)> = Vec::new();
        for cell in self
            .cells
            .iter()
            .filter(|cell| self.common && !cell.reference)
        {
            let own = cell.process(&self.name, 0)?.normals();
            let first = known.iter().find(|(stream, ..)| *stream == cell.stream);
            match first {
                Some((_, other, theirs)) if *theirs != own => {
                    return Err(base::error::Error::Input(format!(
                        "ensemble.streams = \"common\": a step of {} takes {own} normals and one of {other} takes {theirs}, so they \
                         cannot share them; choose integrators and noises that take as many, or streams = \"own\"",
                        cell.label
                    )));
                }
                Some(_) => {}
                None => known.push((&cell.stream, &cell.label, own)),
            }
            let apart = self.bundle(cell)?.parts > 1;
            let noise = cell.system.noise.known().filter(|_| cell.rule().is_some());
            if apart && noise.is_some_and(|noise| !noise.is_of_normals()) {
                return Err(base::error::Error::Input(format!(
                    "ensemble.streams = \"common\": {} draws numbers that are no normals, so that its steps share none with steps of \
                     another length; give all processes one clock, or streams = \"own\"",
                    cell.label
                )));
            }
        }
        Ok(())
    }

    /// How a cell's steps share the normals of its stream.
    fn bundle(&self, cell: &Cell) -> Result<Bundle> {
        let sign = if matches!(cell.system.motion, Motion::Sde(_)) {
            -1.0
        } else {
            1.0
        };
        if !self.common || cell.reference {
            return Ok(Bundle::ALONE);
        }
        let group = || {
            self.cells
                .iter()
                .filter(|other| other.stream == cell.stream && !other.reference)
        };
        let longest = group().map(|other| other.system.clock).fold(0.0, f64::max);
        let steps = |other: &Cell| {
            experiment::whole::whole_steps(longest, other.system.clock).map_err(|why| {
                base::error::Error::Input(format!(
                    "ensemble.streams = \"common\": a step of {} is no whole part of the longest step there: {why}",
                    other.label
                ))
            })
        };
        let mut parts = 1;
        for other in group() {
            parts = lcm(parts, steps(other)?);
            if parts > 1_000_000 {
                return Err(base::error::Error::Input(format!(
                    "ensemble.streams = \"common\": the steps of {} and of the other processes have no common grid of fewer than 10⁶ parts",
                    cell.label
                )));
            }
        }
        Ok(Bundle {
            steps: steps(cell)?,
            parts,
            sign,
        })
    }

    /// The process of a cell, observed along its paths.
    ///
    /// # Errors
    /// Its parts do not fit.
    pub fn observed_process(
        &self,
        cell: &Cell,
        path: &Path,
        bundle: Bundle,
        seed: u64,
    ) -> Result<Box<dyn Process>> {
        let inner = cell.process(&self.name, seed)?;
        let observer = path.observer(&cell.system, bundle.steps)?;
        let observed = Box::new(Observed::new(inner, observer));
        if bundle.parts == 1 && bundle.sign > 0.0 {
            return Ok(observed);
        }
        Ok(Box::new(Bundled {
            inner: observed,
            steps: bundle.steps,
            parts: bundle.parts,
            sign: bundle.sign,
        }))
    }

    /// The boundary of an exit, where one coordinate passes a number; otherwise the condition must be one of the state.
    ///
    /// # Errors
    /// A condition that has no meaning here, a start that meets it already, or splitting towards what is no boundary.
    pub fn exit(
        &self,
        cell: &Cell,
        observable: &Observable,
        exit: &Exit,
    ) -> Result<Option<Boundary>> {
        let block = &observable.block;
        let boundary = self.with_names(cell, |names| exit.boundary(names, &cell.system.variables));
        let Some(boundary) = boundary else {
            if exit.splitting {
                let what = "splitting goes towards a number that one coordinate passes, such as x > 0; use method = \"direct\"";
                return Err(block.error("until", what));
            }
            let mut path = Path::new(&cell.system);
            self.with_names(cell, |names| path.end(block, &exit.until, names))?;
            return Ok(None);
        };
        if let Some(point) = cell.system.start.point() {
            let x = point.get(boundary.coordinate).copied().unwrap_or(f64::NAN);
            let way = if boundary.above { 1.0 } else { -1.0 };
            let beyond = way * (x - boundary.at);
            // A path that is continuous crosses at once what it starts on.
            let crosses = cell.rule().is_none() && !exit.splitting;
            if beyond > 0.0 || beyond == 0.0 && crosses {
                let on = if beyond > 0.0 { "beyond" } else { "on" };
                let what = format!(
                    "{} starts at {x}, which is {on} {} already",
                    cell.label, boundary.at
                );
                return Err(block.error("until", what));
            }
        }
        Ok(Some(boundary))
    }

    /// The value of every `[define]` at a point, where it has one there.
    pub fn defined(&self, cell: &Cell) -> Facts {
        let mut all = Facts::default();
        let Some(define) = &self.define else {
            return all;
        };
        self.with_names(cell, |names| {
            for (key, _) in define.entries() {
                if let Ok(Some(value)) = formula::Scope::value(names, key) {
                    all.set(key, value);
                }
            }
        });
        all
    }
}

fn lcm(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x.max(1)).saturating_mul(b)
}
