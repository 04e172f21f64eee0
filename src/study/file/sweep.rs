//! The points of a sweep: keys of one `[[sweep]]` multiply, blocks unite, lists in other blocks multiply with all.

use std::collections::BTreeSet;

use base::error::Result;
use base::value::Value;
use experiment::memory;
use experiment::spec::{Node, Section, Value as Toml};
use formula::Tree;
use measurement::reading::Facts;

use super::block::Block;
use super::names::{Names, Nothing};

/// Axes that every record may have.
pub const RESERVED: [&str; 5] = ["process", "step", "time", "of", "sweep"];

/// Cells beyond which a file must say that they are meant.
const MANY: usize = 100_000;

/// Bytes of a cell while its file is resolved, from above.
const CELL: u64 = 8_000;

/// Refuses more cells than anybody wants by mistake, unless the file says that they are meant; and more than there is room for.
///
/// # Errors
/// How many they are, and what to do.
pub fn allowed(cells: usize, meant: bool, block: &Block) -> Result<()> {
    if cells <= MANY {
        return Ok(());
    }
    if !meant {
        let what = format!(
            "{cells} cells or more, where {MANY} are many; sweep less, or say that they are meant: --yes, or yes = true at the top of the file"
        );
        return Err(block.error("sweep", what));
    }
    let what = format!("a study of {cells} cells");
    memory::room(&what, CELL.saturating_mul(cells as u64), "sweep less", 0)
}

/// Every point of the sweep, in the order of the file, the last key fastest. A file without a sweep has one, of no axes.
///
/// # Errors
/// A block that sweeps nothing, an axis that two places sweep, too many points.
pub fn points(
    root: &Section<'_>,
    define: Option<&Block>,
    others: &[&Block],
    meant: bool,
) -> Result<Vec<Facts>> {
    let blocks = Block::all(root, "sweep")?;
    let named = blocks.iter().any(|block| block.get("name").is_some());
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for block in &blocks {
        if let Some(key) = RESERVED.iter().find(|key| block.get(key).is_some()) {
            let what = "is an axis of the record's own; give yours another name";
            return Err(block.error(key, what));
        }
        let mut points = vec![Facts::default()];
        if named {
            let name = block.word("name").unwrap_or("sweep");
            if !names.insert(name.to_string()) {
                let what = format!("two blocks are called `{name}`; give each a name of its own");
                return Err(block.error("name", what));
            }
            points[0].set("sweep", Value::Word(name.to_string()));
        }
        let mut axes = 0;
        for (key, node) in block.entries() {
            match (key.as_str(), &node.value) {
                ("name", _) => continue,
                ("zip", Toml::Table(entries)) => {
                    if let Some((key, _)) = entries.iter().find(|(key, _)| block.get(key).is_some())
                    {
                        let what =
                            format!("`{key}` stands in the block already; sweep it in one place");
                        return Err(block.error("zip", what));
                    }
                    points = product(points, zipped(block, entries, define)?, block, meant)?;
                }
                (_, Toml::List(items)) => {
                    let values = values(block, key, items, define)?;
                    let axis = values.into_iter().map(|value| vec![(key.clone(), value)]);
                    points = product(points, axis.collect(), block, meant)?;
                }
                _ => {
                    let what = "a sweep is a list of values; a single one stands in [define]";
                    return Err(block.error(key, what));
                }
            }
            axes += 1;
        }
        if axes == 0 {
            return Err(block.error(
                "sweep",
                "sweeps nothing; give a list, such as eta = [0.01, 0.02]",
            ));
        }
        allowed(all.len().saturating_add(points.len()), meant, block)?;
        all.extend(points);
    }
    if all.is_empty() {
        all.push(Facts::default());
    }
    for block in others {
        for (key, items) in block.swept() {
            if all.iter().any(|point| point.get(&key).is_some()) {
                let what = "is swept in two places; sweep it in one, and name it in the other";
                return Err(block.error(&key, what));
            }
            let values = values(block, &key, items, define)?;
            let axis = values.into_iter().map(|value| vec![(key.clone(), value)]);
            all = product(all, axis.collect(), block, meant)?;
        }
    }
    Ok(all)
}

/// Every point with every part of an axis.
pub fn product(
    points: Vec<Facts>,
    axis: Vec<Vec<(String, Value)>>,
    block: &Block,
    meant: bool,
) -> Result<Vec<Facts>> {
    allowed(points.len().saturating_mul(axis.len()), meant, block)?;
    let each = points.iter().flat_map(|point| {
        axis.iter().map(move |part| {
            let mut point = point.clone();
            for (name, value) in part {
                point.set(name, value.clone());
            }
            point
        })
    });
    Ok(each.collect())
}

fn zipped(
    block: &Block,
    entries: &[(String, Node)],
    define: Option<&Block>,
) -> Result<Vec<Vec<(String, Value)>>> {
    let mut axis: Vec<Vec<(String, Value)>> = Vec::new();
    for (i, (key, node)) in entries.iter().enumerate() {
        let Toml::List(items) = &node.value else {
            return Err(block.error(
                "zip",
                format!("`{key}` is no list; what is zipped goes in step"),
            ));
        };
        let values = listed(block, key, items, define)?;
        if i == 0 {
            axis = vec![Vec::new(); values.len()];
        }
        if values.len() != axis.len() {
            let what = format!(
                "`{key}` has {} values where the others have {}; lists in zip go in step",
                values.len(),
                axis.len()
            );
            return Err(block.error("zip", what));
        }
        for (part, value) in axis.iter_mut().zip(values) {
            part.push((key.clone(), value));
        }
    }
    if axis.is_empty() {
        return Err(block.error("zip", "empty; give at least one list"));
    }
    if let Some(again) = again(&axis) {
        let what = format!("its values at place {} occur twice", again + 1);
        return Err(block.error("zip", what));
    }
    Ok(axis)
}

/// Where what stood before stands again.
fn again<T: PartialEq>(all: &[T]) -> Option<usize> {
    (1..all.len()).find(|i| all[..*i].contains(&all[*i]))
}

/// The values of an axis, each once: numbers, formulas of what is defined, or words.
pub fn values(
    block: &Block,
    key: &str,
    items: &[Node],
    define: Option<&Block>,
) -> Result<Vec<Value>> {
    let found = listed(block, key, items, define)?;
    if let Some(again) = again(&found) {
        let what = format!("{} occurs twice in the sweep", found[again]);
        return Err(block.error(key, what));
    }
    Ok(found)
}

fn listed(block: &Block, key: &str, items: &[Node], define: Option<&Block>) -> Result<Vec<Value>> {
    let nowhere = Facts::default();
    let names = Names::new(None, &nowhere, define, &Nothing);
    let mut found: Vec<Value> = Vec::new();
    for item in items {
        let value = match &item.value {
            Toml::Integer(i) => Value::Number(*i as f64),
            Toml::Float(x) => Value::Number(*x),
            Toml::Bool(on) => Value::Number(f64::from(u8::from(*on))),
            Toml::Text(text) => {
                let number = Tree::parse(text).and_then(|tree| tree.number(&names));
                number.map_or_else(|_| Value::Word(text.clone()), Value::Number)
            }
            other => {
                return Err(block.error(key, format!("{} cannot be swept", other.kind())));
            }
        };
        if let Value::Number(x) = value
            && !x.is_finite()
        {
            return Err(block.error(key, "every value must be finite"));
        }
        found.push(value);
    }
    if found.is_empty() {
        return Err(block.error(key, "an empty sweep; give at least one value"));
    }
    Ok(found)
}
