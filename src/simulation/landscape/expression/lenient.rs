//! Formulas where part of them has left the doubles on the way to a value that has not.

use ::formula::Operation;

use super::graph::{Choice, Graph, Node};
use crate::optimizer::Real;

/// Some nodes of a graph, a point at a time, where 0 times what has left the doubles is 0: the slope of 1/cosh(1000) is no less known
/// than its value.
#[derive(Clone, Debug)]
pub struct Lenient {
    graph: Graph,
    outputs: Vec<usize>,
    needed: Vec<bool>,
}

impl Lenient {
    /// Of these nodes.
    pub fn new(graph: &Graph, outputs: &[usize]) -> Self {
        Lenient {
            needed: graph.needed(outputs),
            outputs: outputs.to_vec(),
            graph: graph.clone(),
        }
    }

    /// What they come to.
    pub fn at(&self, point: &[f64]) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.needed.len()];
        for (at, node) in self.graph.nodes().iter().enumerate() {
            if !self.needed[at] {
                continue;
            }
            values[at] = match *node {
                Node::Constant(bits) => f64::from_bits(bits),
                Node::Variable(i) => point[i],
                Node::One(f, a) => f.of(values[a]),
                Node::Two(Operation::Mul, a, b) if values[a] == 0.0 || values[b] == 0.0 => 0.0,
                Node::Two(operation, a, b) => operation.of(values[a], values[b]),
                Node::Choice(Choice {
                    compared: [p, q],
                    taken: [a, b],
                }) => values[p].chosen(values[q], values[a], values[b]),
            };
        }
        self.outputs.iter().map(|&at| values[at]).collect()
    }
}
