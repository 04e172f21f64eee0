//! Where a claim's formulas stand in its file.

use base::error::{Error, Result};
use experiment::spec::Node;
use formula::{Mistake, Tree};

/// The formulas of one claim, and where each stands.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<Place>);

#[derive(Clone, Debug)]
struct Place {
    key: String,
    text: String,
    node: Node,
}

impl Places {
    /// Reads a formula that stands at `node` under `key`, and remembers where it was.
    pub(super) fn tree(&mut self, key: &str, text: &str, node: &Node) -> Result<Tree> {
        self.0.push(Place {
            key: format!("claim.{key}"),
            text: text.to_string(),
            node: node.clone(),
        });
        Tree::parse(text).map_err(|mistake| self.error(&mistake))
    }

    /// A mistake in one of the formulas, at its character in the file.
    pub fn error(&self, mistake: &Mistake) -> Error {
        match self.0.iter().find(|place| place.text == mistake.text) {
            None => Error::Input(mistake.to_string()),
            Some(Place { key, text, node }) => {
                let place = node.origin.of_character(text, mistake.at);
                let picture = mistake.picture();
                Error::Input(format!("{place}: `{key}`: {}{picture}", mistake.what))
            }
        }
    }
}
