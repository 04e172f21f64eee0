//! The observable `exit`: first exits of the particles.

use std::collections::BTreeMap;

use base::error::Result;
use base::value::Value;
use experiment::spec::Section;
use formula::{Comparison, Kind as Form, Scope, Tree};

use super::condition;
use crate::file::{Block, Names};

/// First exits.
#[derive(Clone, Debug)]
pub struct Exit {
    /// When a particle has left.
    pub until: Tree,
    /// Whether exits are too rare to wait for.
    pub splitting: bool,
    /// Independent runs of splitting; none where it is not.
    pub runs: u64,
    /// Replicas of a run.
    pub replicas: u64,
    /// Steps after which a particle that is still inside is given up.
    pub max_steps: u64,
}

/// A boundary that one coordinate passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boundary {
    /// The coordinate.
    pub coordinate: usize,
    /// Where.
    pub at: f64,
    /// Whether it leaves upwards.
    pub above: bool,
}

/// A formula of one coordinate, at a value of it.
struct AtPoint<'a> {
    /// Name of the coordinate.
    variable: &'a str,
    /// Its value.
    x: f64,
    /// Everything else.
    constants: &'a BTreeMap<String, f64>,
}

impl Scope for AtPoint<'_> {
    fn value(&self, name: &str) -> std::result::Result<Option<Value>, String> {
        if name == self.variable {
            return Ok(Some(Value::Number(self.x)));
        }
        Ok(self.constants.get(name).copied().map(Value::Number))
    }

    fn known(&self) -> Vec<String> {
        self.constants.keys().cloned().collect()
    }
}

impl Exit {
    /// Reads the block's own keys.
    ///
    /// # Errors
    /// Whatever is wrong with them.
    pub fn read(block: &Block, section: &Section<'_>) -> Result<Self> {
        section.means(
            "until",
            "a comparison: when a particle has left, such as x > x_saddle",
        );
        section.means(
            "method",
            "one by one, or by splitting where exits are too rare to wait for",
        );
        if section.get("exit").is_some() {
            let what = "an exit is written as a condition: until = \"x > 1.5\"";
            return Err(section.error("exit", what));
        }
        let text = section.text("until", None)?;
        let until = condition(block, &text)?;
        let method = section.choice("method", Some("direct"), &["direct", "splitting"])?;
        let why = "steps after which a particle that is still inside is given up";
        let splitting = method == "splitting";
        let (runs, replicas) = if splitting {
            let why = "independent runs of splitting, over which the interval is taken";
            let runs = section.integer("runs", Some(24), 4..=10_000, why)?;
            let why = "replicas of a run of splitting, of which a twentieth is dropped at a time";
            let replicas = section.integer("replicas", Some(200), 20..=100_000, why)?;
            (runs, replicas)
        } else {
            (0, 0)
        };
        Ok(Exit {
            until,
            splitting,
            runs,
            replicas,
            max_steps: section.integer(
                "max_steps",
                Some(10_000_000),
                1..=1_000_000_000_000,
                why,
            )?,
        })
    }

    /// The boundary, where both sides are linear in one coordinate and depend on nothing else of the path.
    fn linear(&self, names: &Names<'_>, variables: &[String], above: bool) -> Option<Boundary> {
        let Form::Compared(_, left, right) = &self.until.root.kind else {
            return None;
        };
        let own = self.until.names();
        let mut moved = variables.iter().enumerate();
        let (coordinate, variable) = moved.find(|(_, v)| own.iter().any(|(_, name)| name == *v))?;
        let others = variables.iter().filter(|v| *v != variable);
        let path = ["loss", "h_top", "step", "time"];
        let alone = own.iter().all(|(_, name)| {
            !name.contains('.')
                && !path.contains(&name.as_str())
                && !others.clone().any(|v| v == name)
        });
        if !alone {
            return None;
        }
        let constants = names.constants(&self.until, variables).ok()?;
        let at = |x: f64| {
            let scope = AtPoint {
                variable,
                x,
                constants: &constants,
            };
            let side = |node: &formula::Node| {
                let part = Tree {
                    text: self.until.text.clone(),
                    root: node.clone(),
                };
                part.number(&scope).ok()
            };
            Some(side(left)? - side(right)?)
        };
        let (zero, one) = (at(0.0)?, at(1.0)?);
        let slope = one - zero;
        let line = |x: f64| zero + slope * x;
        let straight = [-7.3, -0.61, 0.37, 2.9, 11.7].iter().all(|x| {
            at(*x).is_some_and(|y| {
                (y - line(*x)).abs() <= 1e-12 * (y.abs() + zero.abs() + (slope * x).abs())
            })
        });
        (straight && slope != 0.0 && slope.is_finite()).then(|| Boundary {
            coordinate,
            at: -zero / slope,
            above: above == (slope > 0.0),
        })
    }

    /// The boundary, where the condition is that one coordinate passes a number.
    pub fn boundary(&self, names: &Names<'_>, variables: &[String]) -> Option<Boundary> {
        let Form::Compared(comparison, left, right) = &self.until.root.kind else {
            return None;
        };
        let coordinate = |node: &formula::Node| {
            let name = node.dotted()?;
            variables.iter().position(|v| *v == name)
        };
        let number = |node: &formula::Node| {
            let part = Tree {
                text: self.until.text.clone(),
                root: node.clone(),
            };
            let own = part
                .names()
                .iter()
                .any(|(_, name)| variables.contains(name));
            part.number(names).ok().filter(|x| !own && x.is_finite())
        };
        let above = match comparison {
            Comparison::Greater | Comparison::AtLeast => true,
            Comparison::Less | Comparison::AtMost => false,
            _ => return None,
        };
        if let (Some(coordinate), Some(at)) = (coordinate(left), number(right)) {
            return Some(Boundary {
                coordinate,
                at,
                above,
            });
        }
        if let (Some(coordinate), Some(at)) = (coordinate(right), number(left)) {
            return Some(Boundary {
                coordinate,
                at,
                above: !above,
            });
        }
        self.linear(names, variables, above)
    }
}
