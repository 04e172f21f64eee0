//! Exact values of what is read: no random numbers here. One file for each kind of system whose law is known.

pub mod gaussian;
pub mod line;
pub mod passage;
pub mod relaxation;

use base::value::Value;
use formula::{Scope, Tree};

use crate::cell::Cell;
use crate::system::Motion;

/// A formula of one coordinate, at a value of it.
pub(crate) struct AtPoint<'a> {
    /// Name of the coordinate.
    pub variable: &'a str,
    /// Its value.
    pub x: f64,
    /// Everything else.
    pub constants: &'a std::collections::BTreeMap<String, f64>,
}

impl Scope for AtPoint<'_> {
    fn value(&self, name: &str) -> Result<Option<Value>, String> {
        if name == self.variable {
            return Ok(Some(Value::Number(self.x)));
        }
        Ok(self.constants.get(name).copied().map(Value::Number))
    }

    fn known(&self) -> Vec<String> {
        self.constants.keys().cloned().collect()
    }
}

/// Names of a state that no law of one coordinate at one time gives.
const PATHWISE: &[&str] = &["loss", "h_top", "step", "time"];

/// The coordinate on which alone a formula depends, if it depends on one and on nothing else of the path.
pub(crate) fn only_coordinate(tree: &Tree, cell: &Cell) -> Option<usize> {
    let mut found = None;
    let mut calls = false;
    tree.root.visit(&mut |node| {
        calls |= matches!(&node.kind, formula::Kind::Call(name, _) if name == "avg");
        true
    });
    if calls {
        return None;
    }
    for (_, name) in tree.names() {
        if name.contains('.') || PATHWISE.contains(&name.as_str()) {
            return None;
        }
        if let Some(i) = cell.system.variables.iter().position(|v| *v == name) {
            if found.is_some_and(|known| known != i) {
                return None;
            }
            found = Some(i);
        }
    }
    found
}

/// Whether the law of θ is known at every time, and by what.
pub(crate) fn law_is_known(cell: &Cell) -> bool {
    match &cell.system.motion {
        Motion::Sde(_) => line::applies(cell),
        Motion::Rule(_) => gaussian::applies(cell),
    }
}
