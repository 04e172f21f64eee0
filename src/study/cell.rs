//! A cell of a study: a process at a point of the sweep, with everything that is known of it.

use base::error::Result;
use base::value::Value;
use experiment::escape::cell::Noise as Known;
use experiment::optimizer::Tuned;
use measurement::reading::Facts;
use simulation::ensemble::Process;
use simulation::random::{Stream, cell_key};

use crate::system::motion::Equation;
use crate::system::{Motion, Noise, System, SystemFacts};

/// A process at a point of the sweep.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Unique and stable name.
    pub label: String,
    /// Label of the process.
    pub process: String,
    /// Which block of the file it comes from.
    pub block: usize,
    /// What was swept, and the process.
    pub axes: Facts,
    /// What was swept and what follows from it, for formulas.
    pub point: Facts,
    /// Keys of its blocks and facts of its system.
    pub facts: Facts,
    /// What moves, and in what.
    pub system: System,
    /// Whether it is never simulated.
    pub reference: bool,
    /// Name of its random numbers.
    pub stream: String,
    /// The first cell of the same law and the same random numbers.
    pub same_as: Option<usize>,
}

impl Cell {
    /// What moves it and in which noise, by the names that the model of cost knows.
    pub fn kinds(&self) -> Facts {
        let noise = self.system.noise.known().map_or("none", Known::kind);
        let mut kinds = Facts::default().with("noise", noise);
        if let Some(rule) = self.rule() {
            kinds.set("optimizer", Value::Word(rule.to_string()));
        }
        if let Some(batch) = self.system.noise.batch() {
            kinds.set("batch", Value::Number(batch));
        }
        kinds
    }

    /// Name of its rule, if a rule moves it.
    pub fn rule(&self) -> Option<&str> {
        match &self.system.motion {
            Motion::Rule(rule) => Some(rule.entry.name),
            Motion::Sde(_) => None,
        }
    }

    /// Axes as words, in order.
    pub fn describe(process: &str, axes: &Facts) -> String {
        let axes = axes
            .0
            .iter()
            .filter(|(name, _)| name != "process" && name != "sweep");
        let axes = axes.map(|(name, value)| format!("{name} = {value}"));
        let words = std::iter::once(process.to_string()).chain(axes);
        words.collect::<Vec<_>>().join(", ")
    }
}

/// T of a system: an SDE's own; ηC/2 of SGD in noise of constant variance.
pub fn temperature(motion: &Motion, noise: &Noise) -> Option<f64> {
    match motion {
        Motion::Sde(sde) => sde.temperature(noise),
        Motion::Rule(rule) if rule.entry.name == "sgd" && rule.values.is_plain() => {
            Some(rule.values["eta"] * noise.variance()? / 2.0)
        }
        Motion::Rule(_) => None,
    }
}

/// What claims may name of a system: the keys of its process, noise and landscape, and its facts.
pub fn facts_of(system: &System, facts: &SystemFacts<'_>) -> Facts {
    let mut all = Facts::default();
    let mut set = |name: &str, x: f64| all.set(name, Value::Number(x));
    for (name, x) in facts.all() {
        set(&name, x);
    }
    for (name, x) in &system.landscape.numbers {
        set(name, *x);
    }
    if let Some(formula) = &system.landscape.formula {
        for (name, x) in &formula.parameters {
            set(name, *x);
        }
    }
    match &system.motion {
        Motion::Rule(Tuned { values, .. }) => {
            for (name, x) in &values.numbers {
                if !values
                    .driven
                    .as_ref()
                    .is_some_and(|d| d.formulas.contains_key(name))
                {
                    set(name, *x);
                }
            }
        }
        Motion::Sde(sde) => {
            set("dt", sde.dt);
            match &sde.equation {
                Equation::Overdamped { temperature } => set("temperature", *temperature),
                Equation::Underdamped {
                    temperature,
                    damping,
                } => {
                    set("temperature", *temperature);
                    set("damping", *damping);
                }
                Equation::OfSgd { eta, order, .. } => {
                    set("eta", *eta);
                    set("order", *order as f64);
                }
                Equation::Written { numbers, .. } => {
                    numbers.iter().for_each(|(name, x)| set(name, *x));
                }
            }
        }
    }
    set("clock", system.clock);
    all
}

impl Cell {
    /// The process that is simulated in this cell.
    ///
    /// # Errors
    /// Its parts do not fit.
    pub fn process(&self, study: &str, seed: u64) -> Result<Box<dyn Process>> {
        let pool = Stream::new(seed, cell_key(&format!("{study}/pool")));
        self.system.process(&pool)
    }
}
