//! Everything that a file may name, with what it means: `kramers list`, `kramers describe`, and the reference of the book.

use serde::Serialize;
use serde_json::Value;

use super::catalogue::{Catalogue, Shipped};
use super::network;
use base::error::Result;
use experiment::load::Experiment;
use experiment::spec::Key;
use experiment::vocabulary::Vocabulary;
use simulation::{landscape, noise, optimizer, sde};

/// Names of one kind.
#[derive(Debug, Serialize)]
pub struct Group {
    /// What they are, as `kramers list` takes it.
    pub kind: &'static str,
    /// The names.
    pub names: Vec<Named>,
}

/// A name.
#[derive(Debug, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// What it means; a formula where it has one.
    pub meaning: String,
    /// Where it comes from, or further words.
    pub more: Vec<String>,
    /// The keys that belong to it.
    pub keys: Vec<Key>,
}

/// The kinds, in the order of the reference.
pub const KINDS: [&str; 9] = [
    "protocols",
    "observables",
    "reductions",
    "facts",
    "landscapes",
    "noises",
    "optimizers",
    "integrators",
    "experiments",
];

/// The names of a kind.
///
/// # Errors
/// An experiment that the program carries cannot be read.
pub fn group(program: &Catalogue, kind: &'static str) -> Result<Group> {
    let listed = |all: &[(&str, &str)]| {
        let each = all.iter();
        each.map(|(name, meaning)| Named::new(name, meaning))
            .collect()
    };
    let names = match kind {
        "protocols" => protocols(program)?,
        "observables" => listed(study::observe::ENTRIES),
        "reductions" => listed(verdict::question::REDUCTIONS),
        "facts" => listed(study::system::facts::ENTRIES),
        "landscapes" => registered(serde_json::json!(landscape::registry::ENTRIES)),
        "noises" => registered(serde_json::json!(noise::registry::ENTRIES)),
        "optimizers" => registered(serde_json::json!(optimizer::registry::ENTRIES)),
        "integrators" => registered(serde_json::json!(sde::registry::ENTRIES)),
        _ => program
            .experiments
            .iter()
            .map(|file| experiment(file))
            .collect(),
    };
    Ok(Group { kind, names })
}

impl Named {
    fn new(name: &str, meaning: &str) -> Self {
        Named {
            name: name.to_string(),
            meaning: meaning.to_string(),
            more: Vec::new(),
            keys: Vec::new(),
        }
    }
}

/// Every protocol, with the keys that the carried experiments of it were asked for.
fn protocols(program: &Catalogue) -> Result<Vec<Named>> {
    let vocabulary: Vocabulary = network::vocabulary().with_papers(program.papers.clone());
    let mut all: Vec<Named> = vocabulary
        .protocols()
        .into_iter()
        .map(|name| Named::new(name, vocabulary.meaning(name).unwrap_or_default()))
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let examples = study::EXAMPLES.iter().map(|text| ("", *text));
    let carried = program
        .experiments
        .iter()
        .map(|file| (file.path, file.text));
    for (path, text) in carried.chain(examples) {
        // What needs data of the user's, or another build, is not read here.
        let Ok(read) = Experiment::parse_with(path, text, "standard", &[], &vocabulary) else {
            continue;
        };
        let Some(named) = all.iter_mut().find(|named| named.name == read.kind) else {
            continue;
        };
        for key in read.keys {
            let known = named
                .keys
                .iter()
                .any(|k| k.section == key.section && k.name == key.name);
            if !known {
                named.keys.push(key);
            }
        }
        if !path.is_empty() {
            named.more.push(format!("experiments/{path}"));
        }
    }
    Ok(all)
}

/// The entries of a registry.
fn registered(entries: Value) -> Vec<Named> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_string();
    let entries = entries.as_array().cloned().unwrap_or_default();
    let named = entries.iter().map(|entry| {
        let parameters = entry["parameters"].as_array().cloned().unwrap_or_default();
        let keys = parameters.iter().map(|p| Key {
            section: String::new(),
            name: text(p, "name"),
            takes: if p["switch"] == true {
                "true or false".into()
            } else {
                "a number".into()
            },
            default: p["default"].as_f64().map(|x| match p["switch"] == true {
                true => (x == 1.0).to_string(),
                false => experiment::spec::written(x),
            }),
            meaning: text(p, "meaning"),
        });
        let orders = match entry["additive"].is_null() {
            true => String::new(),
            false => orders(entry),
        };
        let more = [text(entry, "source"), text(entry, "scope"), orders];
        Named {
            name: text(entry, "name"),
            meaning: text(entry, "formula"),
            more: more.into_iter().filter(|said| !said.is_empty()).collect(),
            keys: keys.collect(),
        }
    });
    named.collect()
}

/// An experiment, with what its first lines say.
fn experiment(file: &Shipped) -> Named {
    let said = file.text.lines().take_while(|line| line.starts_with('#'));
    let said: Vec<&str> = said
        .map(|line| line.trim_start_matches('#').trim())
        .collect();
    Named::new(file.path, &said.join(" "))
}

/// What stands behind the name of a key: what it takes, and its default.
pub fn takes(key: &Key) -> String {
    match &key.default {
        Some(default) if default != "\"\"" => format!("{}; {default} if left out", key.takes),
        _ => key.takes.clone(),
    }
}

/// The reference of the book: every name of every kind, as Markdown.
///
/// # Errors
/// As [`group`].
pub fn reference(program: &Catalogue) -> Result<String> {
    let mut text = String::from(
        "# Reference\n\nWhat a file may name, as `kramers list` and `kramers describe` print it. This page is made by the program: \
         `kramers describe reference`.\n",
    );
    for kind in KINDS {
        let group = group(program, kind)?;
        let mut heading = kind.to_string();
        heading[..1].make_ascii_uppercase();
        text += &format!("\n## {heading}\n");
        let plain = group
            .names
            .iter()
            .all(|named| named.keys.is_empty() && named.more.is_empty());
        if plain {
            text += "\n| name | meaning |\n|---|---|\n";
            for named in &group.names {
                text += &format!("| `{}` | {} |\n", named.name, cell(&named.meaning));
            }
            continue;
        }
        for named in &group.names {
            text += &format!("\n### {}\n\n{}\n", named.name, cell(&named.meaning));
            for said in &named.more {
                text += &format!("\n{}\n", cell(said));
            }
            if named.keys.is_empty() {
                continue;
            }
            text += "\n| key | takes | meaning |\n|---|---|---|\n";
            for key in &named.keys {
                let place = match key.section.as_str() {
                    "" => key.name.clone(),
                    section => format!("{section}.{}", key.name),
                };
                text += &format!(
                    "| `{place}` | {} | {} |\n",
                    cell(&takes(key)),
                    cell(&key.meaning)
                );
            }
        }
    }
    Ok(text)
}

/// Text within a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The declared orders of an integrator; JSON has no infinity, which an exact one declares.
fn orders(entry: &serde_json::Value) -> String {
    let order = |value: &serde_json::Value| match value.as_f64() {
        Some(order) => order.to_string(),
        None => "∞".to_string(),
    };
    let additive = &entry["additive"];
    format!(
        "weak order {}, strong {}; in additive noise {} and {}",
        order(&entry["weak_order"]),
        order(&entry["strong_order"]),
        order(&additive["weak"]),
        order(&additive["strong"])
    )
}
