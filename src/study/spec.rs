//! The file of a study: its blocks, resolved into cells.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;

use base::error::{Error, Result};
use base::value::Value;
use experiment::confidence;
use experiment::spec::{Node, Section, Value as Toml, nearest};
use formula::Tree;
use measurement::reading::Facts;
use simulation::ensemble::{Precision, Process};
use simulation::noise::covariance::STATE;
use simulation::optimizer::registry::Rules;
use simulation::random::{Stream, cell_key};
use verdict::question::{self, Question};

use crate::cell::{Cell, facts_of, temperature};
use crate::claims;
use crate::file::block::with_value;
use crate::file::{Block, Names, Nothing, sweep};
use crate::observe::{Kind, Observable};
use crate::system::data;
use crate::system::formula::given;
use crate::system::noise::On;
use crate::system::start::Momentum;
use crate::system::{Motion, Noise, Start, System, SystemFacts, equation, landscape};

/// A study, resolved.
#[derive(Debug)]
pub struct StudySpec {
    /// Its name.
    pub name: String,
    /// Every process at every point of the sweep.
    pub cells: Vec<Cell>,
    /// What is read of them.
    pub observables: Vec<Observable>,
    /// Particles of a cell.
    pub particles: u64,
    /// Whether the processes of a point share their random numbers.
    pub common: bool,
    /// What the normals are made of.
    pub precision: Precision,
    /// Coverage of the intervals.
    pub confidence: f64,
    /// `[define]`.
    pub define: Option<Block>,
    /// What is claimed.
    pub claims: Vec<Question>,
}

/// Blocks of a process that are no keys of its rule.
const OWN: &[&str] = &["label", "clock", "reference", "landscape", "noise", "start"];

const POSITIVE: RangeInclusive<f64> = f64::MIN_POSITIVE..=1e12;

impl StudySpec {
    /// Reads a file.
    ///
    /// # Errors
    /// Whatever is wrong with it, at its place.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        explained(root)?;
        let define = Block::one(root, "define")?;
        let landscape = Block::one(root, "landscape")?
            .ok_or_else(|| root.error("landscape", "is missing: a name, or an expression"))?;
        let noise = Block::all(root, "noise")?;
        let start = Block::one(root, "start")?;
        let processes = Block::all(root, "process")?;
        if processes.is_empty() {
            return Err(root.error(
                "process",
                "nothing moves the particles; give at least one [[process]]",
            ));
        }
        let observables = observables(root)?;
        let sdes = Block::all(root, "sde")?;
        equation::named(&sdes)?;
        let mut shared = vec![&landscape];
        shared.extend(noise.iter().chain(&start).chain(&define).chain(&sdes));
        let points = sweep::points(root, define.as_ref(), &shared)?;
        let (particles, common, precision) = ensemble(root, define.as_ref())?;
        let confidence = confidence::measured(root)?;
        let reader = Reader {
            study: name,
            define: define.as_ref(),
            landscape: &landscape,
            noise: &noise,
            start: start.as_ref(),
            sdes: &sdes,
            rules,
            data: data::Known::default(),
        };
        let mut cells: Vec<Cell> = Vec::new();
        for (index, process) in processes.iter().enumerate() {
            let mut process = process.clone();
            unfold(&mut process)?;
            for point in reader.own_points(&points, &process)? {
                let cell = reader.cell(index, &process, &point, common)?;
                cells.push(cell);
            }
        }
        distinct(&processes, &cells)?;
        let mut first = HashMap::new();
        for (i, cell) in cells.iter_mut().enumerate() {
            match first.entry(identity(cell)) {
                Entry::Occupied(earlier) => cell.same_as = Some(*earlier.get()),
                Entry::Vacant(none) => {
                    none.insert(i);
                }
            }
        }
        if let Some(define) = &define {
            defines(define, root, &points, &cells)?;
        }
        for observable in &observables {
            let taken = sweep::RESERVED.contains(&observable.label.as_str())
                || points
                    .iter()
                    .any(|point| point.get(&observable.label).is_some());
            if taken {
                let what = format!(
                    "`{}` is an axis; give the observable another label",
                    observable.label
                );
                return Err(observable.block.error("label", what));
            }
        }
        let mut study = StudySpec {
            name: name.to_string(),
            cells,
            observables,
            particles,
            common,
            precision,
            confidence,
            define,
            claims: Vec::new(),
        };
        study.check(&processes)?;
        let table = study.skeleton()?;
        for (claim, places) in claims::read_all(root)? {
            question::check(&claim, &table).map_err(|mistake| places.error(&mistake))?;
            study.claims.push(claim);
        }
        Ok(study)
    }

    /// Looks whether every observable has a meaning for every cell.
    fn check(&self, processes: &[Block]) -> Result<()> {
        for cell in &self.cells {
            for (observable, _) in self.observed(cell) {
                if let Kind::Law(law) = &observable.kind
                    && law.of.0.is_empty()
                    && cell.system.dim() > 1
                {
                    let what = format!(
                        "is missing: the law of one number is read, and {} has the coordinates {}",
                        cell.label,
                        cell.system.variables.join(", ")
                    );
                    return Err(observable.block.error("of", what));
                }
            }
            self.course(cell)?;
            if let Some(after) = &cell.system.start.after
                && !self
                    .cells
                    .iter()
                    .any(|other| other.process == after.process)
            {
                let known = self.cells.iter().map(|other| other.process.as_str());
                let hint =
                    nearest(&after.process, known).map_or_else(String::new, formula::did_you_mean);
                let what = format!("there is no process `{}`{hint}", after.process);
                return Err(processes[cell.block].error("start", what));
            }
            self.check_phases(cell, processes)?;
            for (observable, exit) in self.exits(cell) {
                self.exit(cell, observable, exit)?;
            }
            self.check_start(cell)?;
            self.check_driven(cell, &processes[cell.block])?;
            if matches!(cell.system.motion, Motion::Sde(_))
                && cell.system.start.momentum == Momentum::Gradient
            {
                let what = format!(
                    "{}: an equation's noise is its own, so it cannot be left out; use \"stationary\" or \"zero\"",
                    cell.label
                );
                return Err(processes[cell.block].error("start", what));
            }
        }
        self.check_streams()?;
        self.targets()
    }
}

impl StudySpec {
    /// Refuses phases that go in a circle.
    fn check_phases(&self, cell: &Cell, processes: &[Block]) -> Result<()> {
        let mut way = vec![cell.process.clone()];
        let mut now = cell;
        while let Some(after) = &now.system.start.after {
            if way.contains(&after.process) {
                way.push(after.process.clone());
                let what = format!("goes in a circle: {}", way.join(" after "));
                return Err(processes[cell.block].error("start", what));
            }
            way.push(after.process.clone());
            let Some(before) = self
                .cells
                .iter()
                .find(|other| other.process == after.process)
            else {
                break;
            };
            now = before;
        }
        Ok(())
    }

    /// Refuses hyper-parameters that come to what they may not be at a step that is looked at, or before; of very many steps the
    /// first ones.
    fn check_driven(&self, cell: &Cell, process: &Block) -> Result<()> {
        let Motion::Rule(rule) = &cell.system.motion else {
            return Ok(());
        };
        let Some(driven) = &rule.values.driven else {
            return Ok(());
        };
        let driven = (**driven).clone().with_clock(cell.system.clock);
        let course = self.course(cell)?;
        let last = course.map_or(1, |c| c.at.last().map_or(1, |at| at * c.bundle.steps));
        let taken: Vec<u64> = (0..last.min(1_000_000)).collect();
        let mut numbers = vec![0.0; driven.count() * taken.len()];
        driven.at(&taken, &mut numbers);
        for (name, own) in driven
            .formulas
            .keys()
            .zip(numbers.chunks(taken.len().max(1)))
        {
            let wrong = own.iter().position(|x| !rule.entry.allows(name, *x));
            if let Some(i) = wrong {
                return Err(process.error(name, rule.entry.refusal(name, own[i], i as u64 + 1)));
            }
        }
        Ok(())
    }

    /// Refuses formulas that come to NaN at the start.
    fn check_start(&self, cell: &Cell) -> Result<()> {
        let Some(start) = cell.system.start.point() else {
            return Ok(());
        };
        let surface = cell.system.landscape.build()?;
        let mut slope = vec![0.0; start.len()];
        surface.gradient(&start, 1, &mut slope);
        for observable in &self.observables {
            let formulas: Vec<Tree> = match &observable.kind {
                Kind::Moment(moment) if moment.memory.is_empty() => {
                    let own = moment.formulas(&cell.system.variables).into_iter();
                    own.map(|(_, tree)| tree).collect()
                }
                Kind::Law(law) => vec![law.number(&cell.system.variables)],
                _ => continue,
            };
            for tree in &formulas {
                let mut averages = false;
                tree.root.visit(&mut |node| {
                    averages |= matches!(&node.kind, formula::Kind::Call(name, _) if name == "avg");
                    true
                });
                if averages {
                    continue;
                }
                let found = self.with_names(cell, |names| {
                    let mut point = cell.point.clone();
                    for (i, variable) in cell.system.variables.iter().enumerate() {
                        for (suffix, x) in [
                            ("", start[i]),
                            (".prev", start[i]),
                            (".start", start[i]),
                            (".u", 0.0),
                            (".grad", slope[i]),
                        ] {
                            point.set(&format!("{variable}{suffix}"), Value::Number(x));
                        }
                    }
                    for (name, x) in [
                        ("step", 1.0),
                        ("time", cell.system.clock),
                        ("loss", surface.value(&start)),
                        ("h_top", 1.0),
                    ] {
                        point.set(name, Value::Number(x));
                    }
                    tree.number(&Names::new(None, &point, names.define, names.facts))
                });
                if found.is_ok_and(f64::is_nan) {
                    let what = format!("`{}` is NaN at the start of {}", tree.text, cell.label);
                    return Err(observable.block.error("of", what));
                }
            }
        }
        Ok(())
    }
}

struct Reader<'a> {
    study: &'a str,
    define: Option<&'a Block>,
    landscape: &'a Block,
    noise: &'a [Block],
    start: Option<&'a Block>,
    sdes: &'a [Block],
    rules: &'a Rules,
    data: data::Known,
}

impl Reader<'_> {
    /// The points of the sweep, with what a process sweeps for itself.
    fn own_points(&self, points: &[Facts], process: &Block) -> Result<Vec<Facts>> {
        let mut own = points.to_vec();
        for (key, items) in process.swept() {
            if own.iter().any(|point| point.get(&key).is_some()) {
                let what = "is swept already; sweep it in one place, and name it in the other";
                return Err(process.error(&key, what));
            }
            let values = sweep::values(process, &key, items, self.define)?;
            let axis = values.into_iter().map(|value| vec![(key.clone(), value)]);
            own = sweep::product(own, axis.collect(), process)?;
        }
        Ok(own)
    }

    fn cell(&self, index: usize, process: &Block, point: &Facts, common: bool) -> Result<Cell> {
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
            Start::read(start.as_ref(), block, &names, &*built, &variables)?
        };
        facts.start = Some(start.middle());
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
        let stream = if common {
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

/// Refuses defines that go in a circle, and names in them that stand for nothing anywhere in the file.
fn defines(define: &Block, root: &Section<'_>, points: &[Facts], cells: &[Cell]) -> Result<()> {
    let tree = |key: &str| match define.get(key).map(|node| &node.value) {
        Some(Toml::Text(text)) => Tree::parse(text).ok(),
        _ => None,
    };
    let swept = |name: &str| points.iter().any(|point| point.get(name).is_some());
    let mut keys: Vec<String> = Vec::new();
    for key in [
        "landscape",
        "noise",
        "start",
        "process",
        "observe",
        "ensemble",
        "sweep",
    ] {
        for block in Block::all(root, key)? {
            keys.extend(block.entries().iter().map(|(key, _)| key.clone()));
        }
    }
    let elsewhere = |name: &str| {
        let of_cell = |cell: &Cell| {
            cell.facts.get(name).is_some() || cell.system.variables.iter().any(|v| *v == name)
        };
        let facts = crate::system::facts::ENTRIES
            .iter()
            .any(|(fact, _)| *fact == name);
        keys.iter().any(|key| key == name)
            || facts
            || cells.iter().any(of_cell)
            || STATE.contains(&name)
    };
    for (key, node) in define.entries() {
        let Some(own) = tree(key) else {
            continue;
        };
        for (at, name) in own.names() {
            if define.get(&name).is_none()
                && !swept(&name)
                && !elsewhere(&name)
                && !name.contains('.')
            {
                let mistake = own.mistake(
                    at,
                    format!("unknown name `{name}`; nothing in the file is called so"),
                );
                return Err(define.mistaken(key, node, &mistake));
            }
        }
        // From name to name, as long as each is a define and nothing that is swept goes before it.
        let mut way = vec![key.clone()];
        let mut open: Vec<(usize, String)> =
            own.names().into_iter().map(|(_, name)| (1, name)).collect();
        while let Some((depth, name)) = open.pop() {
            way.truncate(depth);
            if swept(&name) || elsewhere(&name) {
                continue;
            }
            if name == *key {
                way.push(name);
                let what = format!("goes in a circle: {}", way.join(" → "));
                return Err(define.error(key, what));
            }
            if way.contains(&name) {
                continue;
            }
            way.push(name.clone());
            if let Some(next) = tree(&name) {
                open.extend(next.names().into_iter().map(|(_, name)| (way.len(), name)));
            }
        }
    }
    Ok(())
}

/// `sde = { of = …, … }` as keys of the block.
fn unfold(process: &mut Block) -> Result<()> {
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

fn process_label(process: &Block) -> Result<String> {
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

fn identity(cell: &Cell) -> (String, String) {
    let system = serde_json::to_string(&cell.system).unwrap_or_default();
    // Cells of one process that sweep what it does not know differ in nothing else.
    (system, cell.process.clone())
}

fn distinct(processes: &[Block], cells: &[Cell]) -> Result<()> {
    let mut blocks = HashMap::new();
    for cell in cells {
        if *blocks.entry(&cell.label).or_insert(cell.block) != cell.block {
            let what = format!(
                "two processes are called `{}`; give one of them a label = \"…\"",
                cell.process
            );
            return Err(processes[cell.block].error("label", what));
        }
    }
    Ok(())
}

fn observables(root: &Section<'_>) -> Result<Vec<Observable>> {
    let blocks = Block::all(root, "observe")?;
    if blocks.is_empty() {
        return Err(root.error("observe", "nothing is read; give at least one [[observe]]"));
    }
    let mut all: Vec<Observable> = Vec::new();
    for block in &blocks {
        let observable = Observable::read(block)?;
        if all.iter().any(|other| other.label == observable.label) {
            let what = format!(
                "two observables are called `{}`; give one of them a label = \"…\"",
                observable.label
            );
            return Err(block.error("label", what));
        }
        all.push(observable);
    }
    Ok(all)
}

/// `[ensemble]`: particles, and whether the processes of a point share their random numbers.
fn ensemble(root: &Section<'_>, define: Option<&Block>) -> Result<(u64, bool, Precision)> {
    let usual = 4000;
    let Some(block) = Block::one(root, "ensemble")? else {
        return Ok((usual, false, Precision::F64));
    };
    let point = Facts::default();
    let names = Names::new(None, &point, define, &Nothing);
    let concrete = names.concrete(&block, &[])?;
    let section = Section::new("ensemble", &concrete.node)?;
    section.means(
        "streams",
        "whether the processes of a point see the same normals; clocks must then divide",
    );
    section.means("precision", "of the numbers");
    section.means(
        "keep",
        "what samples hold: a row a particle, of exits and laws",
    );
    let why = "particles of a cell";
    let particles = section.integer("particles", Some(usual), 2..=1_000_000_000, why)?;
    let streams = section.choice("streams", Some("own"), &["own", "common"])?;
    let precision = Precision::named(section.choice("precision", Some("f64"), Precision::NAMES)?);
    if precision == Precision::F32 {
        let what = "observables, noises and SDEs of a study compute in doubles; \"f32-noise\" draws its normals in single precision";
        return Err(section.error("precision", what));
    }
    section.choice("keep", Some("particles"), &["particles"])?;
    section.finish()?;
    Ok((particles, streams == "common", precision))
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

/// A key, what it takes, and what it means.
type Said = (&'static str, &'static str, &'static str);

/// What the keys mean that are resolved before any section reads them.
fn explained(root: &Section<'_>) -> Result<()> {
    let said: [(&'static str, &[Said]); 4] = [
        (
            "define",
            &[(
                "…",
                "a number, a formula, or a list that sweeps",
                "a name of one's own, evaluated where it is used",
            )],
        ),
        (
            "sweep",
            &[
                ("name", "a string", "names the block, for sweep == 'name'"),
                (
                    "…",
                    "a list of numbers or words",
                    "an axis; keys of one block multiply, blocks unite",
                ),
                ("zip", "a table of lists", "axes that go in step"),
            ],
        ),
        (
            "start",
            &[
                (
                    "at",
                    "\"minimum\", \"saddle\", or a point",
                    "where particles begin; the leftmost minimum if left out",
                ),
                (
                    "x",
                    "a number, \"normal(mean, deviation)\" or \"uniform(low, high)\"",
                    "where a coordinate begins",
                ),
                (
                    "momentum",
                    "\"zero\", \"gradient\" or \"stationary\"",
                    "what a rule remembers at the start: nothing, or what many steps leave with θ held there, without noise or with it",
                ),
                (
                    "after",
                    "a process",
                    "the process that goes first, from its own start",
                ),
                ("steps", "a whole number", "how long that goes"),
                (
                    "keep",
                    "\"theta\"",
                    "empties the memory between the two; else it is kept for the same rule",
                ),
            ],
        ),
        (
            "process",
            &[
                (
                    "label",
                    "a string",
                    "its name in claims and records; the rule's or SDE's if left out",
                ),
                (
                    "clock",
                    "a number above 0",
                    "how much time a step takes; η of a rule, dt of an SDE, if left out",
                ),
                (
                    "reference",
                    "true or false",
                    "never simulated: its exact law serves others; an SDE's dt is 1e-6 then, if left out, of which times must be multiples",
                ),
                ("landscape", "as [landscape]", "a landscape of its own"),
                ("noise", "as [noise]", "a noise of its own"),
                ("start", "as [start]", "a start of its own"),
            ],
        ),
    ];
    for (path, keys) in said {
        let blocks = Block::all(root, path)?;
        let Some(block) = blocks.first() else {
            continue;
        };
        let section = Section::new(path, &block.node)?;
        keys.iter()
            .for_each(|(key, takes, meaning)| section.says(key, takes, meaning));
    }
    Ok(())
}
