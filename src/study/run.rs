//! Runs the cells of a study, keeping each on disk as soon as it is finished.

use std::path::Path as Folder;
use std::sync::atomic::AtomicU64;

use serde::{Deserialize, Serialize};

use base::error::{Error, Result};
use experiment::context::{Context, Progress};
use experiment::exits::Exits;
use experiment::finding::Finding;
use experiment::kept::{Come, Piece, each, kept, kept_from, kept_parts};
use experiment::plan::{Planned, Work};
use experiment::protocol::{Paths, Protocol};
use experiment::rare_events::cell::{Plan as Splits, RareCell};
use experiment::{cost, memory};
use formula::Tree;
use report::verdicts::Verdicts;
use simulation::ensemble::splitting::Splitting;
use simulation::ensemble::{
    Course as Looking, End, Ensemble, Exit as Boundary, Observed, Plan, Process,
};
use simulation::random::cell_key;
use verdict::question;

use crate::cell::Cell;
use crate::observe::exit::Boundary as Bounded;
use crate::observe::path::Path;
use crate::observe::{Exit, Observable, When};
use crate::plan::Bundle;
use crate::readings::Results;
use crate::reference::passage;
use crate::spec::StudySpec;
use crate::text;
use crate::track::Track;
use crate::{figures, samples};

/// What the looks at a cell saw: for each step looked at, particle after particle, the numbers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The bits of the numbers.
    values: Vec<Vec<u64>>,
    /// Particles × steps.
    pub particle_steps: u64,
}

impl Seen {
    /// One number of every particle at a look.
    pub fn column(&self, look: usize, of: usize, numbers: usize) -> Vec<f64> {
        let all = self.values.get(look).map_or(&[][..], Vec::as_slice);
        all.iter()
            .skip(of)
            .step_by(numbers.max(1))
            .map(|bits| f64::from_bits(*bits))
            .collect()
    }
}

/// One run of splitting.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Split {
    /// The chance that a path from the surface leaves before it returns.
    pub probability: f64,
    /// Mean steps of a cycle.
    pub cycle: f64,
    /// Steps taken.
    pub steps: u64,
}

/// How exits were found.
pub enum Left {
    /// One by one.
    Direct(Exits),
    /// By splitting.
    Split(Vec<Split>),
}

/// What a cell came to.
pub struct Came {
    /// Its looks.
    pub seen: Option<Seen>,
    /// Its exits, in the order of its observables.
    pub left: Vec<Left>,
    /// What was seen where a condition held first, in the order of its observables.
    pub ends: Vec<Seen>,
    /// Paths that are kept whole, with the observable that ends them.
    pub tracks: Vec<(Option<String>, Track)>,
}

/// How paths end that are followed until something happens.
#[derive(Clone, Copy)]
pub struct Ending<'a> {
    /// The number that one coordinate passes, if it is that.
    pub boundary: Option<Bounded>,
    /// The condition.
    pub until: &'a Tree,
    /// Steps after which a particle is given up.
    pub most: u64,
}

impl Protocol for StudySpec {
    fn plan(&self) -> Vec<Planned> {
        let of = |cell: &Cell, label: String, particles: u64, steps: u64, at_most: bool| {
            let mut planned = Planned::new(&label).and(&cell.axes);
            planned.work = Some(Work {
                particles,
                steps,
                at_most,
                cost: Some(cost::of_step(cell.system.dim(), &cell.kinds())),
            });
            planned
        };
        let mut all = Vec::new();
        for cell in self.simulated() {
            if let Ok(Some(course)) = self.course(cell) {
                let steps = course
                    .at
                    .last()
                    .map_or(0, |last| last * course.bundle.steps);
                all.push(of(cell, cell.label.clone(), self.particles, steps, false));
            }
            for (observable, _, _, most) in self.untils(cell) {
                let label = format!("{}, {}", cell.label, observable.label);
                all.push(of(cell, label, self.particles, most, true));
            }
            for (observable, exit) in self.exits(cell) {
                let label = format!("{}, {}", cell.label, observable.label);
                let mut planned = of(cell, label, self.particles, exit.max_steps, true);
                if exit.splitting {
                    planned.work = None;
                }
                all.push(planned);
            }
            for walk in self.walks(cell).unwrap_or_default() {
                let (steps, at_most) = match walk.to {
                    None => (self.last_look(cell), false),
                    Some((_, ending)) => (ending.most, true),
                };
                let label = Self::track_label(cell, &walk);
                all.push(of(cell, label, walk.whole.particles, steps, at_most));
            }
        }
        all
    }

    fn memory(&self) -> u64 {
        let looks: u64 = self
            .simulated()
            .filter_map(|cell| self.course(cell).ok().flatten())
            .map(|course| (course.at.len() * course.path.looks()) as u64)
            .sum();
        let exits: u64 = self
            .simulated()
            .map(|cell| self.exits(cell).len() as u64)
            .sum();
        // Where paths end by a condition, how long they are is known when they have been walked.
        let places: u64 = self.simulated().map(|cell| self.places(cell)).sum();
        // What was seen, beside a copy of it as bits or as the file of arrays, and an observable's array.
        let numbers = memory::numbers(&[3, self.particles, looks]);
        let rows = self.particles.saturating_mul(exits).saturating_add(places);
        numbers.saturating_add(memory::ROW.saturating_mul(rows))
    }

    fn power(&self) -> Option<f64> {
        self.power
    }

    fn without_particles(&self) -> Option<String> {
        let splits = |cell: &Cell| self.exits(cell).iter().any(|(_, exit)| exit.splitting);
        self.simulated().any(splits).then(|| {
            "exits by splitting take as many `runs` as their observable says, however many particles there are".into()
        })
    }

    fn to_json(&self) -> serde_json::Value {
        let cells: Vec<_> = self
            .cells
            .iter()
            .map(|cell| serde_json::json!({ "label": cell.label, "system": cell.system, "reference": cell.reference }))
            .collect();
        let observables: Vec<_> = self
            .observables
            .iter()
            .map(|o| serde_json::json!({ "label": o.label, "block": shown(&o.block.node) }))
            .collect();
        let mut all = serde_json::json!({
            "cells": cells,
            "observe": observables,
            "particles": self.particles,
            "precision": self.precision,
            "streams": if self.common { "common" } else { "own" },
            "confidence": self.confidence,
            "claims": self.claims.iter().map(|claim| format!("{claim:?}")).collect::<Vec<_>>(),
        });
        if let Some(power) = self.power {
            all["power"] = serde_json::json!(power);
        }
        if let Some(whole) = self.whole {
            all["paths"] = serde_json::json!(whole);
        }
        all
    }

    fn with_paths(&self) -> Option<&dyn Paths> {
        let looks = |o: &Observable| !matches!(o.when(), None | Some(When::Until(..)));
        let looks = self.observables.iter().any(looks);
        (looks || self.whole.is_some()).then_some(self as &dyn Paths)
    }

    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Folder) -> Result<Finding> {
        self.finding(&self.results(context, progress, folder)?, context)
    }
}

impl StudySpec {
    /// What the results come to.
    ///
    /// # Errors
    /// A statistic that cannot be had.
    pub fn finding(&self, results: &Results, context: &Context) -> Result<Finding> {
        let (readings, notes) = context.pool.install(|| results.readings(self))?;
        let mut rulings = Vec::new();
        let mut estimates = readings.clone();
        for claim in &self.claims {
            let decided = question::decide(claim, &readings);
            rulings.extend(decided.rulings);
            estimates.extend(decided.readings);
        }
        Ok(Finding {
            samples: samples::table(self, results),
            figures: figures::figures(self, &readings, &context.scale),
            sections: text::sections(self, &readings, notes),
            estimates,
            verdicts: Verdicts {
                claims: rulings,
                self_checks: results.self_checks(self, &readings),
            },
            particle_steps: results.steps(),
            lane_steps: results.steps(),
            diverged: results.diverged(),
        })
    }
}

/// A node as JSON, for the manifest.
pub(crate) fn shown(node: &experiment::spec::Node) -> serde_json::Value {
    use experiment::spec::Value;
    match &node.value {
        Value::Integer(i) => (*i).into(),
        Value::Float(x) => (*x).into(),
        Value::Bool(on) => (*on).into(),
        Value::Text(text) => text.clone().into(),
        Value::List(items) => items.iter().map(shown).collect(),
        Value::Table(entries) => entries
            .iter()
            .map(|(key, node)| (key.clone(), shown(node)))
            .collect(),
    }
}

impl StudySpec {
    /// The cells that are run: none twice, and no reference.
    pub fn simulated(&self) -> impl Iterator<Item = &Cell> {
        self.run_cells().map(|(_, cell)| cell)
    }

    /// The same, with their indices.
    pub fn run_cells(&self) -> impl Iterator<Item = (usize, &Cell)> {
        let all = self.cells.iter().enumerate();
        all.filter(|(_, cell)| !cell.reference && cell.same_as.is_none())
    }

    /// Runs every cell.
    ///
    /// # Errors
    /// Ctrl-C (what is finished stays on disk), or a file that cannot be written.
    pub fn results(
        &self,
        context: &Context,
        progress: &dyn Progress,
        folder: &Folder,
    ) -> Result<Results> {
        let looked = each(self.simulated(), |cell| {
            let seen = self.look_at(cell, context, progress, folder);
            let left = each(self.exits(cell), |(observable, exit)| {
                self.exit_of(cell, observable, exit, context, progress, folder)
            });
            let ends = each(self.untils(cell), |(observable, _, until, most)| {
                self.look_where(cell, observable, (until, most), context, progress, folder)
            });
            let tracks = each(self.walks(cell)?, |walk| {
                let track = self.track(cell, &walk, context, progress, folder)?;
                Ok((walk.observable().map(String::from), track))
            });
            Ok(Came {
                seen: seen?,
                left: left?,
                ends: ends?,
                tracks: tracks?,
            })
        })?;
        Results::of(self, looked)
    }

    /// All that the numbers of a cell depend on, beside its name and the seed.
    pub(crate) fn settings(&self, cell: &Cell, what: serde_json::Value) -> serde_json::Value {
        serde_json::json!({ "system": cell.system, "particles": self.particles, "stream": cell.stream, "of": what })
    }

    fn look_at(
        &self,
        cell: &Cell,
        context: &Context,
        progress: &dyn Progress,
        folder: &Folder,
    ) -> Result<Option<Seen>> {
        let Some(course) = self.course(cell)? else {
            return Ok(None);
        };
        let observables: Vec<_> = course
            .looks
            .iter()
            .map(|(i, ..)| shown(&self.observables[*i].block.node))
            .collect();
        let piece = Piece {
            label: &cell.label,
            settings: self.settings(cell, serde_json::json!(observables)),
            parts: self.particles,
        };
        let seen = kept(piece, context, progress, folder, |counter| {
            let process = self.observed_process(cell, &course.path, course.bundle, context.seed)?;
            let looks = (cell.stream.as_str(), self.particles, &course.at[..]);
            let seen = self.paths(cell, &*process, looks, context, counter)?;
            sound(&cell.label, &*process)?;
            Ok(seen.map(|seen| Seen {
                particle_steps: seen.particle_steps * course.bundle.steps,
                values: seen
                    .theta
                    .iter()
                    .map(|all| all.iter().map(|x| x.to_bits()).collect())
                    .collect(),
            }))
        })?;
        Ok(Some(seen))
    }

    /// What an observable sees of each particle where a condition holds first; NaN of one that never comes there.
    fn look_where(
        &self,
        cell: &Cell,
        observable: &Observable,
        (until, most): (&Tree, u64),
        context: &Context,
        progress: &dyn Progress,
        folder: &Folder,
    ) -> Result<Seen> {
        let label = format!("{}, {}", cell.label, observable.label);
        let piece = Piece {
            label: &label,
            settings: self.settings(cell, shown(&observable.block.node)),
            parts: self.particles,
        };
        kept(piece, context, progress, folder, |counter| {
            let mut path = Path::new(&cell.system);
            self.with_names(cell, |names| -> Result<()> {
                path.add(observable, names)?;
                path.end(&observable.block, until, names)
            })?;
            let process = self.observed_process(cell, &path, Bundle::ALONE, context.seed)?;
            let key = cell_key(&format!("{}/{}", cell.stream, observable.label));
            let stream = self.precision.stream(context.seed, key);
            let plan = Plan {
                particles: self.particles,
                max_steps: most,
                start: cell.system.start.middle(),
                exit: Boundary::Above(f64::INFINITY),
                coordinate: None,
                lanes: context.lanes,
            };
            let ensemble = Ensemble {
                process: &*process,
                stream: &stream,
                plan: &plan,
            };
            let Some(from) = self.begun(cell, self.particles, context)? else {
                return Ok(None);
            };
            let start = |particle: u64, theta: &mut [f64], memory: &mut [f64]| {
                from.put(cell, &*process, &stream, particle, theta, memory);
            };
            let came = context
                .pool
                .install(|| ensemble.run_between(Some(&start), &context.stop, counter));
            sound(&label, &*process)?;
            Ok(came.map(|(exits, mut seen)| {
                for (end, own) in exits
                    .ends
                    .iter()
                    .zip(seen.chunks_exact_mut(path.looks().max(1)))
                {
                    if !matches!(end, End::Exited(_)) {
                        own.fill(f64::NAN);
                    }
                }
                Seen {
                    values: vec![seen.iter().map(|x| x.to_bits()).collect()],
                    particle_steps: exits.particle_steps,
                }
            }))
        })
    }

    /// Where so many paths of a cell are at some steps, from its start, on the random numbers of that name.
    pub(crate) fn paths(
        &self,
        cell: &Cell,
        process: &dyn Process,
        (stream, particles, at): (&str, u64, &[u64]),
        context: &Context,
        counter: &AtomicU64,
    ) -> Result<Option<simulation::ensemble::Snapshots>> {
        let stream = self.precision.stream(context.seed, cell_key(stream));
        let Some(begun) = self.begun(cell, particles, context)? else {
            return Ok(None);
        };
        let start = |particle: u64, theta: &mut [f64], memory: &mut [f64]| {
            begun.put(cell, process, &stream, particle, theta, memory);
        };
        let looking = Looking {
            process,
            stream: &stream,
            particles,
            start: &start,
            at,
            lanes: context.lanes,
        };
        Ok(context.pool.install(|| looking.run(&context.stop, counter)))
    }

    fn exit_of(
        &self,
        cell: &Cell,
        observable: &Observable,
        exit: &Exit,
        context: &Context,
        progress: &dyn Progress,
        folder: &Folder,
    ) -> Result<Left> {
        let label = format!("{}, {}", cell.label, observable.label);
        let stream = format!("{}/{}", cell.stream, observable.label);
        let settings = self.settings(cell, shown(&observable.block.node));
        if exit.splitting {
            let rare = self.rare(cell, observable, exit)?;
            let piece = Piece {
                label: &label,
                settings,
                parts: exit.runs,
            };
            let process = cell.process(&self.name, context.seed)?;
            let scheme = rare.scheme();
            let run = |i: u64| {
                let key = cell_key(&format!("{stream}/run={i}"));
                let stream = self.precision.stream(context.seed, key);
                let splitting = Splitting {
                    process: &*process,
                    stream: &stream,
                    scheme: &scheme,
                };
                let split = splitting.run();
                sound(&label, &*process)?;
                let split = split.map_err(|error| match error {
                    Error::Failed(what) => Error::Failed(format!("{label}: {what}")),
                    other => other,
                })?;
                Ok(Some(Split {
                    probability: split.probability,
                    cycle: split.cycle,
                    steps: split.steps,
                }))
            };
            let runs = kept_parts(piece, context, progress, folder, run, |runs| {
                Ok(Come::Whole(runs))
            })?;
            return Ok(Left::Split(runs));
        }
        let piece = Piece {
            label: &label,
            settings,
            parts: self.particles,
        };
        let ending = Ending {
            boundary: self.exit(cell, observable, exit)?,
            until: &exit.until,
            most: exit.max_steps,
        };
        let left = kept_from(
            piece,
            context,
            progress,
            folder,
            |begun: Option<Exits>, counter| {
                let all = (self.particles, begun);
                self.first_exits(cell, observable, ending, all, context, counter)
            },
        )?;
        Ok(Left::Direct(left))
    }

    /// The first exits of so many particles, from where they were stopped before.
    ///
    /// # Errors
    /// A formula that has no meaning here, or noise where there is none.
    pub(crate) fn first_exits(
        &self,
        cell: &Cell,
        observable: &Observable,
        ending: Ending<'_>,
        (particles, begun): (u64, Option<Exits>),
        context: &Context,
        counter: &AtomicU64,
    ) -> Result<Come<Exits, Exits>> {
        let label = format!("{}, {}", cell.label, observable.label);
        let stream = format!("{}/{}", cell.stream, observable.label);
        let stream = self.precision.stream(context.seed, cell_key(&stream));
        let (exit_at, coordinate) = match ending.boundary {
            Some(b) if b.above => (Boundary::Above(b.at), Some(b.coordinate)),
            Some(b) => (Boundary::Below(b.at), Some(b.coordinate)),
            None => (Boundary::Above(f64::INFINITY), None),
        };
        let mut process = cell.process(&self.name, context.seed)?;
        if ending.boundary.is_none() {
            let mut path = Path::new(&cell.system);
            self.with_names(cell, |names| {
                path.end(&observable.block, ending.until, names)
            })?;
            process = Box::new(Observed::new(process, path.observer(&cell.system, 1)?));
        }
        let plan = Plan {
            particles,
            max_steps: ending.most,
            start: cell.system.start.middle(),
            exit: exit_at,
            coordinate,
            lanes: context.lanes,
        };
        let ensemble = Ensemble {
            process: &*process,
            stream: &stream,
            plan: &plan,
        };
        let pack = |exits| Exits::new(&label, &exits);
        let start = &cell.system.start;
        if start.point().is_none() || !start.momentum.is_zero() {
            let Some(from) = self.begun(cell, particles, context)? else {
                return Ok(Come::Stopped(None));
            };
            let start = |particle: u64, theta: &mut [f64], memory: &mut [f64]| {
                from.put(cell, &*process, &stream, particle, theta, memory);
            };
            let exits = context
                .pool
                .install(|| ensemble.run_between(Some(&start), &context.stop, counter));
            sound(&label, &*process)?;
            return Ok(exits.map_or(Come::Stopped(None), |(exits, _)| Come::Whole(pack(exits))));
        }
        let begun = begun.map(|begun| begun.unpacked());
        let exits = context
            .pool
            .install(|| ensemble.run_from(begun, &context.stop, counter));
        sound(&label, &*process)?;
        Ok(Come::of(exits.map(pack).map_err(pack)))
    }

    /// A cell whose exits are too rare to wait for.
    ///
    /// # Errors
    /// It cannot be split: the message says why.
    pub fn rare(&self, cell: &Cell, observable: &Observable, exit: &Exit) -> Result<RareCell> {
        let boundary = self.exit(cell, observable, exit)?;
        let refused = |what: String| {
            observable
                .block
                .error("method", format!("{}: {what}", cell.label))
        };
        let boundary =
            boundary.ok_or_else(|| refused("splitting goes towards a boundary".into()))?;
        let escape = passage::as_escape(cell, boundary, self.particles, exit.max_steps, &self.name)
            .ok_or_else(|| {
                refused("splitting needs a point to start from and a noise of known size".into())
            })?;
        let splits = Splits {
            replicas: exit.replicas,
            kill: exit.replicas / 20,
            runs: exit.runs,
            basin: 0.0,
            surface: 1.0,
            burn_in: 5,
            cycles: 10,
            brute_particles: 0,
            brute_steps: 0.0,
        };
        RareCell::new(escape, splits).map_err(|why| {
            let plain = why.replace(
                "lower `surface` or the noise",
                "lower the noise, or use method = \"direct\"",
            );
            refused(plain)
        })
    }
}

/// Refuses what came of a process that was asked for noise where it has none.
pub(crate) fn sound(label: &str, process: &dyn Process) -> Result<()> {
    match process.fault() {
        Some(what) => Err(Error::Failed(format!("{label}: {what}"))),
        None => Ok(()),
    }
}
