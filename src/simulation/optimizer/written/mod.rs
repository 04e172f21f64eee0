//! Update rules that are written as formulas.
//!
//! A rule is read into statements (`statement`) whose names are known (`check`), lowered to a graph in which its
//! hyper-parameters are numbers (`lower`), and compiled (`compiled`) into programs that run over rows of lanes
//! (`rows`) or over the coordinates of one particle (`member`), with the arithmetic of [`Real`](super::Real).

mod check;
mod compiled;
mod graph;
mod linear;
mod lower;
mod member;
mod rows;
mod statement;

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use formula::Mistake;

use super::block::Optimizer;
use super::entry::{DECOUPLED, ETA, Entry, FIXED, L2, Parameter, SCHEDULED, STABLE, Values};
use super::field::Field;
use super::schedule::Schedule;
use super::trajectory::Group;
use compiled::Compiled;
pub use linear::{Linear, Response};
use statement::{Placed, Statement, statements};

/// The texts that a rule is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// Its name in experiment files.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Its hyper-parameters.
    pub hyper: Vec<Hyper>,
    /// What a particle remembers, and its start.
    pub scalar: Vec<(String, String)>,
    /// Lines that advance it, once a step.
    pub tick: String,
    /// What a coordinate remembers, and its start.
    pub state: Vec<(String, String)>,
    /// Lines that make the update.
    pub step: String,
    /// Where the gradient is taken, if not at θ.
    pub at: Option<String>,
    /// c_t of weight decay beside the update.
    pub decay: Option<String>,
}

impl Text {
    /// All of it that moves anything.
    fn written(&self) -> String {
        let mut written = String::new();
        let mut say = |name: &str, text: &str| {
            let _ = writeln!(written, "{name} = {text}");
        };
        let memory = self.scalar.iter().chain(&self.state);
        memory.for_each(|(name, start)| say(name, start));
        for (name, text) in [("at", &self.at), ("decay", &self.decay)] {
            text.iter().for_each(|text| say(name, text));
        }
        let lines = self.tick.lines().chain(self.step.lines());
        for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
            let _ = writeln!(written, "{line}");
        }
        written
    }
}

/// A hyper-parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Hyper {
    /// Its name.
    pub name: String,
    /// Its default; `None` means that an experiment must give it.
    pub default: Option<f64>,
    /// Least and greatest value.
    pub range: [f64; 2],
    /// Whether it is either on or off.
    pub switch: bool,
}

/// What is wrong with a rule, and in which of its texts: `step`, `state.m`, ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The text.
    pub key: String,
    /// What is wrong with it.
    pub mistake: Mistake,
}

/// A rule whose lines are known to have a meaning.
#[derive(Clone, Debug)]
pub struct Written {
    hypers: Vec<String>,
    scalars: Vec<(String, Placed)>,
    tick: Vec<Statement>,
    /// `None` starts at θ.
    states: Vec<(String, Option<Placed>)>,
    step: Vec<Statement>,
    at: Option<Placed>,
    decay: Option<Placed>,
}

impl Written {
    /// Reads a rule.
    ///
    /// # Errors
    /// A line that is no statement, a name that is not known or has two meanings, a line that nothing reads, no update.
    pub fn new(text: &Text) -> Result<Self, Wrong> {
        let within = |key: &str| {
            let key = key.to_string();
            move |mistake| Wrong { key, mistake }
        };
        let whole = |key: &str, text: &str| Placed::whole(text).map_err(within(key));
        let optional = |key: &str, text: &Option<String>| {
            text.as_ref().map(|text| whole(key, text)).transpose()
        };
        let start = |(name, text): &(String, String)| {
            let own = whole(&format!("state.{name}"), text)?;
            Ok((name.clone(), (text.trim() != "theta").then_some(own)))
        };
        let scalar = |(name, text): &(String, String)| {
            Ok((name.clone(), whole(&format!("scalar.{name}"), text)?))
        };
        let written = Written {
            hypers: text.hyper.iter().map(|hyper| hyper.name.clone()).collect(),
            scalars: text.scalar.iter().map(scalar).collect::<Result<_, _>>()?,
            tick: statements(&text.tick).map_err(within("tick"))?,
            states: text.state.iter().map(start).collect::<Result<_, _>>()?,
            step: statements(&text.step).map_err(within("step"))?,
            at: optional("at", &text.at)?,
            decay: optional("decay", &text.decay)?,
        };
        written.check(text)?;
        Ok(written)
    }

    /// Whether a line of `step` reads θ, or a state starts there.
    fn sees(&self) -> bool {
        let names = self.step.iter().flat_map(|line| line.formula.tree.names());
        let read = names.into_iter().any(|(_, name)| name == "theta");
        read || self.states.iter().any(|(_, start)| start.is_none())
    }

    /// The rule at these hyper-parameters.
    pub fn at(&self, values: &Values) -> Rule {
        Rule {
            compiled: Arc::new(Compiled::new(&lower::lower(self, values))),
            eta: values["eta"],
            schedule: values.schedule.clone(),
            sees: self.sees(),
        }
    }
}

/// A rule at given hyper-parameters, ready to move particles.
#[derive(Clone, Debug)]
pub struct Rule {
    compiled: Arc<Compiled>,
    eta: f64,
    schedule: Schedule,
    sees: bool,
}

impl Optimizer for Rule {
    fn scalars(&self) -> usize {
        self.compiled.scalars.len()
    }

    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let states = self.compiled.states.iter();
        let rows = states.flat_map(|slot| {
            let start = |x: &f64| if slot.place { *x } else { slot.start };
            theta.iter().map(start).collect::<Vec<_>>()
        });
        rows.chain(self.compiled.scalars.iter().copied()).collect()
    }

    fn remembered(&self) -> Vec<String> {
        self.compiled.names.clone()
    }

    fn aims(&self) -> bool {
        self.compiled.at.is_some()
    }

    fn sees(&self) -> bool {
        self.sees
    }

    fn draws(&self) -> bool {
        self.compiled.draws
    }

    fn group(&self, coordinates: Vec<usize>) -> Box<dyn Group<f64>> {
        Box::new(member::Member::new(self.clone(), coordinates, &0.0))
    }

    fn field_group(&self, coordinates: Vec<usize>, like: &Field) -> Option<Box<dyn Group<Field>>> {
        let member = member::Member::new(self.clone(), coordinates, like);
        // Networks draw no normals for rules, and take gradients at θ.
        (!self.draws() && !self.aims()).then(|| Box::new(member) as Box<dyn Group<Field>>)
    }
}

/// Every rule that was read: the same text is the same entry, which lasts as long as the program.
static ENTRIES: Mutex<Vec<(Text, &'static Entry)>> = Mutex::new(Vec::new());

/// The entry of a rule, as files of experiments name it.
///
/// # Errors
/// As [`Written::new`].
pub fn entry(text: &Text) -> Result<&'static Entry, Wrong> {
    let mut known = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, entry)) = known.iter().find(|(own, _)| own == text) {
        return Ok(entry);
    }
    let written: &'static Written = Box::leak(Box::new(Written::new(text)?));
    let mut parameters = vec![ETA];
    parameters.extend(text.hyper.iter().map(|hyper| Parameter {
        name: hyper.name.clone().leak(),
        default: hyper.default,
        low: hyper.range[0],
        high: hyper.range[1],
        switch: hyper.switch,
        meaning: "a hyper-parameter of this rule",
    }));
    parameters.extend([L2, DECOUPLED, SCHEDULED, FIXED]);
    parameters.extend(text.decay.as_ref().map(|_| STABLE));
    let entry: &'static Entry = Box::leak(Box::new(Entry {
        name: text.name.clone().leak(),
        formula: text.written().leak(),
        source: text.source.clone().leak(),
        parameters: parameters.leak(),
        build: Box::leak(Box::new(move |v: &Values| {
            Box::new(written.at(v)) as Box<dyn Optimizer>
        })),
        stability_limit: None,
        degree: Box::leak(Box::new(move |v: &Values| written.degree(v))),
        written: Some(written),
    }));
    known.push((text.clone(), entry));
    Ok(entry)
}
