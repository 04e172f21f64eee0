//! A formula of one variable where parts of it read 0/0: those by their series, the rest as it is written.
//!
//! The parts become variables of their own, L = F(x, y₁(x), …), so that what is narrow elsewhere in the formula limits no
//! series, and the chain rule gives L′ and L″.

use super::graph::{Choice, Graph, Node};
use super::lenient::Lenient;
use super::patch::{Patch, widely};
use super::program::Program;
use super::scan::Scan;

/// The parts and what is made of them.
#[derive(Clone, Debug)]
pub struct Patched {
    parts: Vec<Vec<Patch>>,
    /// Every part with its slope and its curvature, as the formula gives them.
    plain: Known,
    /// F, its gradient and the rows of its Hessian in x and the parts.
    outer: Known,
}

impl Patched {
    /// `None` where nothing reads 0/0; `search` is how far from 0 the surface is of interest.
    pub fn new(scan: &Scan, graph: &Graph, root: usize, search: f64) -> Option<Self> {
        if !scan.divides {
            return None;
        }
        let found = widely(scan, search);
        let mut nodes: Vec<usize> = found
            .removable
            .iter()
            .flat_map(|x| scan.limits(*x))
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        let parts: Vec<(usize, Vec<Patch>)> = nodes
            .into_iter()
            .map(|node| (node, Patch::all(&scan.of_part(node), search)))
            .filter(|(_, patches)| !patches.is_empty())
            .collect();
        if parts.is_empty() {
            return None;
        }
        let (nodes, parts): (Vec<usize>, Vec<Vec<Patch>>) = parts.into_iter().unzip();
        let mut plain = graph.clone();
        let outputs: Vec<usize> = nodes
            .iter()
            .flat_map(|&node| {
                let slope = plain.gradient(node, 1)[0];
                [node, slope, plain.gradient(slope, 1)[0]]
            })
            .collect();
        let plain = Known::new(&plain, &outputs);
        let (mut outer, root) = substituted(graph, root, &nodes);
        let variables = 1 + nodes.len();
        let gradient = outer.gradient(root, variables);
        let rows = gradient.iter();
        let rows: Vec<usize> = rows
            .flat_map(|slope| outer.gradient(*slope, variables))
            .collect();
        let outer = Known::new(&outer, &[vec![root], gradient, rows].concat());
        Some(Self {
            parts,
            plain,
            outer,
        })
    }

    /// L, L′ and L″ where a part is within its series.
    #[inline(always)]
    pub fn at(&self, x: f64) -> Option<[f64; 3]> {
        let covered = self.parts.iter().flatten().any(|patch| patch.covers(x));
        covered.then(|| self.together(x))
    }

    fn together(&self, x: f64) -> [f64; 3] {
        let plain = self.plain.at(&[x]);
        let parts = self.parts.iter().zip(plain.chunks_exact(3));
        let parts: Vec<[f64; 3]> = parts
            .map(
                |(patches, plain)| match patches.iter().find(|p| p.covers(x)) {
                    Some(patch) => patch.at(x),
                    None => [plain[0], plain[1], plain[2]],
                },
            )
            .collect();
        let point: Vec<f64> = std::iter::once(x)
            .chain(parts.iter().map(|part| part[0]))
            .collect();
        let n = point.len();
        let outer = self.outer.at(&point);
        // The variables along x.
        let slope = |i: usize| if i == 0 { 1.0 } else { parts[i - 1][1] };
        let bend = |i: usize| if i == 0 { 0.0 } else { parts[i - 1][2] };
        // What F does not know of may be 0 times anything.
        let times = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a * b };
        let (gradient, rows) = outer[1..].split_at(n);
        let first = (0..n).map(|i| times(gradient[i], slope(i))).sum();
        let own: f64 = (0..n).map(|i| times(gradient[i], bend(i))).sum();
        let mixed = (0..n * n).map(|k| times(rows[k], slope(k / n) * slope(k % n)));
        [outer[0], first, own + mixed.sum::<f64>()]
    }
}

/// Nodes of a graph, also where part of them has left the doubles.
#[derive(Clone, Debug)]
struct Known {
    program: Program,
    lenient: Lenient,
}

impl Known {
    fn new(graph: &Graph, outputs: &[usize]) -> Self {
        Known {
            program: Program::new(graph, outputs),
            lenient: Lenient::new(graph, outputs),
        }
    }

    fn at(&self, point: &[f64]) -> Vec<f64> {
        let values = self.program.at(point);
        match values.iter().any(|y| y.is_nan()) {
            true => self.lenient.at(point),
            false => values,
        }
    }
}

/// The formula with some of its nodes as variables 1, 2, …
fn substituted(graph: &Graph, root: usize, nodes: &[usize]) -> (Graph, usize) {
    let needed = graph.needed(&[root]);
    let mut new = Graph::default();
    let mut place = vec![0; root + 1];
    for at in (0..=root).filter(|&at| needed[at]) {
        place[at] = match (nodes.iter().position(|&node| node == at), graph.nodes()[at]) {
            (Some(i), _) => new.variable(1 + i),
            (None, Node::Constant(bits)) => new.constant(f64::from_bits(bits)),
            (None, Node::Variable(i)) => new.variable(i),
            (None, Node::One(f, a)) => new.one(f, place[a]),
            (None, Node::Two(operation, a, b)) => new.two(operation, place[a], place[b]),
            (None, Node::Choice(Choice { compared, taken })) => {
                new.choice(compared.map(|a| place[a]), taken.map(|a| place[a]))
            }
        };
    }
    (new, place[root])
}
