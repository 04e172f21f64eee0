//! What a name of a formula stands for: keys of its own block, then what is swept, then `[define]`, then facts.

use std::cell::RefCell;
use std::collections::BTreeMap;

use base::error::Result as Fallible;
use base::value::Value;
use experiment::spec::{Node, Value as Toml};
use formula::{Scope, Tree};
use measurement::reading::Facts;

use super::block::{Block, is_word, with_value};

/// Facts of a system, which may lack a name and say why.
pub trait Known {
    /// The value of a fact; `None` where the name is unknown.
    ///
    /// # Errors
    /// Why there is no such fact here.
    fn fact(&self, name: &str) -> Result<Option<f64>, String>;
    /// The names of all facts.
    fn names(&self) -> Vec<String>;
}

/// No facts.
pub struct Nothing;

impl Known for Nothing {
    fn fact(&self, _: &str) -> Result<Option<f64>, String> {
        Ok(None)
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The names at one point of the sweep.
pub struct Names<'a> {
    /// The block whose keys go first.
    pub own: Option<&'a Block>,
    /// What is swept.
    pub point: &'a Facts,
    /// `[define]`.
    pub define: Option<&'a Block>,
    /// Facts.
    pub facts: &'a dyn Known,
    busy: RefCell<Vec<(bool, String)>>,
}

impl<'a> Names<'a> {
    /// The names of a point of the sweep, seen from a block.
    pub fn new(
        own: Option<&'a Block>,
        point: &'a Facts,
        define: Option<&'a Block>,
        facts: &'a dyn Known,
    ) -> Self {
        Names {
            own,
            point,
            define,
            facts,
            busy: RefCell::default(),
        }
    }

    /// The number or word that a key's value comes to.
    fn value_of(&self, node: &Node) -> Result<Option<Value>, String> {
        match &node.value {
            Toml::Integer(i) => Ok(Some(Value::Number(*i as f64))),
            Toml::Float(x) => Ok(Some(Value::Number(*x))),
            Toml::Text(text) => {
                let tree = Tree::parse(text).map_err(|m| m.what)?;
                tree.evaluate(self).map(Some).map_err(|m| m.what)
            }
            _ => Ok(None),
        }
    }

    /// The value at a key of a block, unless it is being computed already.
    fn within(
        &self,
        block: Option<&Block>,
        own: bool,
        name: &str,
    ) -> Result<Option<Value>, String> {
        let mark = (own, name.to_string());
        let Some(node) = block.and_then(|block| block.get(name)) else {
            return Ok(None);
        };
        if let Toml::Text(text) = &node.value
            && is_word(name)
        {
            return Ok(Some(Value::Word(text.clone())));
        }
        // A key that names itself means the outer one.
        if self.busy.borrow().contains(&mark) {
            return Ok(None);
        }
        self.busy.borrow_mut().push(mark);
        let value = self.value_of(node);
        self.busy.borrow_mut().pop();
        value.map_err(|why| format!("`{name}`: {why}"))
    }

    /// The number that a formula comes to.
    ///
    /// # Errors
    /// What is wrong, at its character.
    pub fn number(&self, block: &Block, key: &str, node: &Node, text: &str) -> Fallible<f64> {
        let mark = (true, key.to_string());
        let tree = Tree::parse(text).map_err(|m| block.mistaken(key, node, &m))?;
        self.busy.borrow_mut().push(mark);
        let number = tree.number(self);
        self.busy.borrow_mut().pop();
        let number = number.map_err(|m| block.mistaken(key, node, &m))?;
        if number.is_nan() {
            return Err(block.error(key, format!("`{text}` comes to NaN here")));
        }
        Ok(number)
    }

    /// The constants that a formula of the state takes from here: all its names but `rows`.
    ///
    /// # Errors
    /// An unknown name, at its character.
    pub fn constants(
        &self,
        tree: &Tree,
        rows: &[String],
    ) -> Result<BTreeMap<String, f64>, formula::Mistake> {
        let mut found = BTreeMap::new();
        for (at, name) in tree.names() {
            if rows.contains(&name) {
                continue;
            }
            match self.value(&name) {
                Ok(Some(Value::Number(x))) => {
                    found.insert(name, x);
                }
                Ok(Some(Value::Word(word))) => {
                    return Err(
                        tree.mistake(at, format!("`{name}` is the word {word}, not a number"))
                    );
                }
                Ok(None) => {
                    let known = self.known();
                    let known = known.iter().chain(rows).map(String::as_str);
                    let hint = formula::nearest(&name, known)
                        .map_or_else(String::new, formula::did_you_mean);
                    return Err(tree.mistake(at, format!("unknown name `{name}`{hint}")));
                }
                Err(why) => return Err(tree.mistake(at, why)),
            }
        }
        Ok(found)
    }

    /// The block with every formula as its number, lists that sweep as what the point says, and each of `wanted` that it
    /// leaves out as what is swept or defined under that name.
    ///
    /// # Errors
    /// A formula that is wrong, or comes to NaN.
    pub fn concrete(&self, block: &Block, wanted: &[&str]) -> Fallible<Block> {
        let names = Names::new(Some(block), self.point, self.define, self.facts);
        let swept: Vec<String> = block.swept().into_iter().map(|(key, _)| key).collect();
        let mut concrete = Block {
            path: block.path.clone(),
            node: Node {
                origin: block.node.origin.clone(),
                value: Toml::Table(Vec::new()),
            },
        };
        for (key, node) in block.entries() {
            let own = match self.point.get(key) {
                Some(value) if swept.contains(key) => with_value(node, value),
                _ => names.settled(block, key, node)?,
            };
            concrete.set(key, own);
        }
        for key in wanted {
            if block.get(key).is_some() {
                continue;
            }
            if let Some(value) = self.point.get(key) {
                concrete.set(key, with_value(&block.node, value));
            } else if let Some((define, node)) = self.define.and_then(|d| Some((d, d.get(key)?))) {
                // What is wrong with it is wrong there.
                concrete.set(key, names.settled(define, key, node)?);
            }
        }
        Ok(concrete)
    }

    fn settled(&self, block: &Block, key: &str, node: &Node) -> Fallible<Node> {
        let value = match &node.value {
            Toml::Text(_) if is_word(key) => return Ok(node.clone()),
            Toml::Text(text) => Toml::Float(self.number(block, key, node, text)?),
            Toml::List(items) => {
                let settled = items.iter().map(|item| self.settled(block, key, item));
                Toml::List(settled.collect::<Fallible<_>>()?)
            }
            Toml::Table(entries) => {
                let settled = entries
                    .iter()
                    .map(|(inner, node)| Ok((inner.clone(), self.settled(block, inner, node)?)));
                Toml::Table(settled.collect::<Fallible<_>>()?)
            }
            _ => return Ok(node.clone()),
        };
        Ok(Node {
            origin: node.origin.clone(),
            value,
        })
    }
}

impl Scope for Names<'_> {
    fn value(&self, name: &str) -> Result<Option<Value>, String> {
        if let Some(found) = self.within(self.own, true, name)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.point.get(name) {
            return Ok(Some(found.clone()));
        }
        if let Some(found) = self.within(self.define, false, name)? {
            return Ok(Some(found));
        }
        Ok(self.facts.fact(name)?.map(Value::Number))
    }

    fn known(&self) -> Vec<String> {
        let keys = |block: Option<&Block>| -> Vec<String> {
            let entries = block.map_or(&[][..], Block::entries);
            entries.iter().map(|(key, _)| key.clone()).collect()
        };
        let point = self.point.0.iter().map(|(name, _)| name.clone());
        let own = keys(self.own)
            .into_iter()
            .chain(point)
            .chain(keys(self.define));
        own.chain(self.facts.names()).collect()
    }
}
