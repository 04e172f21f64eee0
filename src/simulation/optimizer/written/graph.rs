//! A rule as a graph of shared operations, in which what is a number already is one.

use std::collections::HashMap;

use crate::program::{self, Nodes};
pub use crate::program::{One, Two};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// t, from 1.
    Step,
    /// η_t.
    Eta,
    /// η_t/η.
    Factor,
    /// How many coordinates a particle has.
    Dim,
    /// What a particle remembered before the step.
    Scalar(usize),
    /// ∇L of the coordinate.
    Gradient,
    /// θ before the step.
    Theta,
    /// A fresh standard normal.
    Fresh,
    /// What the coordinate remembered before the step.
    State(usize),
    /// A mean over the coordinates of a particle.
    Mean(usize),
    /// A value of the particle, worked out once for all of its coordinates.
    Hoisted(usize),
}

impl Input {
    /// Whether all coordinates of a particle have the same, before any mean is taken.
    fn of_particle(self) -> bool {
        matches!(
            self,
            Input::Step | Input::Eta | Input::Factor | Input::Dim | Input::Scalar(_)
        )
    }
}

/// A node of a rule.
pub type Node = program::Node<Input>;

/// Largest whole power that is written out as products.
const LARGEST_PRODUCT: f64 = 8.0;

/// Nodes in an order in which each can be computed; no two are equal.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    of_particle: Vec<bool>,
    known: HashMap<Node, usize>,
    /// What is averaged over the coordinates, by the number of the mean.
    pub means: Vec<usize>,
}

impl Nodes for Graph {
    type Input = Input;

    fn count(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, at: usize) -> Node {
        self.nodes[at]
    }
}

impl Graph {
    /// The nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether all coordinates of a particle have the same, before any mean is taken.
    pub fn of_particle(&self, node: usize) -> bool {
        self.of_particle[node]
    }

    /// The number that a node is, if it is one.
    pub fn number(&self, node: usize) -> Option<f64> {
        match self.nodes[node] {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// [a, b] of a node that is at + b.
    pub fn affine(&self, node: usize) -> Option<[f64; 2]> {
        match self.nodes[node] {
            Node::Constant(bits) => Some([0.0, f64::from_bits(bits)]),
            Node::Input(Input::Step) => Some([1.0, 0.0]),
            Node::One(One::Negative, a) => Some(self.affine(a)?.map(|x| -x)),
            Node::Two(two, a, b) => {
                let ([p, q], [r, s]) = (self.affine(a)?, self.affine(b)?);
                match two {
                    Two::Sum => Some([p + r, q + s]),
                    Two::Difference => Some([p - r, q - s]),
                    Two::Product if p == 0.0 => Some([q * r, q * s]),
                    Two::Product if r == 0.0 => Some([p * s, q * s]),
                    Two::Quotient if r == 0.0 => Some([p / s, q / s]),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn place(&mut self, node: Node) -> usize {
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let of_particle = match node {
            Node::Input(input) => input.of_particle(),
            _ => node.arguments().all(|a| self.of_particle[a]),
        };
        self.nodes.push(node);
        self.of_particle.push(of_particle);
        self.known.insert(node, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// The same graph, its inputs under other numbers.
    pub fn renamed(&self, new: impl Fn(Input) -> Input) -> Self {
        let nodes = self.nodes.iter().map(|node| match *node {
            Node::Input(input) => Node::Input(new(input)),
            other => other,
        });
        Graph {
            nodes: nodes.collect(),
            of_particle: self.of_particle.clone(),
            known: HashMap::new(),
            means: self.means.clone(),
        }
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> usize {
        self.place(Node::Constant(value.to_bits()))
    }

    /// An input.
    pub fn input(&mut self, input: Input) -> usize {
        self.place(Node::Input(input))
    }

    /// The mean of `a` over the coordinates of a particle.
    pub fn mean(&mut self, a: usize) -> usize {
        if self.of_particle[a] {
            return a;
        }
        let known = self.means.iter().position(|known| *known == a);
        let mean = known.unwrap_or_else(|| {
            self.means.push(a);
            self.means.len() - 1
        });
        self.input(Input::Mean(mean))
    }

    /// f(a).
    pub fn one(&mut self, one: One, a: usize) -> usize {
        match self.number(a) {
            Some(x) => self.constant(one.of(x)),
            None => self.place(Node::One(one, a)),
        }
    }

    /// a where p > 0, else b.
    pub fn select(&mut self, [p, a, b]: [usize; 3]) -> usize {
        match self.number(p) {
            Some(p) if p > 0.0 => a,
            Some(_) => b,
            None if a == b => a,
            None => self.place(Node::Select([p, a, b])),
        }
    }

    /// a ∘ b.
    pub fn two(&mut self, two: Two, a: usize, b: usize) -> usize {
        let (x, y) = (self.number(a), self.number(b));
        match (two, x, y) {
            (_, Some(x), Some(y)) => self.constant(two.of(x, y)),
            (Two::Sum, Some(0.0), _) | (Two::Product, Some(1.0), _) => b,
            (Two::Sum | Two::Difference, _, Some(0.0))
            | (Two::Product | Two::Quotient, _, Some(1.0)) => a,
            (Two::Sum | Two::Product, None, Some(_)) => self.place(Node::Two(two, b, a)),
            (Two::Sum, None, None) => self.sum(a, b),
            // A NaN among numbers that change is kept: the second is taken where nothing is larger.
            (Two::Larger | Two::Smaller, None, Some(_)) => self.place(Node::Two(two, b, a)),
            (Two::Quotient, _, Some(y)) if (1.0 / y).is_normal() => {
                let inverse = self.constant(1.0 / y);
                self.two(Two::Product, inverse, a)
            }
            (Two::QuotientOrZero, _, Some(0.0)) => self.constant(0.0),
            (Two::QuotientOrZero, _, Some(_)) => self.two(Two::Quotient, a, b),
            // One division for all coordinates.
            (Two::Quotient, ..) if self.of_particle[b] && !self.of_particle[a] => {
                let one = self.constant(1.0);
                let inverse = self.place(Node::Two(Two::Quotient, one, b));
                self.two(Two::Product, a, inverse)
            }
            (Two::Power, _, Some(y)) => self.power(a, y),
            _ => self.place(Node::Two(two, a, b)),
        }
    }

    /// ca + (1 − c)x is a step from the nearer of the two, so that neither number is rounded to 1 in single precision.
    fn sum(&mut self, a: usize, b: usize) -> usize {
        let scaled = |node: usize| match self.nodes[node] {
            Node::Two(Two::Product, c, x) => self.number(c).map(|c| (c, x)),
            _ => None,
        };
        if let (Some((c, x)), Some((d, y))) = (scaled(a), scaled(b))
            && c > 0.0
            && d > 0.0
            && (1.0 - c == d || 1.0 - d == c)
        {
            let node = if c > d {
                Node::Average(x, y, d.to_bits())
            } else {
                Node::Average(y, x, c.to_bits())
            };
            return self.place(node);
        }
        self.place(Node::Two(Two::Sum, a, b))
    }

    fn power(&mut self, a: usize, exponent: f64) -> usize {
        let whole = exponent.fract() == 0.0 && exponent.abs() <= LARGEST_PRODUCT;
        match exponent {
            0.0 => self.constant(1.0),
            0.5 => self.one(One::Root, a),
            n if whole && n < 0.0 => {
                let one = self.constant(1.0);
                let power = self.power(a, -n);
                self.two(Two::Quotient, one, power)
            }
            n if whole => {
                let mut power = a;
                for _ in 1..n as u32 {
                    power = self.two(Two::Product, power, a);
                }
                power
            }
            _ => self.place(Node::Power(a, exponent.to_bits())),
        }
    }
}
