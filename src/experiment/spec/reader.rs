//! Typed access to a table: every key is asked for once, and what nobody asked for is an error.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::heard::{self, Key};
use super::setting::{Setting, within};
use super::synonyms::meant;
use super::tree::{Node, Value};
use base::error::{Error, Result};
use base::shown::{acts, interval};

/// The name that `name` is another word for, or the closest to it, if any is close at all: by edits, a swap of
/// neighbours counting as one.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    meant(name, &known).or_else(|| formula::nearest(name, known))
}

/// A number as a person would write it: `0.003`, `1e300`.
pub fn written(x: f64) -> String {
    if x == 0.0 || (1e-5..1e16).contains(&x.abs()) {
        x.to_string()
    } else {
        format!("{x:e}")
    }
}

/// Similarity (Jaro–Winkler) above which an unknown key is taken for a missing one misspelt.
const MISSPELT: f64 = 0.9;

/// Most characters of what stands in tables and figures.
const LONGEST_LABEL: usize = 200;

/// A table of the experiment file, with its path, e.g. `ensemble`.
pub struct Section<'a> {
    path: String,
    /// The same with the numbers of array elements, as `--set` takes it.
    place: String,
    node: &'a Node,
    entries: &'a [(String, Node)],
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// Views `node` as the table at `path`.
    ///
    /// # Errors
    /// It is not a table.
    pub fn new(path: &str, node: &'a Node) -> Result<Self> {
        Self::at(path, path.to_string(), node)
    }

    fn at(path: &str, place: String, node: &'a Node) -> Result<Self> {
        match &node.value {
            Value::Table(entries) => Ok(Section {
                path: path.to_string(),
                place,
                node,
                entries,
                asked: RefCell::new(Vec::new()),
            }),
            other => Err(Error::Input(format!(
                "{}: `{path}` must be a table, not {}",
                node.origin,
                other.kind()
            ))),
        }
    }

    fn full(&self, key: &str) -> String {
        within(&self.path, key)
    }

    /// Notes that `key` takes its default, and gives it.
    fn silent<T>(&self, key: &str, default: T, value: String) -> T {
        let setting = Setting {
            key: within(&self.place, key),
            value,
            from: "default".into(),
        };
        heard::default(setting);
        default
    }

    /// Says what a key means of which its reader says only what it takes.
    pub fn means(&self, key: &str, meaning: &str) {
        self.note(key, String::new, None, meaning);
    }

    /// Says what a key takes and means that is read otherwise.
    pub fn says(&self, key: &str, takes: &str, meaning: &str) {
        self.note(key, || takes.to_string(), None, meaning);
    }

    /// Notes what a key takes and means.
    fn note(
        &self,
        key: &str,
        takes: impl FnOnce() -> String,
        default: Option<String>,
        meaning: &str,
    ) {
        heard::key(|| Key {
            section: self.path.clone(),
            name: key.to_string(),
            takes: takes(),
            default,
            meaning: meaning.to_string(),
        });
    }

    /// An error about `key`, at its place in the file.
    pub fn error(&self, key: &str, what: impl std::fmt::Display) -> Error {
        let origin = self
            .entries
            .iter()
            .find(|(k, _)| k == key)
            .map_or(&self.node.origin, |(_, node)| &node.origin);
        Error::Input(format!("{origin}: `{}`: {what}", self.full(key)))
    }

    /// An error about character `at` of the string `text` at `key`, at that character's place in the file.
    pub fn error_within(
        &self,
        key: &str,
        text: &str,
        at: usize,
        what: impl std::fmt::Display,
    ) -> Error {
        let found = self.entries.iter().find(|(k, _)| k == key);
        let origin = found.map_or(&self.node.origin, |(_, node)| &node.origin);
        let place = origin.of_character(text, at);
        Error::Input(format!("{place}: `{}`: {what}", self.full(key)))
    }

    /// An array of numbers, which may repeat.
    pub fn list(&self, key: &'static str) -> Result<Vec<f64>> {
        self.note(key, || "a list of numbers".into(), None, "");
        let Some(node) = self.get(key) else {
            return Err(self.missing(key, "an array of numbers"));
        };
        match &node.value {
            Value::List(items) if !items.is_empty() => {
                items.iter().map(|item| self.as_number(key, item)).collect()
            }
            _ => Err(self.wrong(key, node, "an array of numbers")),
        }
    }

    /// Every key of a table whose keys are the user's own, with its number.
    pub fn numbers(&self) -> Result<Vec<(String, f64)>> {
        self.entries
            .iter()
            .map(|(key, node)| Ok((key.clone(), self.as_number(key, node)?)))
            .collect()
    }

    /// Every key of a table whose keys are the user's own.
    pub fn entries(&self) -> &'a [(String, Node)] {
        self.entries
    }

    /// The node of `key`, if the file has it.
    pub fn get(&self, key: &'static str) -> Option<&'a Node> {
        self.asked.borrow_mut().push(key);
        self.entries.iter().find(|(k, _)| k == key).map(|(_, n)| n)
    }

    fn missing(&self, key: &str, expected: &str) -> Error {
        let asked = self.asked.borrow();
        let strays = self.entries.iter().map(|(k, _)| k.as_str());
        let misspelt = strays
            .filter(|k| !asked.contains(k) && strsim::jaro_winkler(k, key) > MISSPELT)
            .max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
        if let Some(stray) = misspelt {
            return self.error(stray, format!("unknown key; did you mean `{key}`?"));
        }
        Error::Input(format!(
            "{}: `{}` is missing; expected {expected}",
            self.node.origin,
            self.full(key)
        ))
    }

    fn wrong(&self, key: &str, node: &Node, expected: &str) -> Error {
        Error::Input(format!(
            "{}: `{}` is {}; expected {expected}",
            node.origin,
            self.full(key),
            node.value.kind()
        ))
    }

    fn as_number(&self, key: &str, node: &Node) -> Result<f64> {
        match node.value {
            Value::Float(x) if x.is_finite() => Ok(x),
            Value::Integer(i) => Ok(i as f64),
            Value::Float(_) => Err(self.error(key, "must be finite")),
            _ => Err(self.wrong(key, node, "a number")),
        }
    }

    fn in_range(&self, key: &str, x: f64, range: &RangeInclusive<f64>, why: &str) -> Result<f64> {
        if range.contains(&x) {
            Ok(x)
        } else {
            Err(self.error(
                key,
                format!(
                    "{} is outside {}: {why}",
                    written(x),
                    interval(*range.start(), *range.end())
                ),
            ))
        }
    }

    /// A number within `range`; `why` explains the range to the person.
    pub fn number(
        &self,
        key: &'static str,
        default: Option<f64>,
        range: RangeInclusive<f64>,
        why: &str,
    ) -> Result<f64> {
        self.note(
            key,
            || heard::range("a number", &range),
            default.map(written),
            why,
        );
        match (self.get(key), default) {
            (Some(node), _) => self.in_range(key, self.as_number(key, node)?, &range, why),
            (None, Some(default)) => Ok(self.silent(key, default, written(default))),
            (None, None) => Err(self.missing(key, &format!("a number: {why}"))),
        }
    }

    /// A number, or an array of them, which sweeps.
    pub fn sweep(
        &self,
        key: &'static str,
        default: Option<f64>,
        range: RangeInclusive<f64>,
        why: &str,
    ) -> Result<Vec<f64>> {
        self.note(
            key,
            || heard::range("a number, or a list that sweeps,", &range),
            default.map(written),
            why,
        );
        let Some(node) = self.get(key) else {
            return match default {
                Some(default) => Ok(vec![self.silent(key, default, written(default))]),
                None => Err(self.missing(key, &format!("a number or an array of numbers: {why}"))),
            };
        };
        let values = match &node.value {
            Value::List(items) if items.is_empty() => {
                return Err(self.error(key, "an empty sweep; give at least one value"));
            }
            Value::List(items) => items
                .iter()
                .map(|item| self.as_number(key, item))
                .collect::<Result<Vec<_>>>()?,
            _ => vec![self.as_number(key, node)?],
        };
        let mut seen = HashSet::new();
        for x in &values {
            self.in_range(key, *x, &range, why)?;
            // 0 and −0 are one value.
            if !seen.insert((x + 0.0).to_bits()) {
                let x = written(*x);
                return Err(self.error(key, format!("{x} occurs twice in the sweep")));
            }
        }
        Ok(values)
    }

    /// A whole number within `range`.
    pub fn integer(
        &self,
        key: &'static str,
        default: Option<u64>,
        range: RangeInclusive<u64>,
        why: &str,
    ) -> Result<u64> {
        let bounds = *range.start() as f64..=*range.end() as f64;
        self.note(
            key,
            || heard::range("a whole number", &bounds),
            default.map(|n| n.to_string()),
            why,
        );
        let Some(node) = self.get(key) else {
            return match default {
                Some(default) => Ok(self.silent(key, default, default.to_string())),
                None => Err(self.missing(key, &format!("a whole number: {why}"))),
            };
        };
        let value = match node.value {
            Value::Integer(i) => i as f64,
            // 1e6 is how people write a million.
            Value::Float(x) if x.fract() == 0.0 => x,
            _ => return Err(self.wrong(key, node, "a whole number")),
        };
        Ok(self.in_range(key, value, &bounds, why)? as u64)
    }

    /// `true` or `false`.
    pub fn switch(&self, key: &'static str, default: bool) -> Result<bool> {
        self.note(
            key,
            || "true or false".into(),
            Some(default.to_string()),
            "",
        );
        match self.get(key) {
            None => Ok(self.silent(key, default, default.to_string())),
            Some(node) => match node.value {
                Value::Bool(b) => Ok(b),
                _ => Err(self.wrong(key, node, "true or false")),
            },
        }
    }

    /// `true` or `false`, or 1 or 0 as in tables of hyper-parameters.
    pub fn on(&self, key: &'static str, default: bool) -> Result<bool> {
        match self.get(key).map(|node| &node.value) {
            Some(Value::Integer(1)) => Ok(true),
            Some(Value::Integer(0)) => Ok(false),
            _ => self.switch(key, default),
        }
    }

    /// A text without characters that act on a terminal or a page.
    fn clean(&self, key: &str, text: &str) -> Result<String> {
        let found = text.chars().find(|c| acts(*c) && !"\n\r\t".contains(*c));
        match found {
            None => Ok(text.to_string()),
            Some(c) => Err(self.error(
                key,
                format!(
                    "holds {}, which acts on what shows it or cannot be seen; use characters that can",
                    c.escape_unicode()
                ),
            )),
        }
    }

    /// A string.
    pub fn text(&self, key: &'static str, default: Option<&str>) -> Result<String> {
        self.note(
            key,
            || "a string".into(),
            default.map(|d| format!("{d:?}")),
            "",
        );
        match (self.get(key), default) {
            (Some(node), _) => match &node.value {
                Value::Text(text) => self.clean(key, text),
                _ => Err(self.wrong(key, node, "a string")),
            },
            (None, Some(default)) => Ok(self
                .silent(key, default, format!("{default:?}"))
                .to_string()),
            (None, None) => Err(self.missing(key, "a string")),
        }
    }

    /// A string that stands in tables, figures and progress: short, on one line, not empty.
    pub fn label(&self, key: &'static str, default: Option<&str>) -> Result<String> {
        let text = self.text(key, default)?;
        let length = text.chars().count();
        let wrong = if text.trim().is_empty() {
            "empty; give it a word, or leave the key out".to_string()
        } else if length > LONGEST_LABEL {
            format!("{length} characters long; {LONGEST_LABEL} are the most")
        } else if text.contains(acts) {
            "on several lines; write it on one".to_string()
        } else {
            return Ok(text);
        };
        Err(self.error(key, wrong))
    }

    /// An array of strings; none where the file is silent.
    pub fn texts(&self, key: &'static str) -> Result<Vec<String>> {
        self.note(key, || "a list of strings".into(), None, "");
        let Some(node) = self.get(key) else {
            return Ok(Vec::new());
        };
        let Value::List(items) = &node.value else {
            return Err(self.wrong(key, node, "an array of strings"));
        };
        items
            .iter()
            .map(|item| match &item.value {
                Value::Text(text) => self.clean(key, text),
                _ => Err(self.wrong(key, item, "a string")),
            })
            .collect()
    }

    /// One of `known` names; an unknown one is answered with the nearest.
    pub fn choice<'k>(
        &self,
        key: &'static str,
        default: Option<&str>,
        known: &[&'k str],
    ) -> Result<&'k str> {
        self.note(
            key,
            || format!("one of {}", known.join(", ")),
            default.map(|d| format!("{d:?}")),
            "",
        );
        let given = self.text(key, default)?;
        known.iter().copied().find(|k| *k == given).ok_or_else(|| {
            let hint = nearest(&given, known.iter().copied())
                .map_or(".".to_string(), formula::did_you_mean);
            self.error(
                key,
                format!(
                    "unknown name `{given}`{hint} There are {}",
                    known.join(", ")
                ),
            )
        })
    }

    /// The table at `key`, if the file has it.
    pub fn section(&self, key: &'static str) -> Result<Option<Section<'a>>> {
        self.get(key)
            .map(|node| {
                let place = within(&self.place, key);
                Section::at(&self.full(key), place, node)
            })
            .transpose()
    }

    /// The table at `key`.
    pub fn required_section(&self, key: &'static str) -> Result<Section<'a>> {
        self.section(key)?
            .ok_or_else(|| self.missing(key, &format!("a table [{}]", self.full(key))))
    }

    /// The array of tables at `key`; a single table counts as one.
    pub fn sections(&self, key: &'static str) -> Result<Vec<Section<'a>>> {
        let Some(node) = self.get(key) else {
            return Ok(Vec::new());
        };
        let path = self.full(key);
        match &node.value {
            Value::List(items) if items.is_empty() => {
                Err(self.error(key, "an empty list; give at least one"))
            }
            Value::List(items) => (0..)
                .zip(items)
                .map(|(k, n)| {
                    let place = within(&within(&self.place, key), &format!("{k}"));
                    Section::at(&path, place, n)
                })
                .collect(),
            _ => {
                let place = within(&self.place, key);
                Ok(vec![Section::at(&path, place, node)?])
            }
        }
    }

    /// A matrix as an array of rows, if the file has it.
    pub fn matrix(&self, key: &'static str) -> Result<Option<nalgebra::DMatrix<f64>>> {
        self.note(key, || "a matrix, row by row".into(), None, "");
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        let expected = "an array of rows of numbers, all of one length";
        let Value::List(rows) = &node.value else {
            return Err(self.wrong(key, node, expected));
        };
        let mut values = Vec::new();
        let mut columns = None;
        for row in rows {
            let Value::List(items) = &row.value else {
                return Err(self.wrong(key, row, expected));
            };
            if items.is_empty() || *columns.get_or_insert(items.len()) != items.len() {
                return Err(self.error(key, expected));
            }
            for item in items {
                values.push(self.as_number(key, item)?);
            }
        }
        let Some(columns) = columns else {
            return Err(self.error(key, expected));
        };
        Ok(Some(nalgebra::DMatrix::from_row_slice(
            rows.len(),
            columns,
            &values,
        )))
    }

    /// Refuses every key that was not asked for, with the nearest one that was.
    pub fn finish(&self) -> Result<()> {
        let asked = self.asked.borrow();
        for (key, node) in self.entries {
            if !asked.contains(&key.as_str()) {
                let hint = if ["seed", "threads", "out", "scale", "device"].contains(&key.as_str())
                {
                    format!("; give it on the command line: --{key}.")
                } else {
                    nearest(key, asked.iter().copied())
                        .map_or(".".to_string(), formula::did_you_mean)
                };
                let mut known: Vec<&str> = asked.clone();
                known.sort_unstable();
                known.dedup();
                return Err(Error::Input(format!(
                    "{}: unknown key `{}`{hint} Known here: {}",
                    node.origin,
                    self.full(key),
                    known.join(", ")
                )));
            }
        }
        Ok(())
    }
}
