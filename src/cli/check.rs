//! `kramers check`: what a file says, and how long it will take. Nothing is run.

use super::stdout::say;
use serde_json::{Map, Value as Json, json};

use super::Program;
use super::args::{Check, with_yes};
use super::columns::{Column, NONE, layout};
use super::measured::{self, of_axes, telling, value};
use base::error::Result;
use base::shown;
use experiment::load::Experiment;
use experiment::plan::{Planned, Work, no_axes};
use experiment::spec::Setting;
use experiment::{cost, memory};
use measurement::reading::Facts;
use report::number;

/// Cells and values that are printed.
const MOST: usize = 60;

/// Reads and resolves a file; prints its cells, where each value came from, and what the run will take.
///
/// # Errors
/// The file is unusable, or asks for more memory than there is.
pub fn check(program: &Program, options: &Check) -> Result<()> {
    let experiment = Experiment::read_with(
        &options.file,
        options.scale.name(),
        &with_yes(&options.assignments, options.yes),
        &program.vocabulary(&options.file)?,
    )?;
    memory::ask(std::slice::from_ref(&experiment), options.threads)?;
    let plan = Costs::of(&experiment, options.threads, cost::unit());
    if options.json {
        say!("{:#}", plan.document(&experiment));
    } else {
        say!(
            "{}",
            plan.text(&experiment) + &settings(&experiment) + &plan.total()
        );
    }
    Ok(())
}

/// What the cells of an experiment take.
pub struct Costs {
    cells: Vec<Planned>,
    /// Particle-steps; the most where some cells end earlier.
    steps: Option<f64>,
    at_most: bool,
    seconds: Option<f64>,
    /// Seconds of each cell.
    each: Vec<Option<f64>>,
    /// Bytes that it holds at once, beside what any experiment does.
    memory: u64,
    threads: usize,
}

fn particle_steps(cells: &[Planned]) -> Option<f64> {
    let of = |cell: &Planned| {
        let work = cell.work?;
        Some(work.particles as f64 * work.steps as f64)
    };
    cells.iter().map(of).sum()
}

impl Costs {
    /// By the model of cost, where a unit of it takes so many seconds; 0 threads are all cores.
    pub fn of(experiment: &Experiment, threads: u64, unit: f64) -> Self {
        let mut cells = experiment.protocol.plan();
        let alike = no_axes(cells.iter().map(|cell| &cell.known));
        for cell in &mut cells {
            cell.known.0.retain(|(name, _)| !alike.contains(name));
        }
        let threads = memory::workers(threads) as usize;
        let seconds = |cells: &[Planned]| cost::seconds(cells, unit, threads);
        Costs {
            seconds: seconds(&cells),
            each: cells
                .iter()
                .map(|cell| seconds(std::slice::from_ref(cell)))
                .collect(),
            memory: experiment.protocol.memory(),
            steps: particle_steps(&cells),
            at_most: cells
                .iter()
                .any(|cell| cell.work.is_some_and(|w| w.at_most)),
            threads,
            cells,
        }
    }

    /// The cells, with what each takes.
    pub fn text(&self, experiment: &Experiment) -> String {
        let count = self.cells.len();
        let noun = if count == 1 { "cell" } else { "cells" };
        let mut text = format!(
            "{}, protocol {}: {count} {noun}\n",
            experiment.name, experiment.kind
        );
        let width = measured::width();
        let cells: Vec<&Planned> = self.cells.iter().take(MOST).collect();
        let known: Vec<&Facts> = cells.iter().map(|cell| &cell.known).collect();
        let work = |of: fn(Work) -> String| {
            let of = |cell: &&Planned| cell.work.map_or(NONE.into(), of);
            cells.iter().map(of).collect()
        };
        let labels = cells.iter().map(|cell| shown::line(&cell.label).into());
        let mut columns = vec![Column::words("cell", labels.collect())];
        columns.extend(of_axes(
            &telling(self.cells.iter().map(|c| &c.known)),
            &known,
        ));
        columns.extend([
            Column::numbers("particles", work(|work| work.particles.to_string())),
            Column::numbers(
                "steps",
                work(|work| format!("{}{}", if work.at_most { "≤ " } else { "" }, work.steps)),
            ),
            Column::numbers("time", self.each.iter().take(MOST).map(time).collect()),
        ]);
        text += &lines(columns, width);
        text += &more(count, "cells");
        text
    }

    /// What all of them take.
    pub fn total(&self) -> String {
        let most = if self.at_most { "at most " } else { "" };
        let mut text = String::from("\n");
        text += &match self.steps {
            None => "how many steps it takes is not known before it runs\n".to_string(),
            Some(steps) => format!("{most}{} particle-steps\n", number::short(steps, 3)),
        };
        text += &match self.seconds {
            None => "how long it takes is not known before it runs".to_string(),
            Some(seconds) => format!(
                "{most}about {} on {} threads, exact references apart",
                number::duration(seconds),
                self.threads
            ),
        };
        text += &format!(
            "\nup to about {} in memory, and as much on disk while it runs",
            memory::shown(self.memory)
        );
        text
    }

    /// All of it as JSON.
    pub fn document(&self, experiment: &Experiment) -> Json {
        let cell = |(cell, seconds): (&Planned, &Option<f64>)| {
            let axes = cell
                .known
                .0
                .iter()
                .map(|(name, v)| (name.clone(), value(v)));
            json!({
                "cell": cell.label,
                "axes": axes.collect::<Map<_, _>>(),
                "particles": cell.work.map(|work| work.particles),
                "steps": cell.work.map(|work| work.steps),
                "at_most": cell.work.is_some_and(|work| work.at_most),
                "seconds": seconds,
            })
        };
        let settings = experiment.settings.iter().map(
            |setting| json!({ "key": setting.key, "value": setting.value, "from": setting.from }),
        );
        json!({
            "name": experiment.name,
            "protocol": experiment.kind,
            "cells": self.cells.iter().zip(&self.each).map(cell).collect::<Vec<_>>(),
            "settings": settings.collect::<Vec<_>>(),
            "particle_steps": self.steps,
            "seconds": self.seconds,
            "at_most": self.at_most,
            "memory": self.memory,
            "threads": self.threads,
        })
    }
}

/// Where each value of a file came from.
fn settings(experiment: &Experiment) -> String {
    let mut text = String::from("\nwhere each value came from\n");
    let settings = || experiment.settings.iter().take(MOST);
    let column = |header, of: fn(&Setting) -> &str| {
        let cells = settings().map(|setting| shown::line(of(setting)).into());
        Column::words(header, cells.collect())
    };
    let columns = vec![
        column("key", |setting| &setting.key),
        column("value", |setting| &setting.value),
        column("from", |setting| &setting.from),
    ];
    text += &lines(columns, measured::width());
    text += &more(experiment.settings.len(), "values");
    text
}

fn time(seconds: &Option<f64>) -> String {
    seconds.map_or(NONE.into(), number::duration)
}

/// A table, a line for each row.
pub fn lines(columns: Vec<Column>, width: usize) -> String {
    let lines = layout(columns, width).into_iter();
    lines.map(|line| line + "\n").collect()
}

fn more(count: usize, what: &str) -> String {
    match count.saturating_sub(MOST) {
        0 => String::new(),
        left => format!("  {left} more {what}; --json prints all\n"),
    }
}
