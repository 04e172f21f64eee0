//! A formula as a graph of shared operations, and its derivatives as further nodes of that graph.

use std::collections::HashMap;

pub use formula::{Function, Operation};

/// A node; its arguments are nodes with lower numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// The bits of a number, so that equal nodes can be found.
    Constant(u64),
    Variable(usize),
    One(Function, usize),
    Two(Operation, usize, usize),
    Choice(Choice),
}

/// One of two nodes, by the order of two others; half of both where those are equal, and not a number where they are none. What is not chosen
/// is not computed with, whatever it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// What is compared.
    pub compared: [usize; 2],
    /// What is taken where the first is smaller, and where the second is.
    pub taken: [usize; 2],
}

/// The largest whole power that is written out as products.
const LARGEST_PRODUCT: f64 = 64.0;

/// Nodes in an order in which each can be computed; no two are equal.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    known: HashMap<Node, usize>,
    /// The gradients of choices, each of which is the choice between two gradients.
    gradients: HashMap<usize, Vec<usize>>,
}

impl Graph {
    /// The nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn place(&mut self, node: Node) -> usize {
        *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> usize {
        self.place(Node::Constant(value.to_bits()))
    }

    /// Variable i.
    pub fn variable(&mut self, i: usize) -> usize {
        self.place(Node::Variable(i))
    }

    /// The number that a node is, if it is one.
    pub fn number(&self, node: usize) -> Option<f64> {
        match self.nodes.get(node) {
            Some(Node::Constant(bits)) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// f(a).
    pub fn one(&mut self, f: Function, a: usize) -> usize {
        if let Some(x) = self.number(a) {
            return self.constant(f.of(x));
        }
        match (f, self.nodes[a]) {
            (Function::Neg, Node::One(Function::Neg, inner)) => inner,
            (Function::Neg, Node::Two(Operation::Sub, a, b)) => self.two(Operation::Sub, b, a),
            _ => self.place(Node::One(f, a)),
        }
    }

    /// a ∘ b, without what adds 0 or multiplies by 1 or 0.
    pub fn two(&mut self, operation: Operation, a: usize, b: usize) -> usize {
        let (left, right) = (self.number(a), self.number(b));
        if let (Some(x), Some(y)) = (left, right) {
            return self.constant(operation.of(x, y));
        }
        if operation == Operation::Mul
            && let Some((factor, a, b)) = self.factored(a, b)
        {
            let rest = self.two(Operation::Mul, a, b);
            let factor = self.constant(factor);
            return self.two(Operation::Mul, factor, rest);
        }
        let is = |side: Option<f64>, value: f64| side == Some(value);
        match operation {
            Operation::Add if is(left, 0.0) => b,
            Operation::Add | Operation::Sub if is(right, 0.0) => a,
            Operation::Add if a == b => {
                let two = self.constant(2.0);
                self.two(Operation::Mul, two, a)
            }
            Operation::Sub if is(left, 0.0) => self.one(Function::Neg, b),
            Operation::Mul if is(left, 0.0) || is(right, 0.0) => self.constant(0.0),
            Operation::Mul if is(left, 1.0) => b,
            Operation::Mul | Operation::Div if is(right, 1.0) => a,
            Operation::Mul if is(left, -1.0) => self.one(Function::Neg, b),
            Operation::Mul if is(right, -1.0) => self.one(Function::Neg, a),
            Operation::Div if is(left, 0.0) => self.constant(0.0),
            Operation::Pow => self.power(a, b, right),
            // One order for what commutes, so that equal products are found equal.
            Operation::Add | Operation::Mul => self.place(Node::Two(operation, a.min(b), a.max(b))),
            _ => self.place(Node::Two(operation, a, b)),
        }
    }

    /// `taken[0]` where `compared[0]` is the smaller one, else `taken[1]`.
    pub fn choice(&mut self, compared: [usize; 2], taken: [usize; 2]) -> usize {
        let [a, b] = taken;
        if a == b {
            return a;
        }
        match compared.map(|node| self.number(node)) {
            [Some(p), Some(q)] if p < q => a,
            [Some(p), Some(q)] if p > q => b,
            _ => self.place(Node::Choice(Choice { compared, taken })),
        }
    }

    /// The nodes that a node is computed from.
    pub fn arguments(&self, node: usize) -> Vec<usize> {
        match self.nodes[node] {
            Node::Constant(_) | Node::Variable(_) => Vec::new(),
            Node::One(_, a) => vec![a],
            Node::Two(_, a, b) => vec![a, b],
            Node::Choice(Choice { compared, taken }) => [compared, taken].concat(),
        }
    }

    /// Which nodes some nodes are computed from, those included.
    pub fn needed(&self, outputs: &[usize]) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        outputs.iter().for_each(|&at| needed[at] = true);
        for at in (0..self.nodes.len()).rev() {
            if needed[at] {
                self.arguments(at)
                    .into_iter()
                    .for_each(|a| needed[a] = true);
            }
        }
        needed
    }

    /// The variables that some nodes are computed from.
    pub fn rows_of(&self, outputs: &[usize]) -> Vec<usize> {
        let needed = self.needed(outputs);
        let nodes = self.nodes.iter().zip(needed);
        let rows = nodes.filter_map(|(node, needed)| match node {
            Node::Variable(i) if needed => Some(*i),
            _ => None,
        });
        rows.collect()
    }

    /// a · b with the numbers in it drawn together, where that leaves fewer of them: the number, and what it
    /// multiplies.
    fn factored(&mut self, a: usize, b: usize) -> Option<(f64, usize, usize)> {
        let (left, right) = (self.number(a), self.number(b));
        let (p, q) = (self.scaled(a), self.scaled(b));
        let one = self.constant(1.0);
        let found = match (left, right, p, q) {
            (Some(x), _, _, Some((y, rest))) | (_, Some(x), Some((y, rest)), _) => {
                (x * y, one, rest)
            }
            (None, None, Some((x, a)), Some((y, b))) => (x * y, a, b),
            (None, None, Some((x, a)), None) => (x, a, b),
            (None, None, None, Some((y, b))) => (y, a, b),
            _ => return None,
        };
        // Numbers too large or small to be drawn together stay where they are.
        (found.0.is_finite() && found.0 != 0.0).then_some(found)
    }

    /// Where a node is a number times something: that number and something.
    fn scaled(&self, node: usize) -> Option<(f64, usize)> {
        match self.nodes[node] {
            Node::Two(Operation::Mul, a, b) => match (self.number(a), self.number(b)) {
                (Some(x), _) => Some((x, b)),
                (_, Some(x)) => Some((x, a)),
                _ => None,
            },
            _ => None,
        }
    }

    /// a^b: products for a whole power, a root for ½.
    fn power(&mut self, a: usize, b: usize, exponent: Option<f64>) -> usize {
        match exponent {
            Some(n) if n.fract() == 0.0 && n.abs() <= LARGEST_PRODUCT => {
                let power = self.product(a, n.abs() as u32);
                if n < 0.0 {
                    let one = self.constant(1.0);
                    self.two(Operation::Div, one, power)
                } else {
                    power
                }
            }
            Some(0.5) => self.one(Function::Sqrt, a),
            _ => self.place(Node::Two(Operation::Pow, a, b)),
        }
    }

    fn product(&mut self, a: usize, n: u32) -> usize {
        match n {
            0 => self.constant(1.0),
            1 => a,
            _ => {
                let half = self.product(a, n / 2);
                let square = self.two(Operation::Mul, half, half);
                if n.is_multiple_of(2) {
                    square
                } else {
                    self.two(Operation::Mul, square, a)
                }
            }
        }
    }

    /// ∂ root/∂ variable i for i < `variables`, by reverse accumulation: the number of new nodes is
    /// a small multiple of those below `root`, whatever the number of variables.
    pub fn gradient(&mut self, root: usize, variables: usize) -> Vec<usize> {
        let mut adjoints: Vec<Option<usize>> = vec![None; root + 1];
        adjoints[root] = Some(self.constant(1.0));
        let zero = self.constant(0.0);
        let mut gradient = vec![zero; variables];
        for at in (0..=root).rev() {
            let Some(adjoint) = adjoints[at] else {
                continue;
            };
            let mut add = |graph: &mut Graph, to: usize, share: usize| {
                adjoints[to] = Some(match adjoints[to] {
                    Some(sum) => graph.two(Operation::Add, sum, share),
                    None => share,
                });
            };
            match self.nodes[at] {
                Node::Constant(_) => {}
                Node::Variable(i) => {
                    if let Some(slot) = gradient.get_mut(i) {
                        *slot = adjoint;
                    }
                }
                Node::One(f, a) => {
                    let slope = self.slope(f, a, at);
                    let share = self.two(Operation::Mul, adjoint, slope);
                    add(self, a, share);
                }
                Node::Two(operation, a, b) => {
                    let [left, right] = self.slopes(operation, a, b, at);
                    for (to, slope) in [(a, left), (b, right)] {
                        // The slope along a constant is of no use, and may not exist: ln a of a^2.3.
                        if self.number(to).is_none() {
                            let share = self.two(Operation::Mul, adjoint, slope);
                            add(self, to, share);
                        }
                    }
                }
                // Not through its arguments: what is not taken may have no slope, and 0 times that is none.
                Node::Choice(choice) => {
                    for (i, slope) in self.slopes_of_choice(at, choice, variables) {
                        let share = self.two(Operation::Mul, adjoint, slope);
                        let variable = self.variable(i);
                        add(self, variable, share);
                    }
                }
            }
        }
        gradient
    }

    /// The slopes of a choice along the variables that have one.
    fn slopes_of_choice(
        &mut self,
        at: usize,
        choice: Choice,
        variables: usize,
    ) -> Vec<(usize, usize)> {
        if !self.gradients.contains_key(&at) {
            let [a, b] = choice.taken.map(|node| self.gradient(node, variables));
            let both = a.into_iter().zip(b);
            let slopes = both
                .map(|(a, b)| self.choice(choice.compared, [a, b]))
                .collect();
            self.gradients.insert(at, slopes);
        }
        let zero = self.constant(0.0);
        let slopes = self.gradients[&at].iter().copied().enumerate();
        slopes.filter(|(_, slope)| *slope != zero).collect()
    }

    /// f′(a), where `at` is f(a).
    fn slope(&mut self, f: Function, a: usize, at: usize) -> usize {
        use Function::*;
        use Operation::*;
        let one = self.constant(1.0);
        match f {
            Neg => self.constant(-1.0),
            Abs => self.one(Sign, a),
            Sign => self.constant(0.0),
            Exp => at,
            Ln => self.two(Div, one, a),
            Sqrt => {
                let half = self.constant(0.5);
                self.two(Div, half, at)
            }
            Sin => self.one(Cos, a),
            Cos => {
                let sine = self.one(Sin, a);
                self.one(Neg, sine)
            }
            Tan => {
                let square = self.two(Mul, at, at);
                self.two(Add, one, square)
            }
            Asin | Acos => {
                let square = self.two(Mul, a, a);
                let rest = self.two(Sub, one, square);
                let root = self.one(Sqrt, rest);
                let numerator = self.constant(if f == Asin { 1.0 } else { -1.0 });
                self.two(Div, numerator, root)
            }
            Atan => {
                let square = self.two(Mul, a, a);
                let sum = self.two(Add, one, square);
                self.two(Div, one, sum)
            }
            Sinh => self.one(Cosh, a),
            Cosh => self.one(Sinh, a),
            Tanh => self.one(SechSquare, a),
            SechSquare => {
                let tangent = self.one(Tanh, a);
                let product = self.two(Mul, tangent, at);
                let factor = self.constant(-2.0);
                self.two(Mul, factor, product)
            }
        }
    }

    /// The slopes of a ∘ b along a and along b, where `at` is a ∘ b.
    fn slopes(&mut self, operation: Operation, a: usize, b: usize, at: usize) -> [usize; 2] {
        use Operation::*;
        let one = self.constant(1.0);
        match operation {
            Add => [one, one],
            Sub => [one, self.constant(-1.0)],
            Mul => [b, a],
            Div => {
                let quotient = self.two(Div, at, b);
                [self.two(Div, one, b), self.one(Function::Neg, quotient)]
            }
            Pow => {
                let lower = self.two(Sub, b, one);
                let power = self.two(Pow, a, lower);
                let log = self.one(Function::Ln, a);
                [self.two(Mul, b, power), self.two(Mul, at, log)]
            }
        }
    }
}
