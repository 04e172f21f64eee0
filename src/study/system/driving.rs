//! A landscape by formula that changes with `step` or `time`.

use std::sync::Arc;

use base::error::Result;
use experiment::data::{Data, Source};
use experiment::surface::Surface;
use formula::Tree;
use simulation::landscape::examples::{ExampleLoss, Inputs, MeanLoss, Origin, Table};
use simulation::landscape::expression::Formula;

use super::data;
use crate::file::{Block, Names};

/// What it changes with.
const MOMENT: [&str; 2] = ["step", "time"];

/// Whether a formula of a landscape names the step or the time, and neither is a number of the file.
pub fn is_driven(text: &str, names: &Names<'_>) -> bool {
    Tree::parse(text).is_ok_and(|tree| {
        let used: Vec<String> = tree.names().into_iter().map(|(_, name)| name).collect();
        MOMENT.iter().any(|word| {
            let known = formula::Scope::value(names, word);
            used.iter().any(|name| name == word) && !matches!(known, Ok(Some(_)))
        })
    })
}

/// The landscape, which is the loss of one example whose columns are the step and the time; where it is looked at as a surface that
/// stands still (its minima, its facts) it is that of the first step.
///
/// # Errors
/// Whatever is wrong with the formula.
pub fn read(block: &Block, text: &str, names: &Names<'_>) -> Result<(Surface, Vec<String>)> {
    block.only(
        ["expression", "variables", "search"],
        " of a landscape that changes with step or time",
    )?;
    let node = block.get("expression").unwrap_or(&block.node).clone();
    let wrong = |m: formula::Mistake| block.mistaken("expression", &node, &m);
    let tree = Tree::parse(text).map_err(wrong)?;
    let variables = match block.get("variables") {
        Some(_) => data::variables(block)?,
        None => Formula::new(text).names().map_err(wrong)?,
    };
    let mut rows = variables.clone();
    rows.extend(MOMENT.map(String::from));
    let parameters = names.constants(&tree, &rows).map_err(wrong)?;
    let inputs = MOMENT.map(String::from);
    let loss = ExampleLoss::new(&tree, &variables, Inputs::Columns(&inputs), &parameters);
    let first = Table::new(vec![vec![1.0], vec![0.0]], None);
    let loss = Arc::new(loss.map_err(wrong)?);
    let search = data::search(block, names)?;
    let data = Data {
        loss: text.to_string(),
        variables: variables.clone(),
        parameters: parameters.clone(),
        examples: Source::Moment,
        mean: MeanLoss::new(loss, Arc::new(first), Origin::Moment, search),
    };
    let surface = Surface {
        name: "driven".into(),
        numbers: parameters,
        hessian: None,
        formula: None,
        data: Some(data),
        given: None,
    };
    Ok((surface, variables))
}
