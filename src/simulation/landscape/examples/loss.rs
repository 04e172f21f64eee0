//! The loss of one example as programs.

use std::collections::BTreeMap;

use formula::{Mistake, Tree};

use super::super::expression::{Graph, Program, lower};
use super::column::{Column, drawn_name};

/// What the loss of one example is a function of, beside θ.
#[derive(Clone, Copy, Debug)]
pub enum Inputs<'a> {
    /// The values of columns of these names.
    Columns(&'a [String]),
    /// The random numbers that columns are made of, so many of them.
    Draws(&'a [Column], usize),
}

/// f(θ; x), its gradient and its Hessian in θ.
#[derive(Clone, Debug)]
pub struct ExampleLoss {
    /// d.
    pub dim: usize,
    /// Numbers of an example.
    pub inputs: usize,
    /// f.
    pub value: Program,
    /// ∂f/∂θᵢ, d outputs.
    pub gradient: Program,
    /// ∂²f/∂θᵢ∂θⱼ for i ≤ j, row by row.
    pub hessian: Program,
}

impl ExampleLoss {
    /// The loss `tree` in the coordinates `variables`. Programs take rows of θ, then rows of what an example holds.
    ///
    /// # Errors
    /// A name that stands for nothing, at its character of the loss or of a column.
    pub fn new(
        tree: &Tree,
        variables: &[String],
        inputs: Inputs<'_>,
        parameters: &BTreeMap<String, f64>,
    ) -> Result<Self, Mistake> {
        let d = variables.len();
        let mut graph = Graph::default();
        let mut names: Vec<(String, usize)> = variables
            .iter()
            .enumerate()
            .map(|(i, name)| (name.clone(), graph.variable(i)))
            .collect();
        let count = match inputs {
            Inputs::Columns(columns) => {
                for (k, name) in columns.iter().enumerate() {
                    names.push((name.clone(), graph.variable(d + k)));
                }
                columns.len()
            }
            Inputs::Draws(columns, count) => {
                let mut held: Vec<(String, usize)> = (0..count)
                    .map(|k| (drawn_name(k), graph.variable(d + k)))
                    .collect();
                for column in columns {
                    let root = lower(&column.tree, &held, parameters, &mut graph)?.root;
                    held.push((column.name.clone(), root));
                }
                names.extend(held.split_off(count));
                count
            }
        };
        let root = lower(tree, &names, parameters, &mut graph)?.root;
        let slopes = graph.gradient(root, d);
        let mut bends = Vec::new();
        for (i, slope) in slopes.iter().enumerate() {
            bends.extend(graph.gradient(*slope, d).into_iter().skip(i));
        }
        Ok(ExampleLoss {
            dim: d,
            inputs: count,
            value: Program::new(&graph, &[root]),
            gradient: Program::parted(&graph, &slopes, d),
            hessian: Program::new(&graph, &bends),
        })
    }
}
