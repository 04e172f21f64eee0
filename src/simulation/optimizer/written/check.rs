//! Whether the lines of a rule have a meaning: each name is known where it stands, and each line is read.

use std::collections::BTreeMap;

use formula::{Kind, Mistake, called_function, nearest, reserved};

use super::statement::{Placed, Statement, is_name};
use super::{Text, Written, Wrong};

/// Functions of rules alone, and how many arguments they take.
const OWN: &[(&str, usize)] = &[("clip", 3), ("ratio0", 2), ("mod", 2), ("mean", 1)];

/// Names that every rule knows, and what they are.
const GIVEN: &[(&str, &str)] = &[
    ("g", "the gradient"),
    ("t", "the number of the step"),
    ("eta", "the learning rate"),
    ("schedule", "η_t/η"),
    ("dim", "the number of coordinates"),
    ("xi", "a fresh normal"),
    ("theta", "the coordinate"),
];

/// What the keys of weight decay are called, which come with every rule.
const DECAYS: &[&str] = &[
    "l2",
    "decoupled_decay",
    "stable_decay",
    "scheduled_decay",
    "fixed_decay",
];

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Hyper,
    Scalar,
    State,
    Given,
    /// Made by a line.
    Made,
}

/// How often what a name holds was read.
#[derive(Default)]
struct Read<'a> {
    known: BTreeMap<&'a str, Name>,
    /// The line that set each name, until something reads it.
    unread: BTreeMap<&'a str, &'a Statement>,
    /// Names of hyper-parameters and memory that something has read.
    used: Vec<String>,
}

impl Written {
    /// # Errors
    /// What has no meaning, at its character.
    pub(super) fn check(&self, text: &Text) -> Result<(), Wrong> {
        let mut read = Read::default();
        self.declared(&mut read)?;
        let particle = ["t", "eta", "schedule", "dim"];
        read.known.extend(particle.map(|name| (name, Name::Given)));
        for (name, start) in &self.scalars {
            self.start(&mut read, &format!("scalar.{name}"), start)?;
        }
        for (name, start) in &self.states {
            if let Some(start) = start {
                self.start(&mut read, &format!("state.{name}"), start)?;
            }
        }
        for (name, _) in &self.scalars {
            read.known.insert(name, Name::Scalar);
        }
        read.lines("tick", &self.tick, &self.tick)?;
        let sees = self.at.is_some() || self.states.iter().any(|(_, start)| start.is_none());
        read.known.extend(sees.then_some(("theta", Name::Given)));
        read.known.extend(
            self.states
                .iter()
                .map(|(name, _)| (name.as_str(), Name::State)),
        );
        if let Some(at) = &self.at {
            read.formula("at", at, &self.step, true)?;
        }
        read.known
            .extend(["g", "xi"].map(|name| (name, Name::Given)));
        read.lines("step", &self.step, &self.step)?;
        if !self.step.iter().any(|line| line.name == "update") {
            let what = "no line sets `update`, which is what is taken from θ in a step";
            let names = self.step.iter().map(|line| line.name.as_str());
            let meant = nearest("update", names);
            let line = self.step.iter().find(|line| meant == Some(&line.name));
            let mistake = line.map_or(whole(&text.step, what), |line| {
                line.mistake(format!("{what}; did you mean it by `{}`?", line.name))
            });
            return Err(wrong("step", mistake));
        }
        if let Some(decay) = &self.decay {
            read.formula("decay", decay, &[], true)?;
        }
        self.idle(&mut read)
    }

    /// The names that are declared, each once.
    fn declared<'a>(&'a self, read: &mut Read<'a>) -> Result<(), Wrong> {
        let hypers = self.hypers.iter().map(|name| ("hyper", name, Name::Hyper));
        let scalars = self
            .scalars
            .iter()
            .map(|(name, _)| ("scalar", name, Name::Scalar));
        let states = self
            .states
            .iter()
            .map(|(name, _)| ("state", name, Name::State));
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (kind, name, what) in hypers.chain(scalars).chain(states) {
            let key = format!("{kind}.{name}");
            let refused = |what: String| Err(wrong(&key, whole(name, &what)));
            if !is_name(name) {
                return refused(format!("`{name}` is no name; use letters, digits and _"));
            }
            if let Some((_, meaning)) = GIVEN.iter().find(|(given, _)| given == name) {
                return refused(format!(
                    "`{name}` is {meaning} already; choose another name"
                ));
            }
            if reserved(name) || OWN.iter().any(|(own, _)| own == name) {
                return refused(format!("`{name}` is a function; choose another name"));
            }
            if name == "update" || DECAYS.contains(&name.as_str()) {
                return refused(format!(
                    "`{name}` has a meaning in every rule; choose another name"
                ));
            }
            if let Some(first) = seen.insert(name, kind) {
                return refused(format!(
                    "`{name}` is a name of `{first}` already; choose another name"
                ));
            }
            if what == Name::Hyper {
                read.known.insert(name, what);
            }
        }
        Ok(())
    }

    /// A start is a number or made of hyper-parameters.
    fn start(&self, read: &mut Read<'_>, key: &str, start: &Placed) -> Result<(), Wrong> {
        for (at, name) in start.tree.names() {
            if read.known.get(name.as_str()) != Some(&Name::Hyper) {
                let what = format!(
                    "a start is a number, made of hyper-parameters, or \"theta\", and `{name}` is none"
                );
                return Err(wrong(key, start.mistake(at, what)));
            }
        }
        read.formula(key, start, &[], false)
    }

    /// What nothing reads.
    fn idle(&self, read: &mut Read<'_>) -> Result<(), Wrong> {
        read.unread.remove("update");
        let remembered = |name: &str| {
            self.scalars.iter().any(|(own, _)| own == name)
                || self.states.iter().any(|(own, _)| own == name)
        };
        for (name, line) in &read.unread {
            let key = if self.tick.iter().any(|own| std::ptr::eq(own, *line)) {
                "tick"
            } else {
                "step"
            };
            if !remembered(name) {
                return Err(wrong(key, line.mistake(format!("nothing reads `{name}`"))));
            }
        }
        let hypers = self.hypers.iter().map(|name| ("hyper", name));
        let scalars = self.scalars.iter().map(|(name, _)| ("scalar", name));
        let states = self.states.iter().map(|(name, _)| ("state", name));
        for (kind, name) in hypers.chain(scalars).chain(states) {
            let key = format!("{kind}.{name}");
            if !read.used.contains(name) {
                return Err(wrong(&key, whole(name, &format!("nothing reads `{name}`"))));
            }
            let lines = if kind == "scalar" {
                &self.tick
            } else {
                &self.step
            };
            if kind != "hyper" && !lines.iter().any(|line| line.name == *name) {
                return Err(wrong(&key, whole(name, &format!("no line sets `{name}`"))));
            }
        }
        Ok(())
    }
}

fn wrong(key: &str, mistake: Mistake) -> Wrong {
    Wrong {
        key: key.to_string(),
        mistake,
    }
}

fn whole(text: &str, what: &str) -> Mistake {
    Mistake {
        at: 0,
        what: what.to_string(),
        text: text.to_string(),
    }
}

impl<'a> Read<'a> {
    /// Lines in their order.
    fn lines(
        &mut self,
        key: &str,
        lines: &'a [Statement],
        all: &'a [Statement],
    ) -> Result<(), Wrong> {
        for (k, line) in lines.iter().enumerate() {
            self.formula(key, &line.formula, &all[k..], key == "step")?;
            let name = line.name.as_str();
            let taken = match self.known.get(name) {
                Some(Name::Hyper) => Some("a hyper-parameter, which stays as it is"),
                Some(Name::Scalar) if key == "step" => {
                    Some("of the particle: only a line of `tick` sets it")
                }
                _ => GIVEN
                    .iter()
                    .find(|(given, _)| *given == name)
                    .map(|(_, what)| *what),
            };
            if let Some(taken) = taken {
                return Err(wrong(key, line.mistake(format!("`{name}` is {taken}"))));
            }
            if reserved(name) || OWN.iter().any(|(own, _)| *own == name) {
                return Err(wrong(
                    key,
                    line.mistake(format!("`{name}` is a function; choose another name")),
                ));
            }
            if key == "tick" && name == "update" {
                let what = "`update` is of a coordinate: a line of `step` sets it";
                return Err(wrong(key, line.mistake(what)));
            }
            if let Some(before) = self.unread.insert(name, line) {
                let what = format!("nothing reads this `{name}` before a later line sets it anew");
                return Err(wrong(key, before.mistake(what)));
            }
            self.known.entry(name).or_insert(Name::Made);
        }
        Ok(())
    }

    /// The names and calls of a formula; `later` are the lines that come after it.
    fn formula(
        &mut self,
        key: &str,
        formula: &Placed,
        later: &[Statement],
        coordinates: bool,
    ) -> Result<(), Wrong> {
        let mut found = Ok(());
        formula.tree.root.visit(&mut |part| {
            if found.is_ok()
                && let Err(what) = self.part(&part.kind, later, coordinates)
            {
                found = Err(wrong(key, formula.mistake(part.at, what)));
            }
            found.is_ok()
        });
        found
    }

    fn part(&mut self, kind: &Kind, later: &[Statement], coordinates: bool) -> Result<(), String> {
        match kind {
            Kind::Name(name) if name == "pi" => Ok(()),
            Kind::Name(name) => {
                if self.known.contains_key(name.as_str()) {
                    self.unread.remove(name.as_str());
                    self.used.push(name.clone());
                    return Ok(());
                }
                Err(self.unknown(name, later))
            }
            Kind::Call(name, arguments) => called(name, arguments.len(), coordinates),
            Kind::Word(word) => Err(format!("'{word}' is a word, not a number")),
            Kind::Member(..) => Err("a rule knows no members".into()),
            Kind::Narrowed(..) => Err("brackets are ( and ), not `[`".into()),
            _ => Ok(()),
        }
    }

    fn unknown(&self, name: &str, later: &[Statement]) -> String {
        if later.iter().any(|line| line.name == name) {
            return format!(
                "`{name}` is set by this line or a later one, and lines run in order; to remember it from step to step, name it in `state` or `scalar`"
            );
        }
        if name == "theta" {
            return "a rule does not see θ, but where `at` says where the gradient is taken, or a state starts as \"theta\"".into();
        }
        let hint = nearest(name, self.known.keys().copied())
            .map_or_else(String::new, formula::did_you_mean);
        format!("unknown name `{name}`{hint}")
    }
}

fn called(name: &str, n: usize, coordinates: bool) -> Result<(), String> {
    if name == "mean" && !coordinates {
        return Err(
            "mean runs over the coordinates of a particle, which are not known here".into(),
        );
    }
    let own = OWN.iter().find(|(own, _)| *own == name);
    let wanted = match name {
        "min" | "max" => (n < 2).then_some(2),
        // Reading has counted these.
        "where" | "pow" => None,
        _ if called_function(name).is_some() => None,
        _ => match own {
            Some((_, wanted)) => (n != *wanted).then_some(*wanted),
            None => {
                let functions = formula::FUNCTIONS.iter().map(|(name, _)| *name);
                let all: Vec<&str> = functions
                    .chain(OWN.iter().map(|(name, _)| *name))
                    .chain(["min", "max", "pow", "where"])
                    .collect();
                let hint = nearest(name, all.iter().copied())
                    .map_or_else(String::new, formula::did_you_mean);
                return Err(format!(
                    "`{name}` is no function{hint}; a product is written with *, and the functions are {}",
                    all.join(", ")
                ));
            }
        },
    };
    match wanted {
        Some(wanted) => Err(format!("{name} takes {wanted} arguments, not {n}")),
        None => Ok(()),
    }
}
