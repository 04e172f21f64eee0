//! Readings in a formula.

use base::value::Value;
use formula::{Kind, Mistake, Narrowing, Node, Tree, nearest};
use measurement::reading::Reading;

/// The readings that claims ask.
pub(super) struct Table<'a> {
    pub readings: &'a [Reading],
    /// What was read, each once.
    quantities: Vec<&'a str>,
    /// Names of axes, each once.
    axes: Vec<&'a str>,
    /// Names of axes and facts, each once.
    names: Vec<&'a str>,
}

/// A reading as a formula names it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    pub quantity: String,
    pub narrowed: Vec<Narrowing>,
    /// Whether its exact value is meant.
    pub exact: bool,
}

impl<'a> Table<'a> {
    pub fn new(readings: &'a [Reading]) -> Self {
        let axes = readings.iter().flat_map(|r| &r.axes.0);
        let facts = readings.iter().flat_map(|r| &r.facts.0);
        let names = |all: &mut dyn Iterator<Item = &'a (String, Value)>| {
            distinct(all.map(|(name, _)| name.as_str()))
        };
        Table {
            readings,
            quantities: distinct(readings.iter().map(|r| r.quantity.as_str())),
            axes: names(&mut axes.clone()),
            names: names(&mut axes.chain(facts)),
        }
    }

    /// The reading that a part of a formula names; `None` where it is something else.
    ///
    /// # Errors
    /// It can only be a reading, and there is none of that name, or there are several.
    pub fn leaf(&self, tree: &Tree, node: &Node) -> Result<Option<Leaf>, Mistake> {
        if !matches!(
            node.kind,
            Kind::Name(_) | Kind::Member(..) | Kind::Narrowed(..)
        ) {
            return Ok(None);
        }
        let Some((written, narrowed)) = spelled(node) else {
            return Err(tree.mistake(
                node.at,
                "only the name of a reading has members or brackets",
            ));
        };
        let (name, exact) = match written.strip_suffix(".exact") {
            Some(name) => (name, true),
            None => (written.as_str(), false),
        };
        let meant = self.meant(name);
        let wrong = |what: String| Err(tree.mistake(node.at, what));
        match meant[..] {
            [quantity] => Ok(Some(Leaf {
                quantity: quantity.to_string(),
                narrowed,
                exact,
            })),
            [] if self.names.contains(&written.as_str()) => Ok(None),
            [] => {
                let label = name.split('.').next().unwrap_or(name);
                let own = format!("{label}.");
                let all = self.quantities.iter().copied();
                let parts: Vec<&str> = all.filter(|q| q.starts_with(&own)).collect();
                if !parts.is_empty() {
                    let has = parts.join(", ");
                    return wrong(match name.strip_prefix(&own) {
                        Some(part) => format!("`{label}` has no reading `{part}`; there are {has}"),
                        None => format!("`{label}` has several readings; say which of {has}"),
                    });
                }
                if narrowed.is_empty() && !exact {
                    return Ok(None);
                }
                wrong(format!(
                    "there is no reading `{name}`{}",
                    hint(name, self.quantities.iter().copied())
                ))
            }
            _ => wrong(format!("`{name}` may be {}; say which", meant.join(" or "))),
        }
    }

    /// The readings of that name: its own, or those of which it is the part behind the label.
    fn meant(&self, name: &str) -> Vec<&'a str> {
        let part = format!(".{name}");
        let all = self.quantities.iter().copied();
        match all.clone().find(|q| *q == name) {
            Some(own) => vec![own],
            None => all.filter(|q| q.ends_with(&part)).collect(),
        }
    }

    /// Whether a name can only be meant as an axis: it is one, or it is nothing else.
    pub fn may_be_axis(&self, name: &str) -> bool {
        let reading = name.strip_suffix(".exact").unwrap_or(name);
        self.meant(reading).is_empty() && (self.axes.contains(&name) || !self.knows(name))
    }

    /// The first reading in a formula.
    ///
    /// # Errors
    /// As [`Table::leaf`].
    pub fn first_leaf(&self, tree: &Tree) -> Result<Option<(usize, Leaf)>, Mistake> {
        let mut found = Ok(None);
        tree.root.visit(&mut |node| {
            if !matches!(found, Ok(None)) {
                return false;
            }
            found = self.leaf(tree, node).map(|leaf| Some((node.at, leaf?)));
            matches!(found, Ok(None))
        });
        found
    }

    /// The cells of a reading, by their place in the table.
    ///
    /// # Errors
    /// Brackets narrow to what there is not.
    pub fn cells(&self, tree: &Tree, leaf: &Leaf) -> Result<Vec<usize>, Mistake> {
        let own = |i: &usize| self.readings[*i].quantity == leaf.quantity;
        let mut left: Vec<usize> = (0..self.readings.len()).filter(own).collect();
        for narrowing in &leaf.narrowed {
            let axis = axis(narrowing);
            let value = |i: &usize| self.readings[*i].axes.get(axis);
            let there: Vec<String> = distinct(left.iter().filter_map(value).map(Value::to_string));
            if there.is_empty() {
                let axes = left.iter().flat_map(|i| &self.readings[*i].axes.0);
                let axes = distinct(axes.map(|(name, _)| name.as_str()));
                let what = format!("{} has no axis `{axis}`{}", leaf.quantity, hint(axis, axes));
                return Err(tree.mistake(narrowing.at, what));
            }
            left.retain(|i| value(i).is_some_and(|v| v.is(&narrowing.value)));
            if left.is_empty() {
                let what = format!(
                    "{} has no {axis} `{}`; there are {}",
                    leaf.quantity,
                    narrowing.value,
                    there.join(", ")
                );
                return Err(tree.mistake(narrowing.at, what));
            }
        }
        Ok(left)
    }

    /// Whether a name is an axis or a fact of any reading.
    pub fn knows(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// What is said of a name that is nothing.
    pub fn unknown(&self, name: &str) -> String {
        let known = self.quantities.iter().chain(&self.names).copied();
        format!("unknown name `{name}`{}", hint(name, known))
    }
}

/// What a condition in brackets narrows.
pub(super) fn axis(narrowing: &Narrowing) -> &str {
    narrowing.axis.as_deref().unwrap_or(PROCESS)
}

/// The axis that a bare word in brackets narrows.
const PROCESS: &str = "process";

/// A name with its dots, and what stands in brackets anywhere behind it.
fn spelled(node: &Node) -> Option<(String, Vec<Narrowing>)> {
    match &node.kind {
        Kind::Name(name) => Some((name.clone(), Vec::new())),
        Kind::Member(of, name) => {
            let (before, narrowed) = spelled(of)?;
            Some((format!("{before}.{name}"), narrowed))
        }
        Kind::Narrowed(of, more) => {
            let (name, mut narrowed) = spelled(of)?;
            narrowed.extend(more.iter().cloned());
            Some((name, narrowed))
        }
        _ => None,
    }
}

/// `; did you mean …?`, or what there is.
pub(super) fn hint<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => formula::did_you_mean(near),
        None if known.is_empty() => String::new(),
        None => format!("; there are {}", known.join(", ")),
    }
}

/// Each once, in the order of appearance.
pub(super) fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}
