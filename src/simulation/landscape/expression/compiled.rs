//! Formulas of named rows, for whoever evaluates them over blocks of particles.

use std::collections::BTreeMap;

use ::formula::{Mistake, Tree};

use super::graph::Graph;
use super::program::Program;
use super::syntax::lower;

/// Some formulas of the same rows, compiled together. Nothing is allocated where they run.
#[derive(Clone, Debug)]
pub struct Compiled {
    program: Program,
}

impl Compiled {
    /// `outputs` over `rows`, by name, in order. Before that each of `statements` changes what the row of its name is, for the
    /// statements behind it and for the outputs.
    ///
    /// # Errors
    /// An unknown name, or what has no meaning along a path.
    pub fn new(
        rows: &[String],
        statements: &[(String, Tree)],
        outputs: &[Tree],
        parameters: &BTreeMap<String, f64>,
    ) -> Result<Self, Mistake> {
        let mut graph = Graph::default();
        let mut names: Vec<(String, usize)> = rows
            .iter()
            .enumerate()
            .map(|(i, name)| (name.clone(), graph.variable(i)))
            .collect();
        for (assigned, tree) in statements {
            let root = lower(tree, &names, parameters, &mut graph)?.root;
            if let Some((_, node)) = names.iter_mut().find(|(name, _)| name == assigned) {
                *node = root;
            }
        }
        let outputs = outputs
            .iter()
            .map(|tree| Ok(lower(tree, &names, parameters, &mut graph)?.root))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Compiled {
            program: Program::new(&graph, &outputs),
        })
    }

    /// Some nodes of a graph.
    pub fn of(graph: &Graph, nodes: &[usize]) -> Self {
        Compiled {
            program: Program::new(graph, nodes),
        }
    }

    /// Runs on `lanes` points, row i of lane l at `from[i * lanes + l]`; formula j goes to `to[j * lanes + l]`.
    pub fn run(&self, from: &[f64], lanes: usize, to: &mut [f64]) {
        self.program.run(from, lanes, to);
    }
}
