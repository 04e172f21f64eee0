//! What a formula comes to at a joint cell.

use std::cell::RefCell;

use base::value::Value;
use formula::{Kind, Mistake, Node, Tree, called_function, no_function};

use super::column::Column;
use super::draws::{Draws, Source};
use super::frame::{Axes, Frame};
use super::reduction::{Reduction, reduction};

/// Why a formula comes to nothing.
pub(super) enum Stop {
    /// It never could.
    Wrong(Mistake),
    /// Too few cells are left for a reduction.
    Few(Mistake),
    /// These numbers do not tell.
    Open(String),
}

impl From<Mistake> for Stop {
    fn from(mistake: Mistake) -> Self {
        Stop::Wrong(mistake)
    }
}

/// A formula over joint cells.
pub(super) struct Evaluation<'f, 'a> {
    pub frame: &'f Frame<'a>,
    /// The cells that count.
    pub cells: Vec<usize>,
    /// Numbers of the readings; none while a claim is only checked.
    pub draws: Option<&'f Draws>,
    pub confidence: f64,
    /// Parameters of forms, which go before all other names.
    pub free: Vec<(String, f64)>,
    /// What a person should know of how it came out.
    pub notes: RefCell<Vec<String>>,
}

impl Evaluation<'_, '_> {
    /// The leaves in whose name facts are asked outside any reduction: the quantity's own.
    pub fn own(&self) -> Vec<usize> {
        (0..self.frame.own).collect()
    }

    pub fn note(&self, note: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// The axes along which a part varies.
    pub fn axes(&self, tree: &Tree, node: &Node, scope: &[usize]) -> Result<Axes, Mistake> {
        if let Some(leaf) = self.frame.leaf(tree, node)? {
            return Ok(self.frame.varying(leaf));
        }
        if let Some(name) = node.dotted() {
            if name == "pi" || self.free.iter().any(|(free, _)| *free == name) {
                return Ok(Axes::new());
            }
            let found = self.frame.dependence(&name, scope);
            return found.map_err(|what| tree.mistake(node.at, what));
        }
        if let Some(found) = reduction(self.frame, node) {
            let scope = self.frame.scope(tree, &found.arguments(), scope)?;
            let all = self.union(tree, &found.arguments(), &scope)?;
            let removed = self.removed(tree, &found, &scope)?;
            return Ok(all.difference(&removed).copied().collect());
        }
        self.union(tree, &node.parts(), scope)
    }

    fn union(&self, tree: &Tree, nodes: &[&Node], scope: &[usize]) -> Result<Axes, Mistake> {
        let mut all = Axes::new();
        for node in nodes {
            all.extend(self.axes(tree, node, scope)?);
        }
        Ok(all)
    }

    /// The cells along which a reduction goes, from one of them; one of each that its arguments tell apart.
    pub fn points(
        &self,
        tree: &Tree,
        found: &Reduction<'_>,
        cell: usize,
        scope: &[usize],
    ) -> Result<Vec<usize>, Mistake> {
        let all = self.union(tree, &found.arguments(), scope)?;
        let removed = self.removed(tree, found, scope)?;
        let left: Axes = all.difference(&removed).copied().collect();
        let own = self.frame.key(cell, &left);
        let same = |other: &usize| self.frame.key(*other, &left) == own;
        let cells: Vec<usize> = self.cells.iter().copied().filter(same).collect();
        let classes = self.frame.classes(&cells, &all);
        Ok(classes.iter().map(|class| class[0]).collect())
    }

    /// What it comes to at a cell.
    pub fn value(
        &self,
        tree: &Tree,
        node: &Node,
        cell: usize,
        scope: &[usize],
    ) -> Result<Column, Stop> {
        if let Some(leaf) = self.frame.leaf(tree, node)? {
            let source = self.source(leaf, cell);
            let known = self.draws.map(|draws| draws.column(source));
            return Ok(known.unwrap_or(Column::constant(f64::NAN)));
        }
        if let Some(found) = reduction(self.frame, node) {
            return self.reduced(tree, node, &found, cell, scope);
        }
        let part = |node: &Node| self.value(tree, node, cell, scope);
        Ok(match &node.kind {
            Kind::Number(x) => Column::constant(*x),
            Kind::Word(word) => {
                return Err(tree
                    .mistake(node.at, format!("'{word}' is a word, not a number"))
                    .into());
            }
            Kind::Name(_) | Kind::Member(..) | Kind::Narrowed(..) => {
                let name = node.dotted().unwrap_or_default();
                match self.named(tree, node, &name, cell, scope)? {
                    Value::Number(x) => Column::constant(x),
                    Value::Word(word) => {
                        return Err(tree
                            .mistake(
                                node.at,
                                format!("`{name}` is the word '{word}', not a number"),
                            )
                            .into());
                    }
                }
            }
            Kind::Negative(a) => part(a)?.negative(),
            Kind::Two(operation, a, b) => part(a)?.two(*operation, part(b)?),
            Kind::Compared(comparison, a, b) => {
                match (
                    self.word(tree, a, cell, scope)?,
                    self.word(tree, b, cell, scope)?,
                ) {
                    (None, None) => part(a)?.compared(*comparison, part(b)?),
                    (a, b) => {
                        let (a, b) = (a.map(Value::Word), b.map(Value::Word));
                        self.words(tree, node, a, b)?
                    }
                }
            }
            Kind::Call(name, arguments) if name == "where" => {
                let condition = part(&arguments[0])?;
                part(&arguments[if condition.point != 0.0 { 1 } else { 2 }])?
            }
            Kind::Call(name, arguments) => {
                let parts: Vec<Column> = arguments.iter().map(part).collect::<Result<_, _>>()?;
                self.called(tree, node, name, parts)?
            }
        })
    }

    fn called(
        &self,
        tree: &Tree,
        node: &Node,
        name: &str,
        mut parts: Vec<Column>,
    ) -> Result<Column, Stop> {
        match (called_function(name), name, parts.len()) {
            (Some(function), _, 1) => Ok(parts.remove(0).map(function)),
            (_, "pow", 2) => {
                let power = parts.remove(1);
                Ok(parts.remove(0).two(formula::Operation::Pow, power))
            }
            (_, "max", 1..) => Ok(Column::greatest(&parts, self.confidence)),
            (_, "min", 1..) => {
                let negative: Vec<Column> = parts.into_iter().map(Column::negative).collect();
                Ok(Column::greatest(&negative, self.confidence).negative())
            }
            (_, "mean", 1..) => Ok(Column::of(&parts, |x| {
                x.iter().sum::<f64>() / x.len() as f64
            })),
            (_, "slope" | "argmin", _) => {
                let what = format!("{name} takes what is reduced and what it is reduced over");
                Err(tree.mistake(node.at, what).into())
            }
            _ => {
                let what = format!(
                    "{}; a claim also has mean, slope(y, x) and argmin(y, axis)",
                    no_function(name)
                );
                Err(tree.mistake(node.at, what).into())
            }
        }
    }

    fn named(
        &self,
        tree: &Tree,
        node: &Node,
        name: &str,
        cell: usize,
        scope: &[usize],
    ) -> Result<Value, Mistake> {
        if name == "pi" {
            return Ok(Value::Number(std::f64::consts::PI));
        }
        if let Some((_, value)) = self.free.iter().find(|(free, _)| free == name) {
            return Ok(Value::Number(*value));
        }
        let found = self.frame.value(name, cell, scope);
        found.map_err(|what| tree.mistake(node.at, what))
    }

    /// The word that a part is, if it is one.
    pub fn word(
        &self,
        tree: &Tree,
        node: &Node,
        cell: usize,
        scope: &[usize],
    ) -> Result<Option<String>, Mistake> {
        if let Kind::Word(word) = &node.kind {
            return Ok(Some(word.clone()));
        }
        let Some(name) = node.dotted() else {
            return Ok(None);
        };
        if self.frame.leaf(tree, node)?.is_some() {
            return Ok(None);
        }
        match self.named(tree, node, &name, cell, scope)? {
            Value::Word(word) => Ok(Some(word)),
            Value::Number(_) => Ok(None),
        }
    }

    fn words(
        &self,
        tree: &Tree,
        node: &Node,
        a: Option<Value>,
        b: Option<Value>,
    ) -> Result<Column, Mistake> {
        let (Kind::Compared(comparison, ..), Some(a), Some(b)) = (&node.kind, a, b) else {
            return Err(tree.mistake(node.at, "compares a word with a number"));
        };
        let holds = match comparison {
            formula::Comparison::Equal => a == b,
            formula::Comparison::Unequal => a != b,
            _ => return Err(tree.mistake(node.at, "words are equal or not, and no more")),
        };
        Ok(Column::constant(f64::from(u8::from(holds))))
    }

    /// The number that a leaf has at a cell.
    pub fn source(&self, leaf: usize, cell: usize) -> Source {
        Source {
            reading: self.frame.cells[cell].members[leaf],
            exact: self.frame.leaves[leaf].exact,
        }
    }

    /// Every number that leaves have at these cells.
    pub fn sources(frame: &Frame<'_>, leaves: &[usize], cells: &[usize]) -> Vec<Source> {
        let of = |cell: &usize| {
            let members = &frame.cells[*cell].members;
            let one = |leaf: &usize| Source {
                reading: members[*leaf],
                exact: frame.leaves[*leaf].exact,
            };
            leaves.iter().map(one).collect::<Vec<_>>()
        };
        let all: std::collections::BTreeSet<Source> = cells.iter().flat_map(of).collect();
        all.into_iter().collect()
    }
}
