//! Points of trainings: θ of every seed after given numbers of steps, where something is measured.

use std::path::Path;
use std::sync::atomic::Ordering;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::course::Course;
use super::members::in_groups;
use super::schooling::Schooling;
use super::task::Task;
use crate::device;
use crate::model::Statistics;
use crate::objective::Objective;
use crate::set::Examples;
use crate::training::{Gradient, Training};
use base::error::Result;
use experiment::context::{Context, Progress};
use experiment::kept::{Piece, each, kept};
use experiment::optimizer::Tuned;
use experiment::plan::Planned;
use experiment::spec::Section;
use measurement::reading::Facts;
use simulation::optimizer::registry::Rules;

/// What is trained, by which rules, and where it is looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Points {
    /// What is learned and by which network.
    pub task: Task,
    /// Seeds, batches and steps.
    pub schooling: Schooling,
    /// One for each rule.
    pub routes: Vec<Route>,
}

/// A rule, and the steps after which its networks are looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// Unique and stable name.
    pub label: String,
    /// The name of the rule in reports.
    pub series: String,
    /// The rule.
    pub rule: Tuned,
    /// Steps taken, ascending.
    pub at: Vec<u64>,
}

/// A point of a route, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Its name in the file and in reports.
    pub name: String,
    /// Whose point it is.
    pub series: String,
    /// Steps taken.
    pub step: u64,
}

/// The name of the point before the first step, the same for every rule.
pub const START: &str = "random start";

impl Route {
    fn point(&self, step: u64) -> Point {
        let name = if step == 0 {
            START.to_string()
        } else {
            format!("{}, step {step}", self.series)
        };
        Point {
            name,
            series: self.series.clone(),
            step,
        }
    }
}

/// One network at a point.
pub struct Place<'a> {
    /// Its loss.
    pub objective: &'a Objective,
    /// θ: 1 × P.
    pub theta: Tensor,
    /// What it is trained on.
    pub examples: Examples,
    /// What its normalisations have seen.
    pub statistics: Statistics,
    /// Root seed.
    pub root: u64,
    /// Number of the training.
    pub seed: u64,
    /// Which point.
    pub point: Point,
}

/// The points that a claim speaks of, by the steps taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// At least so many.
    pub from: u64,
    /// At most so many.
    pub to: u64,
}

impl Stretch {
    /// Reads `from` and `to`; every point where both are silent.
    ///
    /// # Errors
    /// No whole number, or no point lies between them.
    pub fn read(section: &Section<'_>, points: &Points) -> Result<Self> {
        const LAST: u64 = 1_000_000_000_000;
        let why = "steps of training at the first point that counts";
        let from = section.integer("from", Some(0), 0..=LAST, why)?;
        let why = "steps of training at the last point that counts";
        let to = section.integer("to", Some(LAST), from..=LAST, why)?;
        let found = Stretch { from, to };
        if !points.all().iter().any(|point| found.holds(point)) {
            let what = "networks are looked at after no such number of steps";
            return Err(section.error("from", what));
        }
        Ok(found)
    }

    /// Whether it holds that point.
    pub fn holds(self, point: &Point) -> bool {
        (self.from..=self.to).contains(&point.step)
    }
}

/// What was seen at a point, seed by seed.
#[derive(Debug)]
pub struct Seen<T> {
    /// The point.
    pub point: Point,
    /// In the order of the seeds.
    pub each: Vec<T>,
}

impl Points {
    /// One cell for each rule.
    pub fn plan(&self) -> Vec<Planned> {
        let cell = |route: &Route| {
            let last = route.at.last().copied().unwrap_or(0);
            let plan = Planned::of(&route.label, &route.series).under(&route.rule);
            plan.runs(self.schooling.seeds, last)
        };
        self.routes.iter().map(cell).collect()
    }

    /// What is known of a point. The start is every rule's, and has its step alone.
    pub fn axes(&self, point: &Point) -> Facts {
        let own = self
            .routes
            .iter()
            .find(|route| route.series == point.series);
        let facts = match own.filter(|_| point.step > 0) {
            None => Facts::default(),
            Some(route) => Facts::default()
                .with("process", &*route.series)
                .and(&route.rule.facts()),
        };
        facts.with("step", point.step)
    }

    /// Reads `[data]`, `[model]`, `[training]` and every `[[optimizer]]` of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let task = Task::read(root)?;
        let schooling = Schooling::read(root, &task)?;
        let mut routes: Vec<Route> = Vec::new();
        for section in root.sections("optimizer")? {
            let series = section.label("label", Some(&section.text("name", None)?))?;
            if routes.iter().any(|route| route.series == series) {
                let what = format!("`{series}` names two series; give each its own label");
                return Err(section.error("label", what));
            }
            let why = "steps after which networks are looked at, up to training.steps";
            let mut at = section.sweep("at", None, 0.0..=schooling.steps as f64, why)?;
            at.sort_by(f64::total_cmp);
            if at.iter().any(|step| step.fract() != 0.0) {
                return Err(section.error("at", format!("not whole numbers: {why}")));
            }
            if at[0] == 0.0 && routes.iter().any(|route| route.at[0] == 0) {
                let what = "the start is the same for every rule; name 0 once";
                return Err(section.error("at", what));
            }
            let rule = Tuned::read(&section, rules)?;
            section.finish()?;
            routes.push(Route {
                label: format!("{name}/{series}"),
                series,
                rule,
                at: at.iter().map(|step| *step as u64).collect(),
            });
        }
        if routes.is_empty() {
            return Err(root.error("optimizer", "give at least one [[optimizer]]"));
        }
        Ok(Points {
            task,
            schooling,
            routes,
        })
    }

    /// Every point, in the order of the file.
    pub fn all(&self) -> Vec<Point> {
        let of = |route: &Route| {
            let points = route.at.iter().map(|step| route.point(*step));
            points.collect::<Vec<_>>()
        };
        self.routes.iter().flat_map(of).collect()
    }

    /// The points that `key` lists by name; all where it is silent.
    ///
    /// # Errors
    /// There is none of that name: the message lists those there are.
    pub fn named(&self, section: &Section<'_>, key: &'static str) -> Result<Vec<String>> {
        let all: Vec<String> = self.all().into_iter().map(|point| point.name).collect();
        if section.get(key).is_none() {
            return Ok(all);
        }
        let given = section.texts(key)?;
        match given.iter().find(|name| !all.contains(name)) {
            Some(name) => {
                let there = all.join("”, “");
                let what = format!("no point “{name}”; there are “{there}”");
                Err(section.error(key, what))
            }
            None => Ok(given),
        }
    }

    /// Training steps of all seeds together.
    pub fn steps(&self) -> u64 {
        let last = self.routes.iter().filter_map(|route| route.at.last());
        self.schooling.seeds * last.sum::<u64>()
    }

    /// The rules in words.
    pub fn describe(&self) -> Vec<String> {
        let mut said = vec![self.task.describe(), self.schooling.describe()];
        said.extend(self.routes.iter().map(|route| {
            let steps: Vec<String> = route.at.iter().map(ToString::to_string).collect();
            format!(
                "{}: {} ({}), {}; looked at after {} steps.",
                route.series,
                route.rule.entry.name,
                route.rule.entry.formula,
                route.rule.describe(),
                steps.join(", ")
            )
        }));
        said
    }

    /// Trains every route and sees what `look` sees at its points; a route is kept on disk as soon as it is finished.
    /// `settings` are what `look` depends on.
    ///
    /// # Errors
    /// Ctrl-C, a file that cannot be written or is damaged, a data set that is not there, or whatever libtorch fails with.
    pub fn visit<T: Serialize + DeserializeOwned + Send>(
        &self,
        (context, progress, folder): (&Context, &dyn Progress, &Path),
        settings: &impl Serialize,
        look: impl Fn(&Place<'_>) -> T + Sync,
    ) -> Result<Vec<Seen<T>>> {
        let found = each(&self.routes, |route| {
            let settings = serde_json::json!({
                "task": self.task,
                "schooling": self.schooling,
                "route": route,
                "look": settings,
            });
            let piece = Piece {
                label: &route.label,
                settings: settings.clone(),
                parts: self.schooling.seeds,
            };
            let seeds: Vec<Vec<T>> = kept(piece, context, progress, folder, |counter| {
                let Schooling {
                    seeds, together, ..
                } = self.schooling;
                in_groups(context, seeds, together, |group| {
                    let course = Course {
                        context,
                        folder,
                        label: format!("{}/seeds {group:?}", route.label),
                        settings: settings.clone(),
                    };
                    let found = self.travel(route, &course, group, &look)?;
                    counter.fetch_add(group.len() as u64, Ordering::Relaxed);
                    Ok(found)
                })
            })?;
            let mut points: Vec<Seen<T>> = route
                .at
                .iter()
                .map(|step| Seen {
                    point: route.point(*step),
                    each: Vec::new(),
                })
                .collect();
            for seen in seeds {
                for (point, own) in points.iter_mut().zip(seen) {
                    point.each.push(own);
                }
            }
            Ok(points)
        })?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What a group of seeds sees at the points of a route, seed by seed; `None` where Ctrl-C was pressed.
    fn travel<T: Serialize + DeserializeOwned>(
        &self,
        route: &Route,
        course: &Course<'_>,
        group: &[u64],
        look: &impl Fn(&Place<'_>) -> T,
    ) -> Result<Option<Vec<Vec<T>>>> {
        let context = course.context;
        let device = device::find(context.device)?;
        let (objective, sets) = self.task.prepare(context, group, device)?;
        let mut training = self.schooling.begin(
            &self.task,
            (&objective, &sets),
            (&route.rule, Gradient::Plain),
            (context, group),
            device,
        )?;
        let members = |training: &Training<'_>, _: &[Vec<T>]| -> Vec<T> {
            let one = |(member, seed): (usize, &u64)| {
                look(&Place {
                    objective: &objective,
                    theta: training.theta().narrow(0, member as i64, 1),
                    examples: training.batches.examples.member(member),
                    statistics: training.statistics.member(member, group.len()),
                    root: context.seed,
                    seed: *seed,
                    point: route.point(training.taken()),
                })
            };
            group.iter().enumerate().map(one).collect()
        };
        let seen = course.follow(&mut training, &route.at, members, |_| false)?;
        Ok(seen.map(|points| {
            let mut seeds: Vec<Vec<T>> = group.iter().map(|_| Vec::new()).collect();
            for point in points {
                for (own, seen) in seeds.iter_mut().zip(point) {
                    own.push(seen);
                }
            }
            seeds
        }))
    }
}
