//! A table of a file, with the keys that are words and those that are lists by nature.

use base::error::{Error, Result};
use base::value::Value;
use experiment::spec::{Node, Section, Value as Toml, nearest};
use formula::Mistake;

/// Keys whose value is a word or words, and no formula.
const WORDS: &[&str] = &[
    "name",
    "label",
    "optimizer",
    "sde",
    "of",
    "reading",
    "integrator",
    "noise_name",
    "law",
    "metric",
    "method",
    "to",
    "until",
    "stat",
    "each",
    "variables",
    "expression",
    "keep",
    "streams",
    "precision",
    "momentum",
    "after",
    "frame",
    "crossing",
    "reference",
    "replacement",
    "nesterov",
    "amsgrad",
    "bias_correction",
];

/// Keys that are lists by nature, and how deep.
const LISTS: &[(&str, usize)] = &[
    ("at", 1),
    ("std", 1),
    ("drift", 1),
    ("noise", 2),
    ("covariance", 2),
    ("hessian", 2),
    ("variables", 1),
    ("of", 1),
    ("steps", 1),
    ("time", 1),
];

/// A table of a file.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its path, e.g. `process`.
    pub path: String,
    /// The table.
    pub node: Node,
}

impl Block {
    /// The table at `key` of the file's root, if it is there.
    ///
    /// # Errors
    /// It is no table.
    pub fn one(root: &Section<'_>, key: &'static str) -> Result<Option<Self>> {
        let mut all = Self::all(root, key)?;
        if all.len() > 1 {
            return Err(root.error(
                key,
                format!("{} tables [[{key}]]; one is possible here", all.len()),
            ));
        }
        Ok(all.pop())
    }

    /// The tables at `key` of the file's root; a single one counts as a list.
    ///
    /// # Errors
    /// One is no table.
    pub fn all(root: &Section<'_>, key: &'static str) -> Result<Vec<Self>> {
        let Some(node) = root.get(key) else {
            return Ok(Vec::new());
        };
        Self::list(key, node)
    }

    /// The tables of a value at a path; a single one counts as a list.
    ///
    /// # Errors
    /// One is no table.
    pub fn list(path: &str, node: &Node) -> Result<Vec<Self>> {
        let nodes = match &node.value {
            Toml::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        nodes
            .into_iter()
            .map(|node| {
                Section::new(path, node)?;
                Ok(Block {
                    path: path.to_string(),
                    node: node.clone(),
                })
            })
            .collect()
    }

    /// Its keys.
    pub fn entries(&self) -> &[(String, Node)] {
        match &self.node.value {
            Toml::Table(entries) => entries,
            _ => &[],
        }
    }

    /// Refuses a key that is none of these, `of` something.
    ///
    /// # Errors
    /// The first such key, with the nearest known one.
    pub fn only<'k>(&self, known: impl IntoIterator<Item = &'k str>, of: &str) -> Result<()> {
        let known: Vec<&str> = known.into_iter().collect();
        let stray = |(key, _): &&(String, Node)| !known.contains(&key.as_str());
        let Some((key, _)) = self.entries().iter().find(stray) else {
            return Ok(());
        };
        let hint = nearest(key, known).map_or_else(String::new, formula::did_you_mean);
        Err(self.error(key, format!("unknown key{of}{hint}")))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let found = self.entries().iter().find(|(known, _)| known == key)?;
        Some(&found.1)
    }

    /// The word at a key.
    pub fn word(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.value {
            Toml::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Sets a key.
    pub fn set(&mut self, key: &str, node: Node) {
        if let Toml::Table(entries) = &mut self.node.value {
            match entries.iter_mut().find(|(known, _)| known == key) {
                Some((_, old)) => *old = node,
                None => entries.push((key.to_string(), node)),
            }
        }
    }

    /// Takes a key out.
    pub fn take(&mut self, key: &str) -> Option<Node> {
        let Toml::Table(entries) = &mut self.node.value else {
            return None;
        };
        let at = entries.iter().position(|(known, _)| known == key)?;
        Some(entries.remove(at).1)
    }

    /// The lists that sweep: those of keys that are none by nature, or lie one deeper than they do.
    pub fn swept(&self) -> Vec<(String, &[Node])> {
        let own = self
            .entries()
            .iter()
            .filter_map(|(key, node)| match &node.value {
                Toml::List(items) if depth(node) > natural(key) => {
                    Some((key.clone(), items.as_slice()))
                }
                _ => None,
            });
        own.collect()
    }

    /// An error about a key, at its place.
    pub fn error(&self, key: &str, what: impl std::fmt::Display) -> Error {
        let node = self.get(key).unwrap_or(&self.node);
        Error::Input(format!("{}: `{}.{key}`: {what}", node.origin, self.path))
    }

    /// What is wrong with the formula at a key, at its character.
    pub fn mistaken(&self, key: &str, node: &Node, mistake: &Mistake) -> Error {
        let place = node.origin.of_character(&mistake.text, mistake.at);
        let path = &self.path;
        Error::Input(format!(
            "{place}: `{path}.{key}`: {}{}",
            mistake.what,
            mistake.picture()
        ))
    }
}

/// Whether a key's value is a word.
pub fn is_word(key: &str) -> bool {
    WORDS.contains(&key)
}

fn natural(key: &str) -> usize {
    let found = LISTS.iter().find(|(known, _)| *known == key);
    found.map_or(0, |(_, depth)| *depth)
}

fn depth(node: &Node) -> usize {
    match &node.value {
        Toml::List(items) => 1 + items.first().map_or(0, depth),
        _ => 0,
    }
}

/// A node of the same place with another value.
pub fn with_value(node: &Node, value: &Value) -> Node {
    let value = match value {
        Value::Number(x) => Toml::Float(*x),
        Value::Word(word) => Toml::Text(word.clone()),
    };
    Node {
        origin: node.origin.clone(),
        value,
    }
}
