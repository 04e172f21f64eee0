//! A rule as programs: what a particle does once a step, and what each of its coordinates does.

use super::graph::{Graph, Input, Node};
use super::lower::{Lowered, Slot};
use crate::program;

/// A program of a rule.
pub type Program = program::Program<Input>;

/// What is worked out once a step for all coordinates of a particle, and what is done with it in each.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Outputs: the particle's memory after the step, then what coordinates need of it.
    pub particle: Program,
    /// How many of its outputs are memory.
    pub scalars: usize,
    /// The means, in order: each is over the coordinates of a particle, and may need those before it.
    pub means: Vec<Program>,
    /// Outputs: the coordinate's memory after the step, then θ.
    pub coordinate: Program,
}

impl Pass {
    /// How many values coordinates need of the particle.
    pub fn hoisted(&self) -> usize {
        self.particle.outputs.len() - self.scalars
    }
}

/// A rule, compiled.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// A step.
    pub step: Pass,
    /// Where its gradient is taken, if not at θ; keeps nothing.
    pub at: Option<Pass>,
    /// The start of each value that a particle remembers.
    pub scalars: Vec<f64>,
    /// The start of each value that a coordinate remembers.
    pub states: Vec<Slot>,
    /// Their names.
    pub names: Vec<String>,
    /// Whether it draws normals.
    pub draws: bool,
}

impl Compiled {
    /// Compiles a rule; memory that moves nothing is left out.
    pub fn new(lowered: &Lowered) -> Self {
        let live = Live::of(lowered);
        let graph = live.graph(&lowered.graph);
        let after = |slots: &[Slot], kept: &[usize]| -> Vec<usize> {
            kept.iter().map(|&k| slots[k].after).collect()
        };
        let scalars = after(&lowered.scalars, &live.scalars);
        let mut outputs = after(&lowered.states, &live.states);
        outputs.push(lowered.theta);
        Compiled {
            step: pass(&graph, &live.means, &scalars, &outputs),
            at: (lowered.at).map(|at| pass(&graph, &[], &[], &[at])),
            scalars: (live.scalars.iter())
                .map(|&k| lowered.scalars[k].start)
                .collect(),
            states: live.states.iter().map(|&k| lowered.states[k]).collect(),
            names: (live.states.iter())
                .map(|&k| lowered.names[k].clone())
                .collect(),
            draws: live.draws,
        }
    }
}

fn pass(graph: &Graph, means: &[usize], scalars: &[usize], outputs: &[usize]) -> Pass {
    let mut hoisted: Vec<usize> = Vec::new();
    // What belongs to the particle is taken from there, and added to it if it is new.
    let mut of_particle = |node: usize| {
        graph.of_particle(node).then(|| {
            let known = hoisted.iter().position(|known| *known == node);
            Input::Hoisted(known.unwrap_or_else(|| {
                hoisted.push(node);
                hoisted.len() - 1
            }))
        })
    };
    let means = means
        .iter()
        .map(|mean| Program::new(graph, &[graph.means[*mean]], &mut of_particle))
        .collect();
    let coordinate = Program::new(graph, outputs, &mut of_particle);
    let particle = [scalars, &hoisted].concat();
    Pass {
        particle: Program::new(graph, &particle, |_| None),
        scalars: scalars.len(),
        means,
        coordinate,
    }
}

/// What moves θ, directly or in later steps.
pub struct Live {
    scalars: Vec<usize>,
    /// Memory per coordinate.
    pub states: Vec<usize>,
    means: Vec<usize>,
    draws: bool,
}

impl Live {
    /// Of a rule.
    pub fn of(lowered: &Lowered) -> Self {
        let nodes = lowered.graph.nodes();
        let mut seen = vec![false; nodes.len()];
        let mut live = Live {
            scalars: Vec::new(),
            states: Vec::new(),
            means: Vec::new(),
            draws: false,
        };
        let mut pending: Vec<usize> = lowered.at.into_iter().chain([lowered.theta]).collect();
        while let Some(node) = pending.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            match nodes[node] {
                Node::Input(Input::Scalar(k)) => {
                    live.scalars.push(k);
                    pending.push(lowered.scalars[k].after);
                }
                Node::Input(Input::State(k)) => {
                    live.states.push(k);
                    pending.push(lowered.states[k].after);
                }
                Node::Input(Input::Mean(k)) => {
                    live.means.push(k);
                    pending.push(lowered.graph.means[k]);
                }
                Node::Input(Input::Fresh) => live.draws = true,
                other => pending.extend(other.arguments()),
            }
        }
        for kept in [&mut live.scalars, &mut live.states, &mut live.means] {
            kept.sort_unstable();
        }
        live
    }

    /// The graph, its memory and means counted among what is kept.
    fn graph(&self, graph: &Graph) -> Graph {
        let among = |kept: &[usize], k: usize| kept.iter().position(|&own| own == k);
        graph.renamed(|input| match input {
            Input::Scalar(k) => among(&self.scalars, k).map_or(input, Input::Scalar),
            Input::State(k) => among(&self.states, k).map_or(input, Input::State),
            Input::Mean(k) => among(&self.means, k).map_or(input, Input::Mean),
            other => other,
        })
    }
}
