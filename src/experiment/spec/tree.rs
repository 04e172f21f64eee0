//! A TOML document as a tree in which every value knows its line and column.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use base::error::{Error, Result};

/// The text of a file, and where its lines begin.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    path: String,
    text: String,
    lines: Vec<usize>,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Source {
            path: path.into(),
            text: text.into(),
            lines: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// `file:line:column` of the byte at `at`; counted only when a message asks for it.
    fn place(&self, at: usize) -> String {
        let line = self.lines.partition_point(|begin| *begin <= at).max(1);
        let before = self.text.get(self.lines[line - 1]..at).unwrap_or("");
        format!("{}:{line}:{}", self.path, before.chars().count() + 1)
    }
}

/// Where a value stands: in a file, or in the command-line option that set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    at: Where,
    /// The scale that put it there.
    scale: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Where {
    Option(String),
    File {
        source: Arc<Source>,
        at: usize,
        /// The first character of a string that is written as it reads.
        first: Option<usize>,
    },
}

impl Origin {
    fn new(at: Where) -> Self {
        Origin { at, scale: None }
    }

    /// The path of the file.
    pub fn file(&self) -> Option<&Path> {
        match &self.at {
            Where::File { source, .. } => Some(Path::new(&source.path)),
            Where::Option(_) => None,
        }
    }

    /// The place, and the scale that the value belongs to.
    pub fn said(&self) -> String {
        match &self.scale {
            Some(scale) => format!("[scale.{scale}] {self}"),
            None => self.to_string(),
        }
    }

    /// Where character `at` of the string `text` stands; where the string itself begins if it has escapes
    /// or was set on the command line.
    pub fn of_character(&self, text: &str, at: usize) -> String {
        match &self.at {
            Where::File {
                source,
                first: Some(first),
                ..
            } => {
                // A line break may be written as two characters and read as one.
                let breaks = text.chars().take(at).filter(|c| *c == '\n').count();
                let within = text.chars().take(at).collect::<String>();
                let within = within.rsplit('\n').next().unwrap_or("").len();
                let line = source.lines.partition_point(|begin| begin <= first) - 1;
                let begin = match breaks {
                    0 => *first,
                    _ => source.lines.get(line + breaks).copied().unwrap_or(*first),
                };
                source.place(begin + within)
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Where::Option(option) => f.write_str(option),
            Where::File { source, at, .. } => f.write_str(&source.place(*at)),
        }
    }
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub origin: Origin,
    /// What it is.
    pub value: Value,
}

/// A TOML value; dates do not occur in experiments and are refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A number with a fraction or exponent.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// A table, in the order of the file.
    Table(Vec<(String, Node)>),
}

impl Value {
    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Bool(_) => "true or false",
            Value::Text(_) => "a string",
            Value::List(_) => "an array",
            Value::Table(_) => "a table",
        }
    }
}

/// An experiment file, as written.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file's path, for messages.
    pub path: String,
    /// The top-level table.
    pub root: Node,
}

impl Document {
    /// Reads and parses `path`.
    ///
    /// # Errors
    /// The file cannot be read, is too large, or is not TOML: with line, column and what was expected.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_as(path, EXPERIMENT)
    }

    /// The same of a file that is called something else where it cannot be read.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn read_as(path: &Path, called: &str) -> Result<Self> {
        Self::parse(&path.display().to_string(), &text_of(path, called)?)
    }

    /// Parses the text of an experiment file; `path` is used in messages.
    ///
    /// # Errors
    /// The text is not TOML.
    pub fn parse(path: &str, text: &str) -> Result<Self> {
        let source = Arc::new(Source::new(path, text));
        let origin = |at: Range<usize>| {
            let written = text.get(at.clone()).unwrap_or("");
            Origin::new(Where::File {
                source: source.clone(),
                at: at.start,
                first: content(written).map(|skip| at.start + skip),
            })
        };
        let table = DeTable::parse(text).map_err(|e| {
            let place = origin(e.span().unwrap_or(0..0));
            Error::Input(format!("{place}: not TOML: {}", e.message()))
        })?;
        let root = Node {
            origin: origin(0..0),
            value: convert_table(table.get_ref(), &origin)?,
        };
        Ok(Document {
            path: path.to_string(),
            root,
        })
    }

    /// Applies `[scale.NAME]`: each of its keys replaces the value at that path. The `scale` table is
    /// removed, whichever scale is chosen.
    ///
    /// # Errors
    /// A path leads through something that is not a table.
    pub fn apply_scale(&mut self, scale: &str) -> Result<()> {
        let Value::Table(entries) = &mut self.root.value else {
            return Ok(());
        };
        let Some(position) = entries.iter().position(|(key, _)| key == "scale") else {
            return Ok(());
        };
        let (_, scales) = entries.remove(position);
        let Value::Table(scales) = scales.value else {
            return Err(Error::Input(format!(
                "{}: scale must be tables [scale.smoke], [scale.standard], [scale.paper]",
                scales.origin
            )));
        };
        for (name, node) in scales {
            if !["smoke", "standard", "paper"].contains(&name.as_str()) {
                return Err(Error::Input(format!(
                    "{}: unknown scale `{name}`; there are smoke, standard, paper",
                    node.origin
                )));
            }
            if name == scale {
                merge(&mut self.root, of_scale(node, &name.as_str().into()))?;
            }
        }
        Ok(())
    }

    /// Takes keys out of a table.
    pub fn leave_out(&mut self, table: &str, keys: &[&str]) {
        let Value::Table(entries) = &mut self.root.value else {
            return;
        };
        for (_, node) in entries.iter_mut().filter(|(name, _)| name == table) {
            if let Value::Table(own) = &mut node.value {
                own.retain(|(key, _)| !keys.contains(&key.as_str()));
            }
        }
    }

    /// Applies `--set key=value`, where `key` is a dotted path and `value` is TOML; a bare word counts
    /// as a string.
    ///
    /// # Errors
    /// No `=`, or a path through something that is not a table.
    pub fn apply_set(&mut self, assignment: &str) -> Result<()> {
        let option = format!("--set {}", shortened(assignment));
        let Some((path, text)) = assignment.split_once('=') else {
            return Err(Error::Input(format!(
                "{option}: expected key=value, e.g. --set ensemble.particles=1000"
            )));
        };
        let origin = Origin::new(Where::Option(option));
        let text = text.trim();
        let mut node = match DeValue::parse(text) {
            Ok(parsed) if !matches!(parsed.get_ref(), DeValue::Datetime(_)) => {
                convert(&parsed, &|_| origin.clone())?
            }
            Err(error) if text.starts_with(['[', '{', '"', '\'']) => {
                return Err(Error::Input(format!(
                    "{origin}: not TOML: {}",
                    error.message()
                )));
            }
            _ => Node {
                origin: origin.clone(),
                value: Value::Text(text.to_string()),
            },
        };
        for key in path.trim().rsplit('.') {
            node = Node {
                origin: origin.clone(),
                value: Value::Table(vec![(key.to_string(), node)]),
            };
        }
        merge(&mut self.root, node)
    }
}

/// What is read, where nothing else is.
pub const EXPERIMENT: &str = "experiment file";

/// Largest experiment file.
const LARGEST: u64 = 64 << 20;

/// The text of a file, which is `called` so, and may be a pipe but not without end.
///
/// # Errors
/// It cannot be read, is too large, or is not UTF-8.
pub fn text_of(path: &Path, called: &str) -> Result<String> {
    let cannot = |why: &dyn fmt::Display| {
        Error::Input(format!(
            "cannot read the {called} {}: {why}",
            path.display()
        ))
    };
    let mut text = Vec::new();
    let file = File::open(path).map_err(|e| cannot(&e))?;
    let mut bounded = file.take(LARGEST + 1);
    bounded.read_to_end(&mut text).map_err(|e| cannot(&e))?;
    if text.len() as u64 > LARGEST {
        return Err(cannot(&format!(
            "it is larger than 64 MiB, which no {called} is"
        )));
    }
    String::from_utf8(text).map_err(|e| cannot(&format!("it is not UTF-8 text: {e}")))
}

/// What a message repeats of what was given on the command line.
pub fn shortened(assignment: &str) -> String {
    const MOST: usize = 80;
    match assignment.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &assignment[..at]),
        None => assignment.into(),
    }
}

/// The node and all below it, as what that scale says.
fn of_scale(mut node: Node, scale: &Arc<str>) -> Node {
    node.origin.scale = Some(scale.clone());
    node.value = match node.value {
        Value::List(items) => Value::List(items.into_iter().map(|n| of_scale(n, scale)).collect()),
        Value::Table(entries) => {
            let each = entries.into_iter();
            Value::Table(each.map(|(key, n)| (key, of_scale(n, scale))).collect())
        }
        value => value,
    };
    node
}

/// Puts `patch` into `target`: tables merge key by key, an array of tables takes a table of
/// `name = {…}` (or index) patches for its elements, everything else is replaced.
fn merge(target: &mut Node, patch: Node) -> Result<()> {
    match (&mut target.value, patch.value) {
        (Value::Table(entries), Value::Table(patches)) => {
            for (key, node) in patches {
                match entries.iter_mut().find(|(k, _)| *k == key) {
                    Some((_, old)) => merge(old, node)?,
                    None => entries.push((key, node)),
                }
            }
            Ok(())
        }
        (Value::List(elements), Value::Table(patches)) => {
            for (key, node) in patches {
                let index = key
                    .parse()
                    .ok()
                    .or_else(|| elements.iter().position(|e| named(e, &key)));
                match index.and_then(|i: usize| elements.get_mut(i)) {
                    Some(element) => merge(element, node)?,
                    None => {
                        return Err(Error::Input(format!(
                            "{}: no element `{key}` to override, by index from 0 or by name",
                            node.origin
                        )));
                    }
                }
            }
            Ok(())
        }
        (_, value) => {
            *target = Node {
                origin: patch.origin,
                value,
            };
            Ok(())
        }
    }
}

fn named(node: &Node, wanted: &str) -> bool {
    let Value::Table(entries) = &node.value else {
        return false;
    };
    entries
        .iter()
        .any(|(key, n)| key == "name" && n.value == Value::Text(wanted.to_string()))
}

/// How many bytes of a TOML string as written come before its first character; `None` for what is no
/// string, or has escapes.
fn content(written: &str) -> Option<usize> {
    let quotes = ["\"\"\"", "'''", "\"", "'"];
    let quote = quotes.iter().find(|q| written.starts_with(**q))?;
    if quote.starts_with('"') && written.contains('\\') {
        return None;
    }
    let rest = written.get(quote.len()..)?;
    let newline = ["\r\n", "\n"].iter().find(|n| rest.starts_with(**n));
    // The first line break of a string of several lines is not part of it.
    let skipped = newline.filter(|_| quote.len() == 3).map_or(0, |n| n.len());
    Some(quote.len() + skipped)
}

fn convert_table(table: &DeTable<'_>, origin: &dyn Fn(Range<usize>) -> Origin) -> Result<Value> {
    let mut entries = Vec::new();
    let mut keys: Vec<_> = table.iter().collect();
    // The parser hands them out by the alphabet.
    keys.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in keys {
        let mut node = convert(value, origin)?;
        if matches!(node.value, Value::Table(_)) {
            node.origin = origin(key.span());
        }
        entries.push((key.get_ref().to_string(), node));
    }
    Ok(Value::Table(entries))
}

fn convert(value: &Spanned<DeValue<'_>>, origin: &dyn Fn(Range<usize>) -> Origin) -> Result<Node> {
    let place = origin(value.span());
    let bad = |what: &str| Error::Input(format!("{place}: {what}"));
    let converted = match value.get_ref() {
        DeValue::Integer(i) => {
            let digits = i.as_str().replace('_', "");
            i64::from_str_radix(&digits, i.radix())
                .map(Value::Integer)
                .map_err(|_| bad("a whole number beyond 64 bits"))?
        }
        DeValue::Float(x) => x
            .as_str()
            .replace('_', "")
            .parse()
            .map(Value::Float)
            .map_err(|_| bad("not a number"))?,
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::String(s) => Value::Text(s.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| convert(item, origin))
                .collect::<Result<_>>()?,
        ),
        DeValue::Table(table) => convert_table(table, origin)?,
        DeValue::Datetime(_) => return Err(bad("a date has no meaning in an experiment")),
    };
    Ok(Node {
        origin: place,
        value: converted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n[t]\nb = 2\n\"β\" = { c = [1.5, 2] }\n[[o]]\nname = \"x\"\n[[o]]\nname = \"y\"\n\
                        [scale.smoke]\nt.b = 3\no.y.eta = 0.5\n[scale.paper]\nt.d = 4\n";

    fn document() -> Document {
        Document::parse("f", TEXT).unwrap()
    }

    /// The node at a dotted path; numbers index arrays.
    fn at<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
        path.split('.')
            .try_fold(node, |node, key| match &node.value {
                Value::Table(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, n)| n),
                Value::List(items) => items.get(key.parse::<usize>().ok()?),
                _ => None,
            })
    }

    #[test]
    fn every_value_knows_its_line_and_column() {
        let document = document();
        for (path, origin) in [
            ("a", "f:1:5"),
            ("t", "f:2:2"),
            ("t.b", "f:3:5"),
            ("t.β.c.1", "f:4:19"),
        ] {
            let node = at(&document.root, path).unwrap();
            assert_eq!(node.origin.to_string(), origin, "{path}");
        }
    }

    #[test]
    fn every_character_of_a_string_knows_its_line_and_column() {
        let text = "a = \"x + θ*y\"\nb = '''\nx +\n  y'''\nc = \"x\\ty\"\n";
        let document = Document::parse("f", text).unwrap();
        for (path, character, place) in [
            ("a", 0, "f:1:6"),
            ("a", 6, "f:1:12"),
            ("b", 0, "f:3:1"),
            ("b", 6, "f:4:3"),
            ("c", 2, "f:5:5"),
        ] {
            let node = at(&document.root, path).unwrap();
            let Value::Text(text) = &node.value else {
                panic!("{node:?}");
            };
            assert_eq!(node.origin.of_character(text, character), place);
        }
        let mut set = document;
        set.apply_set("a=x + q").unwrap();
        let origin = &at(&set.root, "a").unwrap().origin;
        assert_eq!(origin.of_character("x + q", 4), "--set a=x + q");
    }

    #[test]
    fn a_scale_overrides_its_keys_only_and_is_then_gone() {
        for (scale, b, eta, d) in [
            ("smoke", 3, true, false),
            ("paper", 2, false, true),
            ("standard", 2, false, false),
        ] {
            let mut document = document();
            document.apply_scale(scale).unwrap();
            let root = &document.root;
            assert_eq!(at(root, "t.b").unwrap().value, Value::Integer(b));
            assert_eq!(at(root, "o.1.eta").is_some(), eta);
            assert_eq!(at(root, "t.d").is_some(), d);
            assert!(at(root, "o.0.eta").is_none() && at(root, "scale").is_none());
        }
    }

    #[test]
    fn a_setting_replaces_adds_and_names_itself() {
        let mut document = document();
        for setting in [
            "t.b = [1, 2]",
            "o.0.eta=1e-3",
            "o.x.label=plain word",
            "new.key=true",
        ] {
            document.apply_set(setting).unwrap();
        }
        let root = &document.root;
        assert!(matches!(&at(root, "t.b").unwrap().value, Value::List(items) if items.len() == 2));
        assert_eq!(at(root, "o.0.eta").unwrap().value, Value::Float(1e-3));
        assert_eq!(
            at(root, "o.0.label").unwrap().value,
            Value::Text("plain word".into())
        );
        assert_eq!(at(root, "new.key").unwrap().value, Value::Bool(true));
        assert_eq!(
            at(root, "new.key").unwrap().origin.to_string(),
            "--set new.key=true"
        );
        let matrix = format!("t.h=[{}", "1,".repeat(2500));
        for (setting, wanted) in [
            (matrix.as_str(), "1…: not TOML"),
            ("t.n=18446744073709551615", "a whole number beyond 64 bits"),
            ("t.b", "expected key=value"),
            ("o.z.eta=1", "no element `z`"),
            ("o.7.eta=1", "`7`"),
        ] {
            let message = document.apply_set(setting).unwrap_err().to_string();
            assert!(message.contains(wanted), "{message}");
            assert!(message.len() < 200, "{message}");
        }
    }

    /// Places are counted where a message asks for one: 90,000 values on one line, and on as many. Counting anew for
    /// each takes minutes, which is a hang here.
    #[test]
    fn reading_takes_time_in_proportion_to_the_text() {
        for separator in [",", ",\n"] {
            let row = format!("[{}]", vec!["1.5"; 300].join(separator));
            let text = format!("h = [{}]\n", vec![row; 300].join(separator));
            let (done, reading) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                let document = Document::parse("f", &text).unwrap();
                let last = at(&document.root, "h.299.299").unwrap();
                let _ = done.send(last.origin.to_string());
            });
            let place = reading.recv_timeout(std::time::Duration::from_secs(60));
            let place = place.expect("reading hangs");
            let wanted = if separator == "," { "f:1:" } else { "f:90000:" };
            assert!(place.starts_with(wanted), "{place}");
        }
    }
}
