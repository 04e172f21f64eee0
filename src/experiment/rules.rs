//! `[[rule]]` and `rules = […]`: update rules by formula, in an experiment or in files of their own.

use std::path::Path;

use base::error::{Error, Result};
use formula::Mistake;
use simulation::optimizer::Entry;
use simulation::optimizer::registry::Rules;
use simulation::optimizer::written::{self, Hyper, Text, Wrong};

use crate::spec::{Document, Node, Section, Value, written as shown};

/// What is read.
const FILE: &str = "file of rules";

/// Keys that stand beside the hyper-parameters of a rule or of an SDE, in blocks that take one, or name what formulas there name.
pub const BESIDE: [&str; 21] = [
    "name",
    "label",
    "schedule",
    "optimizer",
    "sde",
    "of",
    "order",
    "reading",
    "integrator",
    "dt",
    "clock",
    "reference",
    "landscape",
    "noise",
    "start",
    "process",
    "step",
    "time",
    "loss",
    "stream",
    "two_batch",
];

/// Names that formulas of a study have for more of a coordinate than what is remembered of it: `x.u` is its update.
pub const OF_COORDINATE: [&str; 4] = ["u", "prev", "start", "grad"];

/// Why a hyper-parameter may not be called so, where it may not.
pub fn beside(name: &str) -> Option<String> {
    BESIDE.contains(&name).then(|| {
        format!("`{name}` is a key or a name of its own where the hyper-parameter would be given; choose another name")
    })
}

/// Why what is remembered of a coordinate may not be called so, where it may not.
pub fn of_coordinate(name: &str) -> Option<String> {
    OF_COORDINATE.contains(&name).then(|| {
        format!(
            "`{name}` is a name of each coordinate already, as in `x.{name}`; choose another name"
        )
    })
}

/// The rules that an experiment may name: those it is given, those of the files that it names, and its own.
///
/// # Errors
/// Whatever is wrong with one of its own, at its character.
pub fn of(root: &Section<'_>, given: &Rules) -> Result<Rules> {
    root.says(
        "rules",
        "an array of paths",
        "files of update rules by formula, relative to this one",
    );
    let mut rules = given.clone();
    let folder = root.get("rules").and_then(|node| node.origin.file());
    let folder = folder.and_then(Path::parent).unwrap_or(Path::new(""));
    for path in root.texts("rules")? {
        let path = folder.join(path);
        let document =
            Document::read_as(&path, FILE).map_err(|error| root.error("rules", error))?;
        rules = file(&document, rules)?;
    }
    own(root, rules)
}

/// The rules of a file, whatever the lab calls its own.
///
/// # Errors
/// The file cannot be read, has none, or what is wrong with one.
pub fn read(path: &Path) -> Result<Vec<&'static Entry>> {
    let document = Document::read_as(path, FILE)?;
    let rules = file(&document, Rules::none())?;
    let names = rules.names();
    Ok(names.iter().filter_map(|name| rules.find(name)).collect())
}

/// `rules`, and those of a text; `path` is used in messages.
///
/// # Errors
/// What is wrong with one.
pub fn carried(path: &str, text: &str, rules: Rules) -> Result<Rules> {
    file(&Document::parse(path, text)?, rules)
}

fn file(document: &Document, rules: Rules) -> Result<Rules> {
    let root = Section::new("", &document.root)?;
    let rules = own(&root, rules)?;
    root.finish()?;
    if root.get("rule").is_none() {
        return Err(root.error("rule", "is missing: the file holds no [[rule]]"));
    }
    Ok(rules)
}

fn own(root: &Section<'_>, mut rules: Rules) -> Result<Rules> {
    for section in root.sections("rule")? {
        let text = text(&section)?;
        if rules.find(&text.name).is_some() {
            let what = format!(
                "there is a rule `{}` already; choose another name",
                text.name
            );
            return Err(section.error("name", what));
        }
        clashes(&text).map_err(|wrong| error(&section, &wrong))?;
        let entry = written::entry(&text).map_err(|wrong| error(&section, &wrong))?;
        rules = rules.with(entry);
    }
    Ok(rules)
}

/// Refuses names that mean something else where rules are taken.
fn clashes(text: &Text) -> std::result::Result<(), Wrong> {
    let hypers = text
        .hyper
        .iter()
        .map(|hyper| ("hyper", &hyper.name, beside(&hyper.name)));
    let states = text
        .state
        .iter()
        .map(|(name, _)| ("state", name, of_coordinate(name)));
    let found = hypers.chain(states).find_map(|(table, name, what)| {
        let key = format!("{table}.{name}");
        let (at, text) = (0, name.clone());
        what.map(|what| Wrong {
            key,
            mistake: Mistake { at, what, text },
        })
    });
    found.map_or(Ok(()), Err)
}

/// What is wrong with a rule, at its character.
fn error(section: &Section<'_>, Wrong { key, mistake }: &Wrong) -> Error {
    let what = format!("{}{}", mistake.what, mistake.picture());
    let (outer, inner) = key.split_once('.').unwrap_or((key, ""));
    let table = ["hyper", "scalar", "state"]
        .into_iter()
        .find(|table| *table == outer);
    match table.and_then(|table| section.section(table).ok().flatten()) {
        Some(table) => table.error_within(inner, &mistake.text, mistake.at, what),
        None => section.error_within(outer, &mistake.text, mistake.at, what),
    }
}

fn text(section: &Section<'_>) -> Result<Text> {
    section.means(
        "name",
        "the name under which a process or an optimizer takes the rule",
    );
    section.means("source", "where the rule comes from");
    section.says(
        "hyper",
        "a table",
        "hyper-parameters: a default, or { default, range = [low, high] }; true and false are 1 and 0",
    );
    section.says(
        "scalar",
        "a table",
        "what a particle remembers, by name, with its start: a number or a hyper-parameter",
    );
    section.means("tick", "lines `name = formula` that advance it once a step");
    section.says(
        "state",
        "a table",
        "what a coordinate remembers, by name, with its start: a number, a hyper-parameter, or \"theta\"",
    );
    section.means(
        "step",
        "lines `name = formula`, of which one sets `update`: θ ← θ − update",
    );
    section.means("at", "where the gradient is taken, if not at θ");
    section.means(
        "decay",
        "c_t, by which weight decay beside the update is scaled",
    );
    let optional = |key: &'static str| -> Result<Option<String>> {
        section
            .get(key)
            .map(|_| section.text(key, None))
            .transpose()
    };
    let rule = Text {
        name: section.label("name", None)?,
        source: section.text("source", Some(""))?,
        hyper: hypers(section)?,
        scalar: memory(section, "scalar")?,
        tick: section.text("tick", Some(""))?,
        state: memory(section, "state")?,
        step: section.text("step", None)?,
        at: optional("at")?,
        decay: optional("decay")?,
    };
    section.finish()?;
    Ok(rule)
}

fn memory(section: &Section<'_>, key: &'static str) -> Result<Vec<(String, String)>> {
    let Some(table) = section.section(key)? else {
        return Ok(Vec::new());
    };
    let start = |(name, node): &(String, Node)| {
        let start = match &node.value {
            Value::Text(text) => text.clone(),
            Value::Integer(i) => i.to_string(),
            Value::Float(x) if x.is_finite() => shown(*x),
            _ => {
                let what = "expected a start: a number, or a formula of hyper-parameters";
                return Err(table.error(name, what));
            }
        };
        Ok((name.clone(), start))
    };
    table.entries().iter().map(start).collect()
}

/// What a hyper-parameter may be that says no range.
const ANY: [f64; 2] = [-1e300, 1e300];

fn hypers(section: &Section<'_>) -> Result<Vec<Hyper>> {
    let Some(table) = section.section("hyper")? else {
        return Ok(Vec::new());
    };
    let hyper = |(name, node): &(String, Node)| {
        let plain = |default, range| Hyper {
            name: name.clone(),
            default: Some(default),
            range,
            switch: false,
        };
        match node.value {
            Value::Float(x) if x.is_finite() => Ok(plain(x, ANY)),
            Value::Integer(i) => Ok(plain(i as f64, ANY)),
            Value::Bool(on) => Ok(Hyper {
                switch: true,
                ..plain(f64::from(u8::from(on)), [0.0, 1.0])
            }),
            Value::Table(_) => ranged(name, &Section::new(&format!("rule.hyper.{name}"), node)?),
            _ => Err(table.error(
                name,
                "expected a default, or { default = 0.9, range = [0, 1] }",
            )),
        }
    };
    table.entries().iter().map(hyper).collect()
}

fn ranged(name: &str, section: &Section<'_>) -> Result<Hyper> {
    let [low, high] = match section.get("range") {
        None => ANY,
        Some(_) => match section.list("range")?[..] {
            [low, high] if low <= high => [low, high],
            _ => return Err(section.error("range", "expected [low, high], the lower first")),
        },
    };
    let default = match section.get("default") {
        None => None,
        Some(_) => {
            Some(section.number("default", None, low..=high, "a default within its range")?)
        }
    };
    section.finish()?;
    Ok(Hyper {
        name: name.to_string(),
        default,
        range: [low, high],
        switch: false,
    })
}

/// For tests: SGD whose θ stays where it starts until step 5, which takes it to z; gradients are taken at z alone.
#[cfg(test)]
pub const LATE: &str = r#"
[[rule]]
name = "late"
state = { z = "theta" }
at = "z"
step = """
z = z - eta*g
update = where(t > 4.5, theta - z, 0)
"""
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        carried("f.toml", text, Rules::none())
            .unwrap_err()
            .to_string()
    }

    /// A file that is named for its rules has some.
    #[test]
    fn a_file_without_rules() {
        for text in ["", "# nothing yet\n"] {
            let said = refused(text);
            assert!(
                said.contains("f.toml") && said.contains("holds no [[rule]]"),
                "{said}"
            );
        }
    }

    /// Names that blocks which take a rule, or formulas of a study, have for something else.
    #[test]
    fn names_that_clash() {
        let rule = |hyper: &str, state: &str| {
            format!(
                "[[rule]]\nname = \"own\"\nhyper = {{ {hyper} = 0.9 }}\nstate = {{ {state} = 0 }}\nstep = \"\"\"\n{state} = {hyper}*{state} + g\nupdate = eta*{state}\n\"\"\"\n"
            )
        };
        assert!(carried("f.toml", &rule("k", "m"), Rules::none()).is_ok());
        for name in BESIDE {
            let said = refused(&rule(name, "m"));
            assert!(
                said.contains("f.toml:3:") && said.contains("choose another name"),
                "{said}"
            );
        }
        for name in OF_COORDINATE {
            let said = refused(&rule("k", name));
            let what = format!("as in `x.{name}`");
            assert!(said.contains("f.toml:4:") && said.contains(&what), "{said}");
        }
    }
}
