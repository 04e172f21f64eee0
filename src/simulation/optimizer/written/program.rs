//! A graph as instructions over rows of numbers, whatever a number is.

use super::graph::{Graph, Input, Node, One, Two};
use crate::optimizer::Real;

/// An instruction. Its operands are inputs, and behind them rows.
#[derive(Clone, Copy, Debug)]
enum Step {
    Fill(f64),
    Copy(usize),
    One(One, usize),
    Power(usize, f64),
    Two(Two, usize, usize),
    /// A number times x.
    Scale(f64, usize),
    /// A number plus x.
    Shift(f64, usize),
    /// A number minus x.
    Reflect(f64, usize),
    /// A number over x.
    Over(f64, usize),
    Select([usize; 3]),
    Average(usize, usize, f64),
}

/// What computes some nodes of a graph.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// What it reads.
    pub inputs: Vec<Input>,
    /// Where each output is: a row, counted behind the inputs.
    pub outputs: Vec<usize>,
    /// How many rows it needs.
    pub rows: usize,
    steps: Vec<(Step, usize)>,
}

/// What holds the rows, and does to each of their numbers what a step says.
pub trait Machine {
    /// A number.
    type Number: Real;
    /// Row `to` ← a constant.
    fn fill(&mut self, to: usize, value: f64);
    /// Row `to` ← f of an operand.
    fn one(&mut self, to: usize, a: usize, f: impl Fn(Self::Number) -> Self::Number);
    /// Row `to` ← f of two operands.
    fn two(
        &mut self,
        to: usize,
        operands: [usize; 2],
        f: impl Fn(Self::Number, Self::Number) -> Self::Number,
    );
    /// Row `to` ← f of three operands.
    fn three(
        &mut self,
        to: usize,
        operands: [usize; 3],
        f: impl Fn(Self::Number, Self::Number, Self::Number) -> Self::Number,
    );
}

impl Program {
    /// The program that computes `outputs`, and nothing that they do not need. Where `hoisted` is given, what belongs to the
    /// particle is taken from there, and added to it if it is new.
    pub fn new(graph: &Graph, outputs: &[usize], mut hoisted: Option<&mut Vec<usize>>) -> Self {
        let nodes = graph.nodes();
        let mut needed = vec![false; nodes.len()];
        let mut leaf = vec![None; nodes.len()];
        let mut pending = outputs.to_vec();
        while let Some(node) = pending.pop() {
            if std::mem::replace(&mut needed[node], true) {
                continue;
            }
            match (nodes[node], hoisted.as_deref_mut()) {
                (Node::Constant(_), _) => {}
                (_, Some(hoisted)) if graph.of_particle(node) => {
                    let known = hoisted.iter().position(|known| *known == node);
                    let place = known.unwrap_or_else(|| {
                        hoisted.push(node);
                        hoisted.len() - 1
                    });
                    leaf[node] = Some(Input::Hoisted(place));
                }
                (Node::Input(input), _) => leaf[node] = Some(input),
                (other, _) => pending.extend(other.arguments()),
            }
        }
        let inputs: Vec<Input> = leaf.iter().copied().flatten().collect();
        let mut writer = Writer {
            graph,
            place: vec![None; nodes.len()],
            left: vec![0; nodes.len()],
            free: Vec::new(),
            program: Program {
                inputs,
                ..Program::default()
            },
        };
        let mut taken = 0;
        for (node, leaf) in leaf.iter().enumerate() {
            if leaf.is_some() {
                writer.place[node] = Some(taken);
                taken += 1;
            }
        }
        let computed = |node: &usize| needed[*node] && leaf[*node].is_none();
        for node in (0..nodes.len()).filter(computed) {
            nodes[node].arguments().for_each(|a| writer.left[a] += 1);
        }
        // Outputs stay to the end.
        outputs.iter().for_each(|&node| writer.left[node] += 1);
        for node in (0..nodes.len()).filter(computed) {
            if graph.number(node).is_none() {
                writer.write(node);
            }
        }
        let outputs = outputs.iter().map(|&node| writer.output(node)).collect();
        Program {
            outputs,
            ..writer.program
        }
    }

    /// Runs it.
    #[inline(always)]
    pub fn run<M: Machine>(&self, machine: &mut M) {
        for (step, to) in &self.steps {
            step.run(*to, machine);
        }
    }
}

struct Writer<'a> {
    graph: &'a Graph,
    /// The operand of each node that has one.
    place: Vec<Option<usize>>,
    /// How many are still to read it.
    left: Vec<usize>,
    free: Vec<usize>,
    program: Program,
}

impl Writer<'_> {
    fn row(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.program.rows += 1;
            self.program.rows - 1
        })
    }

    fn push(&mut self, step: Step) -> usize {
        let row = self.row();
        self.program.steps.push((step, row));
        self.program.inputs.len() + row
    }

    /// The operand that a node is; a number that is none yet is filled in.
    fn operand(&mut self, node: usize) -> usize {
        if let Some(place) = self.place[node] {
            return place;
        }
        let value = self.graph.number(node).unwrap_or(f64::NAN);
        let place = self.push(Step::Fill(value));
        self.place[node] = Some(place);
        place
    }

    fn write(&mut self, node: usize) {
        let number = |at: usize| self.graph.number(at);
        let step = match self.graph.nodes()[node] {
            Node::Two(two, a, b) => match (two, number(a), number(b)) {
                (Two::Product, Some(c), _) => Step::Scale(c, self.operand(b)),
                (Two::Sum, Some(c), _) => Step::Shift(c, self.operand(b)),
                (Two::Difference, _, Some(c)) => Step::Shift(-c, self.operand(a)),
                (Two::Difference, Some(c), _) => Step::Reflect(c, self.operand(b)),
                (Two::Quotient, Some(c), _) => Step::Over(c, self.operand(b)),
                _ => Step::Two(two, self.operand(a), self.operand(b)),
            },
            Node::One(one, a) => Step::One(one, self.operand(a)),
            Node::Power(a, exponent) => Step::Power(self.operand(a), f64::from_bits(exponent)),
            Node::Select(all) => Step::Select(all.map(|a| self.operand(a))),
            Node::Average(a, x, w) => {
                Step::Average(self.operand(a), self.operand(x), f64::from_bits(w))
            }
            Node::Constant(_) | Node::Input(_) => return,
        };
        // The row of a result is none of its operands', which are given back only now.
        let place = self.push(step);
        self.place[node] = Some(place);
        for a in self.graph.nodes()[node].arguments() {
            self.left[a] -= 1;
            if let (0, Some(place)) = (self.left[a], self.place[a])
                && place >= self.program.inputs.len()
            {
                self.free.push(place - self.program.inputs.len());
                self.place[a] = None;
            }
        }
    }

    /// The row of an output, which is no input's: those are written over while outputs are taken away.
    fn output(&mut self, node: usize) -> usize {
        match self.operand(node) {
            input if input < self.program.inputs.len() => self.push(Step::Copy(input)),
            row => row,
        }
    }
}

impl Step {
    #[inline(always)]
    fn run<M: Machine>(self, to: usize, machine: &mut M) {
        // One loop for each operation, so that those without a library call become wide instructions.
        macro_rules! each {
            ($one:expr, $a:expr) => {
                machine.one(
                    to,
                    $a,
                    #[inline(always)]
                    |x| $one.of(x),
                )
            };
        }
        macro_rules! both {
            ($two:expr, $a:expr, $b:expr) => {
                machine.two(
                    to,
                    [$a, $b],
                    #[inline(always)]
                    |a, b| $two.of(a, b),
                )
            };
        }
        match self {
            Step::Fill(value) => machine.fill(to, value),
            Step::Copy(a) => machine.one(
                to,
                a,
                #[inline(always)]
                |x| x,
            ),
            Step::One(One::Negative, a) => each!(One::Negative, a),
            Step::One(One::Root, a) => each!(One::Root, a),
            Step::One(one, a) => each!(one, a),
            Step::Power(a, exponent) => machine.one(
                to,
                a,
                #[inline(always)]
                |x| x.power(exponent),
            ),
            Step::Two(Two::Sum, a, b) => both!(Two::Sum, a, b),
            Step::Two(Two::Difference, a, b) => both!(Two::Difference, a, b),
            Step::Two(Two::Product, a, b) => both!(Two::Product, a, b),
            Step::Two(Two::Quotient, a, b) => both!(Two::Quotient, a, b),
            Step::Two(two, a, b) => both!(two, a, b),
            Step::Scale(c, a) => machine.one(
                to,
                a,
                #[inline(always)]
                |x| x.scale(c),
            ),
            Step::Shift(c, a) => machine.one(
                to,
                a,
                #[inline(always)]
                |x| x.offset(c),
            ),
            Step::Reflect(c, a) => machine.one(
                to,
                a,
                #[inline(always)]
                |x| x.like(c) - x,
            ),
            Step::Over(c, a) => machine.one(
                to,
                a,
                #[inline(always)]
                |x| x.like(c) / x,
            ),
            Step::Select(all) => machine.three(
                to,
                all,
                #[inline(always)]
                |p, a, b| p.where_positive(a, b),
            ),
            Step::Average(a, x, weight) => machine.two(
                to,
                [a, x],
                #[inline(always)]
                |a, x| a.clone() + (x - a).scale(weight),
            ),
        }
    }
}

/// One number in every row.
pub struct Plain<'a, N> {
    /// The inputs.
    pub inputs: &'a [N],
    /// The rows.
    pub rows: Vec<N>,
}

impl<N: Real> Plain<'_, N> {
    /// What an operand is.
    pub fn value(&self, operand: usize) -> N {
        match self.inputs.get(operand) {
            Some(input) => input.clone(),
            None => self.rows[operand - self.inputs.len()].clone(),
        }
    }
}

impl<N: Real> Machine for Plain<'_, N> {
    type Number = N;

    fn fill(&mut self, to: usize, value: f64) {
        self.rows[to] = self.rows[to].like(value);
    }

    fn one(&mut self, to: usize, a: usize, f: impl Fn(N) -> N) {
        self.rows[to] = f(self.value(a));
    }

    fn two(&mut self, to: usize, [a, b]: [usize; 2], f: impl Fn(N, N) -> N) {
        self.rows[to] = f(self.value(a), self.value(b));
    }

    fn three(&mut self, to: usize, [a, b, c]: [usize; 3], f: impl Fn(N, N, N) -> N) {
        self.rows[to] = f(self.value(a), self.value(b), self.value(c));
    }
}
