//! The block `[landscape]`.

use base::error::Result;
use experiment::spec::{Node, Section, Value as Toml};
use experiment::surface::Surface;
use simulation::landscape::expression::Formula;
use simulation::landscape::registry::ENTRIES;

use super::{data, driving};
use crate::file::{Block, Names};

/// The landscape at a point of the sweep, with the names of its coordinates. A formula's parameters are what is swept or
/// defined under their names.
///
/// # Errors
/// Whatever is wrong with it.
pub fn read(
    block: &Block,
    names: &Names<'_>,
    known: &data::Known,
) -> Result<(Surface, Vec<String>)> {
    if block.get("loss").is_some() || block.get("data").is_some() {
        return data::read(block, names, known);
    }
    if let Some(text) = block.word("expression")
        && driving::is_driven(
            text,
            &Names::new(Some(block), names.point, names.define, names.facts),
        )
    {
        return driving::read(block, text, names);
    }
    let wanted: Vec<&str> = ENTRIES
        .iter()
        .filter(|entry| Some(entry.name) == block.word("name"))
        .flat_map(|entry| entry.parameters.iter().map(|p| p.name))
        .collect();
    let mut concrete = names.concrete(block, &wanted)?;
    let mut variables = Vec::new();
    if let Some(text) = concrete.word("expression").map(str::to_string) {
        parameters(&mut concrete, block, &text, names)?;
        variables = given(&concrete);
    }
    let section = Section::new("landscape", &concrete.node)?;
    let surface = Surface::read(&section)?;
    let dim = surface.build()?.dim();
    if let Some(formula) = &surface.formula
        && variables.is_empty()
    {
        variables = formula.names().unwrap_or_default();
    }
    if variables.len() != dim {
        let letters = ["x", "y", "z"];
        let base = variables
            .first()
            .cloned()
            .unwrap_or_else(|| "x".to_string());
        variables = if dim == 1 {
            vec![base]
        } else if dim <= letters.len() && variables.is_empty() {
            letters[..dim].iter().map(|name| name.to_string()).collect()
        } else {
            (1..=dim).map(|i| format!("{base}{i}")).collect()
        };
    }
    Ok((surface, variables))
}

fn given(block: &Block) -> Vec<String> {
    let Some(Toml::List(items)) = block.get("variables").map(|node| &node.value) else {
        return Vec::new();
    };
    let names = items.iter().filter_map(|item| match &item.value {
        Toml::Text(name) => Some(name.clone()),
        _ => None,
    });
    names.collect()
}

/// Puts the values of a formula's parameters into its block: of its own keys, of what is swept, of what is defined.
fn parameters(concrete: &mut Block, block: &Block, text: &str, names: &Names<'_>) -> Result<()> {
    let node = block.get("expression").unwrap_or(&block.node).clone();
    let mut wanted = Vec::new();
    let variables = given(concrete);
    let unknown = if variables.is_empty() {
        Formula::parameters_of(text).map_err(|m| block.mistaken("expression", &node, &m))?
    } else {
        let found =
            formula::loose_names(text).map_err(|m| block.mistaken("expression", &node, &m))?;
        let found = found
            .into_iter()
            .filter(|name| !name.called)
            .map(|name| name.name);
        found.filter(|name| !variables.contains(name)).collect()
    };
    let own = Names::new(Some(block), names.point, names.define, names.facts);
    for name in unknown {
        if let Some(value) =
            formula::Scope::value(&own, &name).map_err(|why| block.error("expression", why))?
        {
            wanted.push((name, crate::file::block::with_value(&node, &value)));
        }
    }
    // Variables by custom that are swept or defined are parameters.
    if variables.is_empty() {
        for found in formula::loose_names(text).unwrap_or_default() {
            let known = wanted.iter().any(|(name, _)| *name == found.name);
            if !known
                && !found.called
                && let Ok(Some(value)) = formula::Scope::value(&own, &found.name)
            {
                wanted.push((found.name, crate::file::block::with_value(&node, &value)));
            }
        }
    }
    let keys: Vec<String> = wanted.iter().map(|(name, _)| name.clone()).collect();
    for key in &keys {
        concrete.take(key);
    }
    let mut table = match concrete.take("parameters").map(|node| node.value) {
        Some(Toml::Table(entries)) => entries,
        _ => Vec::new(),
    };
    table.retain(|(name, _)| !keys.contains(name));
    table.extend(wanted);
    if !table.is_empty() {
        let node = Node {
            origin: node.origin,
            value: Toml::Table(table),
        };
        concrete.set("parameters", node);
    }
    Ok(())
}
