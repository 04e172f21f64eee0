//! `[define]`: names of one's own.

use base::error::Result;
use experiment::spec::{Section, Value as Toml};
use formula::Tree;
use measurement::reading::Facts;
use simulation::noise::covariance::STATE;

use crate::cell::Cell;
use crate::file::Block;

/// Refuses defines that go in a circle, and names in them that stand for nothing anywhere in the file.
pub(super) fn defines(
    define: &Block,
    root: &Section<'_>,
    points: &[Facts],
    cells: &[Cell],
) -> Result<()> {
    let tree = |key: &str| match define.get(key).map(|node| &node.value) {
        Some(Toml::Text(text)) => Tree::parse(text).ok(),
        _ => None,
    };
    let swept = |name: &str| points.iter().any(|point| point.get(name).is_some());
    let mut keys: Vec<String> = Vec::new();
    for key in [
        "landscape",
        "noise",
        "start",
        "process",
        "observe",
        "ensemble",
        "sweep",
    ] {
        for block in Block::all(root, key)? {
            keys.extend(block.entries().iter().map(|(key, _)| key.clone()));
        }
    }
    let elsewhere = |name: &str| {
        let of_cell = |cell: &Cell| {
            cell.facts.get(name).is_some() || cell.system.variables.iter().any(|v| *v == name)
        };
        let facts = crate::system::facts::ENTRIES
            .iter()
            .any(|(fact, _)| *fact == name);
        keys.iter().any(|key| key == name)
            || facts
            || cells.iter().any(of_cell)
            || STATE.contains(&name)
    };
    for (key, node) in define.entries() {
        let Some(own) = tree(key) else {
            continue;
        };
        for (at, name) in own.names() {
            if define.get(&name).is_none()
                && !swept(&name)
                && !elsewhere(&name)
                && !name.contains('.')
            {
                let mistake = own.mistake(
                    at,
                    format!("unknown name `{name}`; nothing in the file is called so"),
                );
                return Err(define.mistaken(key, node, &mistake));
            }
        }
        // From name to name, as long as each is a define and nothing that is swept goes before it.
        let mut way = vec![key.clone()];
        let mut open: Vec<(usize, String)> =
            own.names().into_iter().map(|(_, name)| (1, name)).collect();
        while let Some((depth, name)) = open.pop() {
            way.truncate(depth);
            if swept(&name) || elsewhere(&name) {
                continue;
            }
            if name == *key {
                way.push(name);
                let what = format!("goes in a circle: {}", way.join(" → "));
                return Err(define.error(key, what));
            }
            if way.contains(&name) {
                continue;
            }
            way.push(name.clone());
            if let Some(next) = tree(&name) {
                open.extend(next.names().into_iter().map(|(_, name)| (way.len(), name)));
            }
        }
    }
    Ok(())
}
