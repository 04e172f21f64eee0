//! A cell out of the blocks of a process and a point of the sweep.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use base::error::{Error, Result};
use base::value::Value;
use experiment::spec::{Node, Section, Value as Toml};
use experiment::surface::Surface;
use formula::Tree;
use measurement::reading::Facts;
use simulation::ensemble::Precision;
use simulation::optimizer::registry::Rules;
use simulation::random::Stream;

use super::Ensemble;
use crate::cell::{Cell, facts_of, temperature};
use crate::file::block::with_value;
use crate::file::{Block, Names, Nothing, sweep};
use crate::system::data;
use crate::system::facts::Found;
use crate::system::formula::given;
use crate::system::noise::On;
use crate::system::{Motion, Noise, Start, System, SystemFacts, landscape};

/// Blocks of a process that are no keys of its rule.
pub(crate) const OWN: &[&str] = &["label", "clock", "reference", "landscape", "noise", "start"];

const POSITIVE: RangeInclusive<f64> = f64::MIN_POSITIVE..=1e12;

pub(super) struct Reader<'a> {
    pub(super) study: &'a str,
    pub(super) define: Option<&'a Block>,
    pub(super) landscape: &'a Block,
    pub(super) noise: &'a [Block],
    pub(super) start: Option<&'a Block>,
    pub(super) sdes: &'a [Block],
    pub(super) rules: &'a Rules,
    pub(super) data: data::Known,
    /// Whether very many cells are meant.
    pub(super) meant: bool,
    /// What was looked for on landscapes from starts.
    pub(super) found: RefCell<HashMap<String, Rc<Found>>>,
}

impl Reader<'_> {
    /// The points of the sweep, with what a process sweeps for itself.
    pub(super) fn own_points(&self, points: &[Facts], process: &Block) -> Result<Vec<Facts>> {
        let mut own = points.to_vec();
        for (key, items) in process.swept() {
            if own.iter().any(|point| point.get(&key).is_some()) {
                let what = "is swept already; sweep it in one place, and name it in the other";
                return Err(process.error(&key, what));
            }
            let values = sweep::values(process, &key, items, self.define)?;
            let axis = values.into_iter().map(|value| vec![(key.clone(), value)]);
            own = sweep::product(own, axis.collect(), process, self.meant)?;
        }
        Ok(own)
    }

    /// What the cells before found on a landscape from a start.
    fn found(&self, surface: &Surface, start: &[f64]) -> Rc<Found> {
        let key = serde_json::json!([surface, start]).to_string();
        self.found.borrow_mut().entry(key).or_default().clone()
    }

    pub(super) fn cell(
        &self,
        index: usize,
        process: &Block,
        point: &Facts,
        ensemble: &Ensemble,
    ) -> Result<Cell> {
        // A list of words sweeps like one of numbers.
        let mut chosen = process.clone();
        for (key, _) in process.swept() {
            if let (Some(node), Some(value)) = (process.get(&key), point.get(&key)) {
                chosen.set(&key, with_value(node, value));
            }
        }
        let process = &chosen;
        let label = process_label(process)?;
        let part = |key: &str, shared: Option<&Block>| match process.get(key) {
            Some(node) => Some(Block {
                path: format!("process.{key}"),
                node: node.clone(),
            }),
            None => shared.cloned(),
        };
        let names = Names::new(None, point, self.define, &Nothing);
        let own = part("landscape", Some(self.landscape));
        let block = own.as_ref().unwrap_or(self.landscape);
        let (surface, variables) = landscape::read(block, &names, &self.data)?;
        let built = surface.build()?;
        let mut facts = SystemFacts::of(&*built, &variables);
        let start = part("start", self.start);
        let start = {
            let names = Names::new(None, point, self.define, &facts);
            let start = Start::read(start.as_ref(), block, &names, &*built, &variables)?;
            Start {
                single: ensemble.precision == Precision::F32,
                ..start
            }
        };
        facts.start = Some(start.middle());
        facts.found = self.found(&surface, &start.middle());
        let noises = match process.get("noise") {
            Some(node) => Block::list("process.noise", node)?,
            None => self.noise.to_vec(),
        };
        let noise = Noise::read(
            &noises,
            &On {
                names: &Names::new(None, point, self.define, &facts),
                landscape: &surface,
                variables: &variables,
                start: start.point(),
            },
        )?;
        facts.noise = Some(&noise);
        let mut block = process.clone();
        let clock = block.take("clock");
        let reference = match block.take("reference").map(|node| node.value) {
            None => false,
            Some(Toml::Bool(on)) => on,
            Some(_) => return Err(process.error("reference", "expected true or false")),
        };
        for key in OWN {
            block.take(key);
        }
        let motion = {
            let names = Names::new(None, point, self.define, &facts);
            // A law that is known at every time asks for no step: one will do of which the usual times are multiples.
            if reference && block.get("sde").is_some() && given(&block, &names, "dt").is_none() {
                let origin = block.node.origin.clone();
                let value = Toml::Float(1e-6);
                block.set("dt", Node { origin, value });
            }
            let on = On {
                names: &names,
                landscape: &surface,
                variables: &variables,
                start: start.point(),
            };
            Motion::read(&block, &on, self.rules, self.sdes)?
        };
        facts.temperature = temperature(&motion, &noise);
        let usual = match &motion {
            Motion::Rule(rule) => rule.values["eta"],
            Motion::Sde(sde) => sde.dt,
        };
        let clock = match clock {
            None if driven_by_time(&motion) => {
                let what = "is missing: the rate changes with the time, so a step's must be given";
                return Err(process.error("clock", what));
            }
            None => usual,
            Some(node) => {
                let names = Names::new(Some(&block), point, self.define, &facts);
                let text = crate::observe::text_of(&node.value)
                    .ok_or_else(|| process.error("clock", "expected a number or a formula"))?;
                let clock = names.number(process, "clock", &node, &text)?;
                if !POSITIVE.contains(&clock) {
                    return Err(process.error(
                        "clock",
                        format!("a step takes {clock}; it must be positive"),
                    ));
                }
                clock
            }
        };
        let mut axes = point.clone();
        axes.set("process", Value::Word(label.clone()));
        let described = Cell::describe(&label, point);
        let stream = if ensemble.common {
            Cell::describe("common", point)
        } else {
            described.clone()
        };
        let system = System {
            landscape: surface.clone(),
            variables: variables.clone(),
            noise: noise.clone(),
            motion,
            start,
            clock,
            precision: ensemble.precision,
        };
        let known = facts_of(&system, &facts);
        let cell = Cell {
            label: described,
            process: label,
            block: index,
            axes,
            point: point.clone(),
            facts: known,
            system,
            reference,
            stream: format!("{}/{stream}", self.study),
            same_as: None,
        };
        // What does not fit is said before anything runs.
        if !(cell.reference && matches!(cell.system.motion, Motion::Sde(_))) {
            let made = cell.system.process(&Stream::new(0, 0));
            made.map(drop).map_err(|error: Error| {
                process.error("label", format!("`{}`: {error}", cell.label))
            })?;
        }
        Ok(cell)
    }
}

/// Whether η depends on a time that has no other measure than η.
fn driven_by_time(motion: &Motion) -> bool {
    let Motion::Rule(rule) = motion else {
        return false;
    };
    rule.values.driven.as_ref().is_some_and(|driven| {
        let timed = |text: &String| {
            Tree::parse(text).is_ok_and(|tree| tree.names().iter().any(|(_, n)| n == "time"))
        };
        driven.formulas.contains_key("eta") && driven.formulas.values().any(timed)
    })
}

/// `sde = { of = …, … }` as keys of the block.
pub(super) fn unfold(process: &mut Block) -> Result<()> {
    let Some(Toml::Table(entries)) = process.get("sde").map(|node| node.value.clone()) else {
        return Ok(());
    };
    let origin = process.get("sde").map(|node| node.origin.clone());
    for (key, node) in entries {
        if process.get(&key).is_some() {
            return Err(process.error(
                "sde",
                format!("`{key}` stands in it and beside it; keep one"),
            ));
        }
        process.set(&key, node);
    }
    if let Some(origin) = origin {
        process.set(
            "sde",
            Node {
                origin,
                value: Toml::Text("of".into()),
            },
        );
    }
    Ok(())
}

pub(super) fn process_label(process: &Block) -> Result<String> {
    for key in ["label", "optimizer", "sde"] {
        match process.get(key).map(|node| &node.value) {
            Some(Toml::Text(_)) => {
                let section = Section::new("process", &process.node)?;
                let key: &'static str = match key {
                    "label" => "label",
                    "optimizer" => "optimizer",
                    _ => "sde",
                };
                let label = section.label(key, None)?;
                if label.contains(['[', ']', ',', '=']) {
                    let what =
                        "holds [ ] , or =, by which claims narrow a reading; choose another label";
                    return Err(process.error(key, what));
                }
                return Ok(label);
            }
            Some(_) => return Err(process.error(key, "expected a string")),
            None => {}
        }
    }
    Err(process.error("optimizer", "is missing; give optimizer = \"…\" or sde = …"))
}
