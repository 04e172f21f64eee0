//! Formulas of the state in a block: what of them is a number already, and what is written out in place of its name.

use std::collections::BTreeMap;

use base::error::Result;
use base::value::Value;
use experiment::spec::{Node, Value as Toml};
use formula::{Scope, Tree, nearest, reserved};
use simulation::driven::{CLOCK, Driven};
use simulation::noise::covariance::STATE;

use crate::file::block::with_value;
use crate::file::{Block, Names};

/// A value, and where it stands.
pub struct Given<'a> {
    /// The block.
    pub block: &'a Block,
    /// The key.
    pub key: &'a str,
    /// The value.
    pub node: Node,
}

/// The value of a key at a point of the sweep: of the block, of what is swept or defined under that name.
pub fn given<'a>(block: &'a Block, names: &Names<'a>, key: &'a str) -> Option<Given<'a>> {
    let swept = names.point.get(key);
    if let Some(node) = block.get(key) {
        let own = block.swept().iter().any(|(known, _)| known == key);
        let node = match swept {
            Some(value) if own => with_value(node, value),
            _ => node.clone(),
        };
        return Some(Given { block, key, node });
    }
    if let Some(value) = swept {
        let node = with_value(&block.node, value);
        return Some(Given { block, key, node });
    }
    let define = names.define?;
    let node = define.get(key)?.clone();
    Some(Given {
        block: define,
        key,
        node,
    })
}

/// Turns formulas of the state into formulas of its names and of constants alone.
pub struct Settling<'a> {
    block: &'a Block,
    names: &'a Names<'a>,
    live: Vec<String>,
    busy: Vec<String>,
    /// Whether any of them depends on the state.
    pub depends: bool,
    /// The constants.
    pub constants: BTreeMap<String, f64>,
    /// Keys of the block that they name.
    pub used: Vec<String>,
    /// Those of them that depend on the state themselves.
    pub inlined: Vec<String>,
}

impl<'a> Settling<'a> {
    /// Formulas of a block in coordinates, and in what else a noise may depend on.
    pub fn new(block: &'a Block, names: &'a Names<'a>, variables: &[String]) -> Self {
        let state = STATE.iter().map(|name| name.to_string());
        let live = variables.iter().cloned().chain(state).collect();
        Self::over(block, names, live)
    }

    /// Formulas of a block in some names of the state.
    pub fn over(block: &'a Block, names: &'a Names<'a>, live: Vec<String>) -> Self {
        Settling {
            block,
            names,
            live,
            busy: Vec::new(),
            depends: false,
            constants: BTreeMap::new(),
            used: Vec::new(),
            inlined: Vec::new(),
        }
    }

    /// The formula that an entry of a value is.
    ///
    /// # Errors
    /// It is none, or names what there is not.
    pub fn item(&mut self, given: &Given<'_>, node: &Node) -> Result<String> {
        let number = match &node.value {
            Toml::Text(text) => {
                return self
                    .text(given.block, given.key, node, text)
                    .map(|(text, _)| text);
            }
            Toml::Integer(i) => *i as f64,
            Toml::Float(x) => *x,
            other => {
                let what = format!("{} where a number or a formula is expected", other.kind());
                return Err(given.block.error(given.key, what));
            }
        };
        if number.is_finite() {
            return Ok(literal(number));
        }
        Err(given.block.error(given.key, "must be finite"))
    }

    /// The formula at a key of a block, and whether it depends on the state.
    fn text(&mut self, at: &Block, key: &str, node: &Node, text: &str) -> Result<(String, bool)> {
        let tree = Tree::parse(text).map_err(|m| at.mistaken(key, node, &m))?;
        self.busy.push(key.to_string());
        let mut places: Vec<(usize, String)> = Vec::new();
        tree.root.visit(&mut |part| {
            let name = part.dotted();
            if let Some(name) = &name
                && !reserved(name)
            {
                places.push((part.at, name.clone()));
            }
            name.is_none()
        });
        places.sort();
        let mut depends = false;
        let (mut written, mut taken) = (String::new(), 0);
        for (begin, name) in places {
            let replaced = self.name(at, key, node, &tree, (begin, &name), &mut depends)?;
            if let Some(replaced) = replaced {
                written.extend(text.chars().skip(taken).take(begin - taken));
                written += &replaced;
                taken = begin + name.chars().count();
            }
        }
        written.extend(text.chars().skip(taken));
        self.busy.pop();
        self.depends |= depends;
        if !depends {
            // Numbers that have none are said as elsewhere.
            let names = &self.names;
            let names = Names::new(Some(self.block), names.point, names.define, names.facts);
            let value = names.number(at, key, node, text)?;
            if !value.is_finite() {
                return Err(at.error(key, format!("`{text}` comes to {value} here")));
            }
        }
        Ok((written, depends))
    }

    /// What stands in place of a name; `None` where it stays.
    fn name(
        &mut self,
        at: &Block,
        key: &str,
        node: &Node,
        tree: &Tree,
        (begin, name): (usize, &str),
        depends: &mut bool,
    ) -> Result<Option<String>> {
        if self.live.iter().any(|own| own == name) {
            *depends = true;
            return Ok(None);
        }
        let wrong = |what: String| Err(at.mistaken(key, node, &tree.mistake(begin, what)));
        let own = self
            .block
            .get(name)
            .filter(|_| !self.busy.iter().any(|b| b == name));
        let scope = Names::new(
            own.map(|_| self.block),
            self.names.point,
            self.names.define,
            self.names.facts,
        );
        let swept = own.is_none() && self.names.point.get(name).is_some();
        let raw = match own {
            Some(raw) => Some((self.block, raw)),
            None if swept => None,
            None => {
                let define = self
                    .names
                    .define
                    .filter(|_| !self.busy.iter().any(|b| b == name));
                define.and_then(|define| Some((define, define.get(name)?)))
            }
        };
        let found = scope.value(name);
        if own.is_some() && !self.used.iter().any(|known| known == name) {
            self.used.push(name.to_string());
        }
        match (found, raw) {
            (Ok(Some(Value::Number(x))), _) => {
                let known = self.constants.get(name);
                if known.is_some_and(|known| known.to_bits() != x.to_bits()) || !x.is_finite() {
                    return Ok(Some(format!("({})", literal(x))));
                }
                self.constants.insert(name.to_string(), x);
                Ok(None)
            }
            (Ok(Some(Value::Word(word))), _) if !matches!(raw, Some((_, n)) if formula_of(n).is_some()) => {
                wrong(format!("`{name}` is the word {word}, not a number"))
            }
            (_, Some((block, raw))) if formula_of(raw).is_some() => {
                let text = formula_of(raw).unwrap_or_default().to_string();
                let (block, raw) = (block.clone(), raw.clone());
                let (inner, state) = self.text(&block, name, &raw, &text)?;
                *depends |= state;
                if state && own.is_some() {
                    self.inlined.push(name.to_string());
                }
                Ok(Some(format!("({inner})")))
            }
            (Err(why), _) => wrong(why),
            _ => {
                let mut there = self.live.clone();
                let mut seen = std::collections::HashSet::new();
                there.retain(|name| seen.insert(name.clone()));
                let known = scope.known();
                let known = known.iter().map(String::as_str);
                let known = known.chain(self.live.iter().map(String::as_str));
                let hint = nearest(name, known).map_or_else(String::new, formula::did_you_mean);
                wrong(format!(
                    "unknown name `{name}`{hint}; of the state there are {}",
                    there.join(", ")
                ))
            }
        }
    }
}

/// A number as a formula has it.
fn literal(x: f64) -> String {
    format!("{x:?}")
}

fn formula_of(node: &Node) -> Option<&str> {
    match &node.value {
        Toml::Text(text) => Some(text),
        _ => None,
    }
}

/// The numbers of a block that are formulas of `step` or `time`: each is left in `block` as what it is at the first step, where
/// time is 0. `None` where there are none.
///
/// # Errors
/// A formula that names what there is not, or comes to no number at the first step.
pub fn driven(block: &mut Block, names: &Names<'_>, keys: &[&str]) -> Result<Option<Driven>> {
    let written = block.clone();
    let mut settling = Settling::over(&written, names, CLOCK.map(String::from).to_vec());
    let (mut formulas, mut places) = (BTreeMap::new(), Vec::new());
    for key in keys {
        let Some(given) = given(&written, names, key) else {
            continue;
        };
        if formula_of(&given.node).is_none() {
            continue;
        }
        settling.depends = false;
        let text = settling.item(&given, &given.node)?;
        if settling.depends {
            formulas.insert(key.to_string(), text);
            places.push((*key, given));
        }
    }
    if formulas.is_empty() {
        return Ok(None);
    }
    let named = |name: &String| {
        let trees = formulas.values().filter_map(|text| Tree::parse(text).ok());
        trees
            .flat_map(|tree| tree.names())
            .any(|(_, own)| own == *name)
    };
    let mut constants = settling.constants.clone();
    constants.retain(|name, _| named(name));
    let driven = Driven::new(formulas.clone(), constants, 1.0)
        .map_err(|mistake| written.error(places[0].0, mistake))?;
    let mut first = vec![0.0; driven.count()];
    driven.at(&[0], &mut first);
    for (key, x) in formulas.keys().zip(first) {
        let Some((_, given)) = places.iter().find(|(own, _)| own == key) else {
            continue;
        };
        if !x.is_finite() {
            let what = format!("comes to {x} at step 1, where time is 0");
            return Err(given.block.error(given.key, what));
        }
        block.set(key, with_value(&given.node, &Value::Number(x)));
    }
    Ok(Some(driven))
}
