//! From formulas of the state to what an observer computes along a path.

use std::collections::BTreeMap;

use base::error::{Error, Result as Fallible};
use formula::{Kind as Form, Mistake, Node, Operation, Tree};
use simulation::ensemble::{Formulas, Observer, Row, Scatter};
use simulation::landscape::expression::Compiled;

use super::moment::{Moment, Read};
use super::{Kind, Observable};
use crate::file::{Block, Names};
use crate::system::System;

/// What is computed along the paths of a cell for all of its observables together.
pub struct Path {
    variables: Vec<String>,
    names: Vec<String>,
    rows: Vec<Row>,
    memory: Vec<f64>,
    update: Vec<(String, Tree)>,
    look: Vec<Tree>,
    until: Option<Tree>,
    constants: BTreeMap<String, f64>,
    clock: f64,
    /// What a coordinate's memory holds, by name.
    remembered: Vec<String>,
    /// The last step before the averages of the observable at hand begin, where it has any.
    averaged: Option<u64>,
}

/// Under what names the parts of `curvature` and `gradient_noise` are rows: none that a file can say.
pub const TRACE_H: &str = "the trace of H";
/// Those of C.
pub const SCATTER: [(&str, Scatter); 3] = [
    ("the trace of C", Scatter::Trace),
    ("the top of C", Scatter::Top),
    ("the alignment of C", Scatter::Alignment),
];

/// The row of an entry of the diagonal of H.
pub fn diagonal(i: usize) -> String {
    format!("entry {i} of the diagonal of H")
}

impl Path {
    /// Nothing yet, over the rows of a system.
    pub fn new(system: &System) -> Self {
        let mut path = Path {
            variables: system.variables.clone(),
            names: Vec::new(),
            rows: Vec::new(),
            memory: Vec::new(),
            update: Vec::new(),
            look: Vec::new(),
            until: None,
            constants: BTreeMap::new(),
            clock: system.clock,
            remembered: system.remembered(),
            averaged: None,
        };
        // Of a landscape that changes these would not be those of the moment.
        let driven = system.landscape.is_driven();
        for (i, name) in system.variables.iter().enumerate() {
            path.row(name.clone(), Row::Theta(i));
            path.row(format!("{name}.prev"), Row::Previous(i));
            path.row(format!("{name}.start"), Row::Start(i));
            if !driven {
                path.row(format!("{name}.grad"), Row::Gradient(i));
            }
        }
        for (k, member) in path.remembered.clone().iter().enumerate() {
            for (i, variable) in system.variables.iter().enumerate() {
                let name = format!("{variable}.{member}");
                // `.u` is the update, whatever is remembered.
                if member != "u" && !path.names.contains(&name) {
                    path.row(name, Row::Remembered(k * system.dim() + i));
                }
            }
        }
        if !driven {
            path.row("loss".into(), Row::Loss);
            path.row("h_top".into(), Row::Top);
            path.row(TRACE_H.into(), Row::Trace);
            for i in 0..system.dim() {
                path.row(diagonal(i), Row::Diagonal(i));
            }
            if system.landscape.data.is_some() {
                for (name, of) in SCATTER {
                    path.row(name.into(), Row::Scatter(of));
                }
            }
        }
        path.row("step".into(), Row::Step);
        path.row("time".into(), Row::Time);
        path
    }

    /// Of which a look sees the coordinates.
    pub fn of_coordinates(system: &System) -> Self {
        let mut path = Path::new(system);
        path.look = system.variables.iter().map(|name| named(name)).collect();
        path
    }

    fn row(&mut self, name: String, row: Row) {
        self.names.push(name);
        self.rows.push(row);
    }

    /// How many numbers a look sees.
    pub fn looks(&self) -> usize {
        self.look.len()
    }

    /// The last step that no average of the observable added last has in it, where it has averages: none can be had up to there.
    pub fn averaged(&self) -> Option<u64> {
        self.averaged
    }

    /// Adds the numbers that an observable looks at; says which they are.
    ///
    /// # Errors
    /// A formula that has no meaning here, at its character.
    pub fn add(&mut self, observable: &Observable, names: &Names<'_>) -> Fallible<Vec<usize>> {
        self.averaged = None;
        let block = &observable.block;
        let (own, formulas) = match &observable.kind {
            Kind::Moment(moment) => {
                let mut own = Vec::new();
                for (name, begin) in &moment.memory {
                    if self.names.contains(name) {
                        let what = format!(
                            "`{name}` is a number of the state already; choose another name"
                        );
                        return Err(block.error("memory", what));
                    }
                    let node = block.get("memory").unwrap_or(&block.node);
                    let begin = names.number(block, "memory", node, begin)?;
                    let hidden = format!("{} {name}", observable.label);
                    own.push((name.clone(), hidden.clone()));
                    let k = self.memory.len();
                    self.memory.push(begin);
                    self.row(hidden, Row::Memory(k));
                }
                for (name, tree) in &moment.each {
                    let tree = self.settled(block, "each", tree, &own, names)?;
                    self.update
                        .push((format!("{} {name}", observable.label), tree));
                }
                if let Some(what) = self.lacks(moment) {
                    return Err(block.error("name", what));
                }
                let formulas = moment.formulas(&self.variables).into_iter();
                (own, formulas.map(|(_, tree)| tree).collect::<Vec<_>>())
            }
            Kind::Law(law) => (Vec::new(), vec![law.number(&self.variables)]),
            Kind::Exit(_) => return Ok(Vec::new()),
        };
        let mut places = Vec::new();
        for tree in formulas {
            let tree = self.settled(block, "of", &tree, &own, names)?;
            let known = self.look.iter().position(|own| own.root == tree.root);
            places.push(known.unwrap_or(self.look.len()));
            if known.is_none() {
                self.look.push(tree);
            }
        }
        Ok(places)
    }

    /// Why what is read is no number of the state here.
    fn lacks(&self, moment: &Moment) -> Option<String> {
        let has = |name: &str| self.names.iter().any(|known| known == name);
        match &moment.read {
            Read::Curvature | Read::GradientNoise if !has("loss") => {
                Some("the landscape changes with step or time, and the curvature of the moment is no number of the state".into())
            }
            Read::GradientNoise if !has(SCATTER[0].0) => Some(
                "the landscape has no examples whose gradients could scatter; give [landscape] loss and data".into(),
            ),
            _ => None,
        }
    }

    /// Ends the path where a condition holds.
    ///
    /// # Errors
    /// A formula that has no meaning here, at its character.
    pub fn end(&mut self, block: &Block, until: &Tree, names: &Names<'_>) -> Fallible<()> {
        let tree = self.settled(block, "until", until, &[], names)?;
        self.until = Some(as_value(&tree));
        Ok(())
    }

    /// A formula whose names are rows or constants: updates and averages written out.
    fn settled(
        &mut self,
        block: &Block,
        key: &str,
        tree: &Tree,
        own: &[(String, String)],
        names: &Names<'_>,
    ) -> Fallible<Tree> {
        let node = block.get(key).unwrap_or(&block.node).clone();
        let root = self
            .rewritten(&tree.root, tree, own, names)
            .map_err(|m| block.mistaken(key, &node, &m))?;
        let settled = Tree {
            text: tree.text.clone(),
            root,
        };
        let constants = names
            .constants(&settled, &self.names)
            .map_err(|m| block.mistaken(key, &node, &m))?;
        self.constants.extend(constants);
        // What has no meaning along a path is said here, at its character.
        Compiled::new(&self.names, &[], &[as_value(&settled)], &self.constants)
            .map_err(|m| block.mistaken(key, &node, &m))?;
        Ok(settled)
    }

    fn rewritten(
        &mut self,
        node: &Node,
        tree: &Tree,
        own: &[(String, String)],
        names: &Names<'_>,
    ) -> Result<Node, Mistake> {
        let at = node.at;
        let made = |kind| Ok(Node { at, kind });
        if let Some(name) = node.dotted() {
            if let Some((_, hidden)) = own.iter().find(|(known, _)| *known == name) {
                return made(Form::Name(hidden.clone()));
            }
            if let Some(variable) = name.strip_suffix(".u")
                && self.names.iter().any(|known| known == variable)
            {
                let leaf = |name: String| {
                    Box::new(Node {
                        at,
                        kind: Form::Name(name),
                    })
                };
                let (before, after) =
                    (leaf(format!("{variable}.prev")), leaf(variable.to_string()));
                return made(Form::Two(Operation::Sub, before, after));
            }
            if let Some((variable, member)) = name.split_once('.')
                && !self.names.contains(&name)
            {
                let what = if self.names.iter().any(|known| known == variable) {
                    let remembered = self.remembered.iter().filter(|member| *member != "u");
                    let remembered: String =
                        remembered.map(|member| format!(", .{member}")).collect();
                    format!(
                        "`{name}`: of a coordinate there are .start, .prev, .u (this step's update), .grad{remembered}, not .{member}"
                    )
                } else {
                    format!(
                        "`{variable}` is no coordinate; there are {}",
                        self.coordinates().join(", ")
                    )
                };
                return Err(tree.mistake(at, what));
            }
            return made(Form::Name(name));
        }
        if let Form::Call(name, arguments) = &node.kind
            && name == "avg"
        {
            return self.average(at, arguments, tree, own, names);
        }
        let mut part = |node: &Node| self.rewritten(node, tree, own, names);
        let kind = match &node.kind {
            Form::Negative(a) => Form::Negative(Box::new(part(a)?)),
            Form::Two(operation, a, b) => {
                Form::Two(*operation, Box::new(part(a)?), Box::new(part(b)?))
            }
            Form::Compared(comparison, a, b) => {
                Form::Compared(*comparison, Box::new(part(a)?), Box::new(part(b)?))
            }
            Form::Call(name, arguments) => {
                let arguments = arguments.iter().map(part).collect::<Result<_, _>>()?;
                Form::Call(name.clone(), arguments)
            }
            other => other.clone(),
        };
        made(kind)
    }

    fn coordinates(&self) -> Vec<&str> {
        let rows = self.names.iter().zip(&self.rows);
        let own = rows.filter(|(_, row)| matches!(row, Row::Theta(_)));
        own.map(|(name, _)| name.as_str()).collect()
    }

    /// The mean of a formula over the steps after a time: its sum is remembered, and divided where it is looked at.
    fn average(
        &mut self,
        at: usize,
        arguments: &[Node],
        tree: &Tree,
        own: &[(String, String)],
        names: &Names<'_>,
    ) -> Result<Node, Mistake> {
        let (of, from) = match arguments {
            [of] => (of, 0.0),
            [of, from] => {
                let part = Tree {
                    text: tree.text.clone(),
                    root: from.clone(),
                };
                (of, part.number(names)?)
            }
            _ => return Err(tree.mistake(at, "avg takes a formula, and the time from which on")),
        };
        // The first step that counts is the first after `from`.
        let before = (from / self.clock * (1.0 + 1e-12)).floor().max(0.0);
        self.averaged = self.averaged.max(Some(before as u64));
        let of = self.rewritten(of, tree, own, names)?;
        let name = format!("average {}", self.memory.len());
        let leaf = |kind| Box::new(Node { at, kind });
        let later = Node {
            at,
            kind: Form::Compared(
                formula::Comparison::Greater,
                leaf(Form::Name("step".into())),
                leaf(Form::Number(before + 0.5)),
            ),
        };
        let counted = Form::Call("where".into(), vec![later, of, *leaf(Form::Number(0.0))]);
        let sum = Form::Two(
            Operation::Add,
            leaf(Form::Name(name.clone())),
            leaf(counted),
        );
        let update = Tree {
            text: tree.text.clone(),
            root: *leaf(sum),
        };
        let k = self.memory.len();
        self.memory.push(0.0);
        self.row(name.clone(), Row::Memory(k));
        let constants = names.constants(&update, &self.names)?;
        self.constants.extend(constants);
        self.update.push((name.clone(), update));
        let steps = Form::Two(
            Operation::Sub,
            leaf(Form::Name("step".into())),
            leaf(Form::Number(before)),
        );
        Ok(*leaf(Form::Two(
            Operation::Div,
            leaf(Form::Name(name)),
            leaf(steps),
        )))
    }

    /// The observer of a system's paths, `steps` of whose steps are one of the ensemble.
    ///
    /// # Errors
    /// The landscape cannot be built.
    pub fn observer(&self, system: &System, steps: u64) -> Fallible<Observer> {
        let memory = self.names.iter().zip(&self.rows);
        let memory = memory.filter(|(_, row)| matches!(row, Row::Memory(_)));
        let kept: Vec<Tree> = memory.map(|(name, _)| named(name)).collect();
        let look: Vec<Tree> = self.look.iter().map(as_value).collect();
        let until: Vec<Tree> = self.until.iter().cloned().collect();
        Ok(Observer {
            memory: self.memory.clone(),
            update: self.formulas(&self.update, &kept)?,
            look: self.formulas(&[], &look)?,
            until: self.formulas(&[], &until)?,
            landscape: system.landscape.build()?,
            clock: self.clock,
            steps,
        })
    }

    /// Formulas over the rows that they name, and no others.
    fn formulas(
        &self,
        statements: &[(String, Tree)],
        outputs: &[Tree],
    ) -> Fallible<Option<Formulas>> {
        if outputs.is_empty() {
            return Ok(None);
        }
        let trees = statements.iter().map(|(_, tree)| tree).chain(outputs);
        let used: Vec<String> = trees
            .flat_map(|tree| tree.names())
            .map(|(_, name)| name)
            .collect();
        let assigned = |name: &String| statements.iter().any(|(own, _)| own == name);
        let rows = self.names.iter().zip(&self.rows);
        let rows = rows.filter(|(name, _)| used.contains(name) || assigned(name));
        let (names, rows): (Vec<String>, Vec<Row>) =
            rows.map(|(name, row)| (name.clone(), *row)).unzip();
        let program = Compiled::new(&names, statements, outputs, &self.constants)
            .map_err(|m| Error::Failed(m.to_string()))?;
        Ok(Some(Formulas {
            rows,
            program,
            outputs: outputs.len(),
        }))
    }
}

/// The formula that is a name.
pub fn named(name: &str) -> Tree {
    Tree {
        text: name.to_string(),
        root: Node {
            at: 0,
            kind: Form::Name(name.to_string()),
        },
    }
}

/// A condition as the number 1 or 0, any other formula as it is.
fn as_value(tree: &Tree) -> Tree {
    let at = tree.root.at;
    let leaf = |x: f64| Node {
        at,
        kind: Form::Number(x),
    };
    let kind = match &tree.root.kind {
        Form::Compared(..) => Form::Call(
            "where".into(),
            vec![tree.root.clone(), leaf(1.0), leaf(0.0)],
        ),
        other => other.clone(),
    };
    Tree {
        text: tree.text.clone(),
        root: Node { at, kind },
    }
}
