//! What an example holds: columns, each a formula of earlier ones and of random numbers.

use std::collections::BTreeMap;

use formula::{Kind, Mistake, Node, Operation, Tree, nearest, no_function, reserved};

use super::super::expression::Compiled;

/// The law of a number that a column is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// N(0, 1).
    Normal,
    /// Uniform on (0, 1).
    Uniform,
}

/// A column by a formula in which random numbers have names.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The formula: normal(m, s) and uniform(a, b) are written out over numbers of their own.
    pub tree: Tree,
}

impl Column {
    /// The column `name = tree`; the random numbers in it go to the end of `drawn`.
    ///
    /// # Errors
    /// normal or uniform with other than two arguments, at its character.
    pub fn new(name: &str, tree: &Tree, drawn: &mut Vec<Standard>) -> Result<Self, Mistake> {
        let root = written_out(&tree.root, tree, drawn)?;
        Ok(Column {
            name: name.to_string(),
            tree: Tree {
                text: tree.text.clone(),
                root,
            },
        })
    }
}

/// The name of the k-th random number, which no formula can say.
pub fn drawn_name(k: usize) -> String {
    format!("draw {k}")
}

/// What draws a number.
const LAWS: [&str; 2] = ["normal", "uniform"];

fn written_out(node: &Node, tree: &Tree, drawn: &mut Vec<Standard>) -> Result<Node, Mistake> {
    let at = node.at;
    let boxed = |kind| Box::new(Node { at, kind });
    let kind = match &node.kind {
        Kind::Call(name, arguments) if LAWS.contains(&name.as_str()) => {
            let [a, b] = &arguments[..] else {
                return Err(tree.mistake(at, format!("{name} takes two numbers")));
            };
            let a = Box::new(written_out(a, tree, drawn)?);
            let b = Box::new(written_out(b, tree, drawn)?);
            let number = boxed(Kind::Name(drawn_name(drawn.len())));
            let scale = match name.as_str() {
                "normal" => {
                    drawn.push(Standard::Normal);
                    b
                }
                _ => {
                    drawn.push(Standard::Uniform);
                    boxed(Kind::Two(Operation::Sub, b, a.clone()))
                }
            };
            Kind::Two(
                Operation::Add,
                a,
                boxed(Kind::Two(Operation::Mul, scale, number)),
            )
        }
        Kind::Call(name, _) if !reserved(name) => {
            let hint = nearest(name, LAWS).map_or_else(String::new, formula::did_you_mean);
            return Err(tree.mistake(at, no_function(name) + &hint));
        }
        Kind::Call(name, arguments) => {
            let arguments = arguments.iter().map(|a| written_out(a, tree, drawn));
            Kind::Call(name.clone(), arguments.collect::<Result<_, _>>()?)
        }
        Kind::Negative(a) => Kind::Negative(Box::new(written_out(a, tree, drawn)?)),
        Kind::Two(operation, a, b) => Kind::Two(
            *operation,
            Box::new(written_out(a, tree, drawn)?),
            Box::new(written_out(b, tree, drawn)?),
        ),
        Kind::Compared(comparison, a, b) => Kind::Compared(
            *comparison,
            Box::new(written_out(a, tree, drawn)?),
            Box::new(written_out(b, tree, drawn)?),
        ),
        other => other.clone(),
    };
    Ok(Node { at, kind })
}

/// The values of all columns, one after another, where the random numbers have these values: row k of `draws` for the k-th.
///
/// # Errors
/// A name that stands for nothing, at its character.
pub fn generated(
    columns: &[Column],
    draws: &[Vec<f64>],
    parameters: &BTreeMap<String, f64>,
) -> Result<Vec<Vec<f64>>, Mistake> {
    let n = draws.first().map_or(0, Vec::len);
    let mut names: Vec<String> = (0..draws.len()).map(drawn_name).collect();
    let mut rows: Vec<Vec<f64>> = draws.to_vec();
    for column in columns {
        let program = Compiled::new(&names, &[], std::slice::from_ref(&column.tree), parameters)?;
        let from = rows.concat();
        let mut to = vec![0.0; n];
        program.run(&from, n, &mut to);
        names.push(column.name.clone());
        rows.push(to);
    }
    Ok(rows.split_off(draws.len()))
}
