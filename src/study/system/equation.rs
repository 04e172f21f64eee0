//! The blocks `[[sde]]`: SDEs by formula.

use base::error::{Error, Result};
use experiment::rules::{beside, of_coordinate};
use experiment::spec::{Node, Section, Value as Toml};
use formula::{Mistake, nearest};
use simulation::sde::Reading;
use simulation::sde::written::{Line, Multiplies, SdeFormula, WrongLine};

use super::formula::{Given, Settling, given};
use super::noise::On;
use crate::file::Block;

/// The readings, by their names in files.
pub const READINGS: [&str; 3] = ["ito", "stratonovich", "anti-ito"];

/// A reading by its name.
pub fn reading(name: &str) -> Reading {
    match name {
        "stratonovich" => Reading::Stratonovich,
        "anti-ito" => Reading::AntiIto,
        _ => Reading::Ito,
    }
}

/// An SDE by formula at a point of the sweep.
pub struct Written {
    /// The SDE.
    pub formula: SdeFormula,
    /// The process with what the SDE's hyper-parameters are if it leaves them out, but for those that change along the path.
    pub block: Block,
    /// The keys of the process that the SDE alone reads.
    pub hyper: Vec<String>,
}

/// What every line may name.
const NAMES: [&str; 5] = ["theta", "g", "loss", "step", "time"];

/// The names under which a process takes the blocks.
///
/// # Errors
/// A block without one, two of one name, a name of the lab's own, a key that there is not.
pub fn named(blocks: &[Block]) -> Result<Vec<&str>> {
    let mut all: Vec<&str> = Vec::new();
    for block in blocks {
        let section = Section::new("sde", &block.node)?;
        explained(&section);
        section.finish()?;
        let name = block.word("name").ok_or_else(|| {
            block.error("name", "is missing: a process takes the SDE by its name")
        })?;
        if ["overdamped", "underdamped", "of"].contains(&name) {
            return Err(block.error("name", "is an SDE of the lab's own; choose another name"));
        }
        if all.contains(&name) {
            return Err(block.error("name", format!("two SDEs are called `{name}`")));
        }
        for (name, _) in table(block, "hyper")? {
            let state = NAMES.contains(&name.as_str());
            let state =
                state.then(|| format!("`{name}` is a name of the state already; choose another"));
            if let Some(what) = state.or_else(|| beside(name)) {
                return Err(block.error("hyper", what));
            }
        }
        for (name, _) in table(block, "state")? {
            if let Some(what) = of_coordinate(name) {
                return Err(block.error("state", what));
            }
        }
        all.push(name);
    }
    Ok(all)
}

fn explained(section: &Section<'_>) {
    let lines = "lines `name = formula`, or a list of a formula for each coordinate";
    for (key, takes, meaning) in [
        (
            "name",
            "a string",
            "the name under which a process takes the SDE",
        ),
        ("source", "a string", "where it comes from"),
        (
            "hyper",
            "a table of numbers",
            "what a process may give as keys of its own, and what it is if left out",
        ),
        (
            "state",
            "a table of numbers",
            "what is remembered of each coordinate beside θ, and what it begins with",
        ),
        (
            "drift",
            lines,
            "b of dθ = b dt + B dW: of `theta` or of a name of the state for every coordinate, with `theta`, `g` (∇L) and what is remembered of it; of a coordinate by its name; a line of another name is one that later lines may name",
        ),
        (
            "noise",
            "as drift, or a matrix of formulas by rows",
            "what multiplies dW: a number for each coordinate, or a row for each coordinate and a column for each Brownian motion",
        ),
        (
            "reading",
            "\"ito\", \"stratonovich\" or \"anti-ito\"",
            "how the noise is read, Itô's if left out",
        ),
    ] {
        section.get(key);
        section.says(key, takes, meaning);
    }
}

/// A formula of a block, and where it stands.
struct Placed {
    of: String,
    /// As its text, blank before the formula.
    node: Node,
    /// Characters before the line.
    at: usize,
}

/// The SDE of a block, for a process that takes it.
///
/// # Errors
/// Whatever is wrong with it, at its character.
pub fn read(sde: &Block, process: &Block, on: &On<'_>) -> Result<Written> {
    let mut own = process.clone();
    let mut hyper = Vec::new();
    for (name, node) in table(sde, "hyper")? {
        let elsewhere = on.names.point.get(name).is_some()
            || on
                .names
                .define
                .is_some_and(|define| define.get(name).is_some());
        if on.variables.contains(name) {
            let what = format!("`{name}` is a coordinate already; choose another name");
            return Err(sde.error("hyper", what));
        }
        hyper.push(name.clone());
        if own.get(name).is_none() && !elsewhere {
            own.set(name, node.clone());
        }
    }
    let state = table(sde, "state")?;
    for (name, _) in state {
        let taken = NAMES.contains(&name.as_str()) || on.variables.contains(name);
        if taken {
            let what = format!("`{name}` is a name of the state already; choose another");
            return Err(sde.error("state", what));
        }
    }
    let drift = placed(sde, "drift", on)?
        .ok_or_else(|| sde.error("drift", "is missing: what moves the state, line by line"))?;
    let matrix = rows(sde)?;
    let noise = match &matrix {
        Some(_) => Vec::new(),
        None => placed(sde, "noise", on)?.unwrap_or_default(),
    };
    // What formulas may name of the state.
    let mut live: Vec<String> = on.variables.to_vec();
    for variable in on.variables {
        live.push(format!("{variable}.grad"));
        live.extend(state.iter().map(|(name, _)| format!("{variable}.{name}")));
    }
    live.extend(NAMES.map(String::from));
    live.extend(state.iter().map(|(name, _)| name.clone()));
    let lines = drift.iter().chain(&noise);
    live.extend(lines.map(|line| line.of.clone()));
    let names =
        crate::file::Names::new(Some(&own), on.names.point, on.names.define, on.names.facts);
    let begun = state.iter().map(|(name, node)| {
        let begin = match &node.value {
            Toml::Text(text) => names.number(sde, "state", node, text)?,
            Toml::Integer(i) => *i as f64,
            Toml::Float(x) => *x,
            _ => f64::NAN,
        };
        if !begin.is_finite() {
            return Err(sde.error("state", format!("`{name}` begins with no number")));
        }
        Ok((name.clone(), begin))
    });
    let begun = begun.collect::<Result<Vec<_>>>()?;
    let mut settling = Settling::over(&own, on.names, live);
    let mut settle = |key: &'static str, node: &Node| -> Result<String> {
        let given = Given {
            block: sde,
            key,
            node: node.clone(),
        };
        Ok(settling.item(&given, node)?.trim().to_string())
    };
    let mut settled = |key: &'static str, lines: &[Placed]| -> Result<Vec<Line>> {
        let line = |line: &Placed| {
            Ok(Line {
                of: line.of.clone(),
                formula: settle(key, &line.node)?,
            })
        };
        lines.iter().map(line).collect()
    };
    let lines = settled("drift", &drift)?;
    let multiplies = match &matrix {
        None => Multiplies::Lines(settled("noise", &noise)?),
        Some(rows) => Multiplies::Matrix(
            rows.iter()
                .map(|row| row.iter().map(|node| settle("noise", node)).collect())
                .collect::<Result<_>>()?,
        ),
    };
    let word = given(process, on.names, "reading").or_else(|| given(sde, on.names, "reading"));
    let how = match &word {
        None => "ito",
        Some(word) => match &word.node.value {
            Toml::Text(text) if READINGS.contains(&text.as_str()) => text.as_str(),
            other => {
                let shown = match other {
                    Toml::Text(text) => text.clone(),
                    other => other.kind().to_string(),
                };
                let hint =
                    nearest(&shown, READINGS).map_or_else(String::new, formula::did_you_mean);
                let what = format!(
                    "`{shown}` is no reading; there are {}{hint}",
                    READINGS.join(", ")
                );
                return Err(word.block.error("reading", what));
            }
        },
    };
    let formula = SdeFormula {
        variables: on.variables.to_vec(),
        state: begun,
        drift: lines,
        noise: multiplies,
        reading: reading(how),
        constants: settling.constants.clone(),
    };
    for name in &hyper {
        if !settling.used.contains(name) && !settling.constants.contains_key(name) {
            let what = format!("no line of the SDE reads `{name}`");
            return Err(sde.error("hyper", what));
        }
    }
    let unit = formula.on(on.landscape.build()?, 1.0, 1.0);
    let wrong = |wrong: WrongLine| -> Error {
        let lines = if wrong.key == "drift" { &drift } else { &noise };
        match (lines.get(wrong.line), sde.word(wrong.key)) {
            (Some(line), Some(text)) => {
                let mistake = Mistake {
                    at: line.at,
                    what: wrong.what,
                    text: text.to_string(),
                };
                let node = sde.get(wrong.key).unwrap_or(&sde.node);
                sde.mistaken(wrong.key, node, &mistake)
            }
            _ => sde.error(wrong.key, wrong.what),
        }
    };
    let (_, frame) = unit.map_err(wrong)?;
    if let Some(start) = &on.start
        && let Some(what) = frame.wrong_at(&frame.begin(start), 0)
    {
        let key = if what.starts_with("the drift") {
            "drift"
        } else {
            "noise"
        };
        return Err(sde.error(key, format!("{what}, where particles begin")));
    }
    hyper.extend(settling.used.iter().cloned());
    let inlined = settling.inlined.clone();
    for key in inlined {
        own.take(&key);
    }
    Ok(Written {
        formula,
        block: own,
        hyper,
    })
}

/// The entries of a table of the block.
fn table<'a>(block: &'a Block, key: &'static str) -> Result<&'a [(String, Node)]> {
    match block.get(key).map(|node| &node.value) {
        None => Ok(&[]),
        Some(Toml::Table(entries)) => Ok(entries),
        Some(_) => Err(block.error(
            key,
            "expected a table of names and numbers, such as { v = 1 }",
        )),
    }
}

/// The lines at a key; `None` where there is no such key.
fn placed(block: &Block, key: &'static str, on: &On<'_>) -> Result<Option<Vec<Placed>>> {
    let Some(node) = block.get(key) else {
        return Ok(None);
    };
    let text = match &node.value {
        Toml::List(items) => {
            let dim = on.variables.len();
            if items.len() != dim {
                let what = format!(
                    "{} formulas for {dim} coordinate{}; a list has one for each",
                    items.len(),
                    if dim == 1 { "" } else { "s" }
                );
                return Err(block.error(key, what));
            }
            let line = |(of, node): (&String, &Node)| Placed {
                of: of.clone(),
                node: node.clone(),
                at: 0,
            };
            return Ok(Some(on.variables.iter().zip(items).map(line).collect()));
        }
        Toml::Text(text) => text,
        other => {
            let what = format!("{} where lines `name = formula` are expected", other.kind());
            return Err(block.error(key, what));
        }
    };
    let mut found = Vec::new();
    let mut begin = 0;
    for line in text.split_inclusive(['\n', ';']) {
        let said = line.trim_end_matches(['\n', ';']);
        let said = said.split('#').next().unwrap_or("");
        let at = begin + said.chars().take_while(|c| c.is_whitespace()).count();
        if !said.trim().is_empty() {
            let Some((name, formula)) = said.split_once('=') else {
                let mistake = Mistake {
                    at,
                    what: "expected a line `name = formula`".into(),
                    text: text.clone(),
                };
                return Err(block.mistaken(key, node, &mistake));
            };
            // Blank, so that what is wrong with the formula is said at its character.
            let before = begin + name.chars().count() + 1;
            let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
            let mut padded: String = text.chars().take(before).map(blank).collect();
            padded += formula;
            found.push(Placed {
                of: name.trim().to_string(),
                node: Node {
                    origin: node.origin.clone(),
                    value: Toml::Text(padded),
                },
                at,
            });
        }
        begin += line.chars().count();
    }
    Ok(Some(found))
}

/// The rows of a matrix that multiplies dW; `None` where it is none.
fn rows(block: &Block) -> Result<Option<Vec<Vec<Node>>>> {
    let Some(Toml::List(items)) = block.get("noise").map(|node| &node.value) else {
        return Ok(None);
    };
    let row = |item: &Node| match &item.value {
        Toml::List(entries) => Some(entries.clone()),
        _ => None,
    };
    let rows: Vec<_> = items.iter().filter_map(row).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    if rows.len() != items.len() {
        return Err(block.error(
            "noise",
            "a matrix is a list of its rows, each a list of formulas",
        ));
    }
    Ok(Some(rows))
}
