//! The observable `exit`: first exits of the particles.

use base::error::Result;
use experiment::spec::Section;
use formula::{Comparison, Kind as Form, Tree};

use super::condition;
use crate::file::{Block, Names};

/// First exits.
#[derive(Clone, Debug)]
pub struct Exit {
    /// When a particle has left.
    pub until: Tree,
    /// Whether exits are too rare to wait for.
    pub splitting: bool,
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
        let text = section.text("until", None)?;
        let until = condition(block, &text)?;
        let method = section.choice("method", Some("direct"), &["direct", "splitting"])?;
        let why = "steps after which a particle that is still inside is given up";
        Ok(Exit {
            until,
            splitting: method == "splitting",
            max_steps: section.integer(
                "max_steps",
                Some(10_000_000),
                1..=1_000_000_000_000,
                why,
            )?,
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
        let (coordinate, at) = (coordinate(right)?, number(left)?);
        Some(Boundary {
            coordinate,
            at,
            above: !above,
        })
    }
}
