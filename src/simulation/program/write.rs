//! From a graph to a program.

use formula::Function;

use super::instruction::{First, Instruction, Machine, Second};
use super::node::{Node, Nodes, One, Two};
use super::rows::{self, Inputs};
use crate::vector::Vector;

/// What computes some nodes of a graph.
#[derive(Clone, Debug)]
pub struct Program<I> {
    /// What it reads.
    pub inputs: Vec<I>,
    /// Where each output is: a row, counted behind the inputs.
    pub outputs: Vec<usize>,
    /// How many rows it needs.
    pub rows: usize,
    steps: Vec<(Instruction, usize)>,
}

impl<I: Copy> Program<I> {
    /// The program that computes `outputs`, and nothing that they do not need. What `given` names is not computed but read.
    pub fn new<G: Nodes<Input = I>>(
        graph: &G,
        outputs: &[usize],
        mut given: impl FnMut(usize) -> Option<I>,
    ) -> Self {
        let mut needed = vec![false; graph.count()];
        let mut leaf = vec![None; graph.count()];
        let mut pending = outputs.to_vec();
        while let Some(node) = pending.pop() {
            if std::mem::replace(&mut needed[node], true) {
                continue;
            }
            match graph.node(node) {
                Node::Constant(_) => {}
                Node::Input(input) => leaf[node] = Some(given(node).unwrap_or(input)),
                other => match given(node) {
                    Some(input) => leaf[node] = Some(input),
                    None => pending.extend(other.arguments()),
                },
            }
        }
        let mut place = vec![None; graph.count()];
        let leaves = (0..graph.count()).filter(|&node| leaf[node].is_some());
        leaves
            .enumerate()
            .for_each(|(k, node)| place[node] = Some(k));
        let computed: Vec<usize> = (0..graph.count())
            .filter(|&node| {
                needed[node] && leaf[node].is_none() && graph.constant_at(node).is_none()
            })
            .collect();
        let mut left = vec![0; graph.count()];
        for &node in &computed {
            graph.node(node).arguments().for_each(|a| left[a] += 1);
        }
        // Outputs stay to the end.
        outputs.iter().for_each(|&node| left[node] += 1);
        let mut writer = Writer {
            graph,
            fused: fused(graph, &computed, &left),
            place,
            left,
            free: Vec::new(),
            program: Program {
                inputs: leaf.into_iter().flatten().collect(),
                outputs: Vec::new(),
                rows: 0,
                steps: Vec::new(),
            },
        };
        for node in computed {
            writer.write(node);
        }
        let outputs = outputs.iter().map(|&node| writer.output(node)).collect();
        Program {
            outputs,
            ..writer.program
        }
    }

    /// Runs it on `count` lanes, where a row begins every `stride` numbers of `rows`.
    pub fn on_rows<F: Vector, R: Inputs<F>>(
        &self,
        inputs: &R,
        rows: &mut [F],
        stride: usize,
        count: usize,
    ) {
        rows::run(&self.steps, inputs, rows, stride, count);
    }

    /// Runs it.
    #[inline(always)]
    pub fn run<M: Machine>(&self, machine: &mut M) {
        for (step, to) in &self.steps {
            step.run(*to, machine);
        }
    }
}

/// Part of an instruction, and the nodes of its operands; an operation that is not first takes its other operand alone.
type Part<P> = (P, Vec<usize>);

/// How a node may begin an instruction that goes on with another.
fn first<G: Nodes>(graph: &G, node: usize) -> Option<Part<First>> {
    let number = |at: usize| graph.constant_at(at);
    Some(match graph.node(node) {
        Node::One(One::Root, a) => (First::Root, vec![a]),
        Node::One(One::Function(Function::Abs), a) => (First::Size, vec![a]),
        Node::Two(Two::Quotient, a, b) => (First::Under(number(b)?), vec![a]),
        Node::Two(two @ (Two::Sum | Two::Difference | Two::Product), a, b) => {
            match (two, number(a), number(b)) {
                (Two::Sum, Some(c), _) => (First::Shift(c), vec![b]),
                (Two::Sum, _, Some(c)) => (First::Shift(c), vec![a]),
                (Two::Difference, _, Some(c)) => (First::Shift(-c), vec![a]),
                (Two::Difference, Some(c), _) => (First::Reflect(c), vec![b]),
                (Two::Product, Some(c), _) => (First::Scale(c), vec![b]),
                (Two::Product, _, Some(c)) => (First::Scale(c), vec![a]),
                (Two::Sum, ..) => (First::Sum, vec![a, b]),
                (Two::Difference, ..) => (First::Difference, vec![a, b]),
                _ => (First::Product, vec![a, b]),
            }
        }
        _ => return None,
    })
}

/// How a node may go on with the result `with`.
fn second<G: Nodes>(graph: &G, node: usize, with: usize) -> Option<Part<Second>> {
    let (two, a, b) = match graph.node(node) {
        Node::One(One::Root, _) => return Some((Second::Root, vec![])),
        Node::One(One::Function(Function::Abs), _) => return Some((Second::Size, vec![])),
        Node::Average(a, x, w) if x == with => {
            return Some((Second::Average(f64::from_bits(w)), vec![a]));
        }
        Node::Two(two, a, b) => (two, a, b),
        _ => return None,
    };
    let (other, flipped) = if a == with { (b, false) } else { (a, true) };
    let number = graph.constant_at(other);
    let own = match (two, number, flipped) {
        (Two::Sum, Some(c), _) => Second::Shift(c),
        (Two::Difference, Some(c), false) => Second::Shift(-c),
        (Two::Difference, Some(c), true) => Second::Reflect(c),
        (Two::Product, Some(c), _) => Second::Scale(c),
        (Two::Quotient, Some(c), true) => Second::Over(c),
        (Two::Quotient, Some(c), false) => Second::Under(c),
        (_, Some(_), _) => return None,
        (Two::Sum, ..) => Second::Sum,
        (Two::Difference, _, false) => Second::Difference,
        (Two::Difference, _, true) => Second::From,
        (Two::Product, ..) => Second::Product,
        (Two::Quotient, _, false) => Second::Quotient,
        (Two::Quotient, _, true) => Second::Divides,
        _ => return None,
    };
    let operands = if number.is_some() {
        vec![]
    } else {
        vec![other]
    };
    Some((own, operands))
}

/// For each node the one that is computed within its instruction: an argument that nothing else needs.
fn fused<G: Nodes>(graph: &G, computed: &[usize], uses: &[usize]) -> Vec<Option<usize>> {
    let mut fused: Vec<Option<usize>> = vec![None; graph.count()];
    let mut within = vec![false; graph.count()];
    let mut whole = vec![false; graph.count()];
    computed.iter().for_each(|&node| whole[node] = true);
    for &node in computed {
        let fits = |&a: &usize| {
            whole[a]
                && uses[a] == 1
                && fused[a].is_none()
                && !within[a]
                && first(graph, a).is_some()
                && second(graph, node, a).is_some()
        };
        let found = graph.node(node).arguments().find(fits);
        if let Some(a) = found {
            within[a] = true;
        }
        fused[node] = found;
    }
    // What is within another has no instruction of its own: it stands for itself.
    for node in (0..within.len()).filter(|&node| within[node]) {
        fused[node] = Some(node);
    }
    fused
}

struct Writer<'a, G: Nodes> {
    graph: &'a G,
    /// What is computed within the instruction of a node; the node itself where it is within another's.
    fused: Vec<Option<usize>>,
    /// The operand of each node that has one.
    place: Vec<Option<usize>>,
    /// How many are still to read it.
    left: Vec<usize>,
    free: Vec<usize>,
    program: Program<G::Input>,
}

impl<G: Nodes> Writer<'_, G> {
    fn row(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.program.rows += 1;
            self.program.rows - 1
        })
    }

    fn push(&mut self, step: Instruction) -> usize {
        let row = self.row();
        self.program.steps.push((step, row));
        self.program.inputs.len() + row
    }

    /// The operand that a node is; a number that is none yet is filled in.
    fn operand(&mut self, node: usize) -> usize {
        if let Some(place) = self.place[node] {
            return place;
        }
        let value = self.graph.constant_at(node).unwrap_or(f64::NAN);
        let place = self.push(Instruction::Fill(value));
        self.place[node] = Some(place);
        place
    }

    /// One that nothing needs any longer gives its row back.
    fn done(&mut self, node: usize) {
        self.left[node] -= 1;
        if let (0, Some(place)) = (self.left[node], self.place[node])
            && place >= self.program.inputs.len()
        {
            self.free.push(place - self.program.inputs.len());
            self.place[node] = None;
        }
    }

    fn write(&mut self, node: usize) {
        let within = match self.fused[node] {
            Some(own) if own == node => return,
            within => within,
        };
        let step = match within.and_then(|own| self.pair(node, own)) {
            Some(pair) => pair,
            None => self.single(node),
        };
        // The row of a result is none of its operands', which are given back only now.
        let place = self.push(step);
        self.place[node] = Some(place);
        for own in within.into_iter().chain([node]) {
            for a in self.graph.node(own).arguments() {
                self.done(a);
            }
        }
    }

    /// Both operations at once; one that takes fewer operands than three reads some of them twice.
    fn pair(&mut self, node: usize, within: usize) -> Option<Instruction> {
        let (first, own) = first(self.graph, within)?;
        let (second, other) = second(self.graph, node, within)?;
        let [a, b] = [own.first()?, own.last()?].map(|a| self.operand(*a));
        let c = other.first().map_or(a, |c| self.operand(*c));
        Some(Instruction::Pair(first, second, [a, b, c]))
    }

    fn single(&mut self, node: usize) -> Instruction {
        let number = |at: usize| self.graph.constant_at(at);
        match self.graph.node(node) {
            Node::Two(two, a, b) => match (two, number(a), number(b)) {
                (Two::Product, Some(c), _) => Instruction::Scale(c, self.operand(b)),
                (Two::Product, _, Some(c)) => Instruction::Scale(c, self.operand(a)),
                (Two::Sum, Some(c), _) => Instruction::Shift(c, self.operand(b)),
                (Two::Sum, _, Some(c)) => Instruction::Shift(c, self.operand(a)),
                (Two::Difference, _, Some(c)) => Instruction::Shift(-c, self.operand(a)),
                (Two::Difference, Some(c), _) => Instruction::Reflect(c, self.operand(b)),
                (Two::Quotient, Some(c), _) => Instruction::Over(c, self.operand(b)),
                (Two::Quotient, _, Some(c)) => Instruction::Under(c, self.operand(a)),
                _ => Instruction::Two(two, self.operand(a), self.operand(b)),
            },
            Node::One(one, a) => Instruction::One(one, self.operand(a)),
            Node::Power(a, exponent) => {
                Instruction::Power(self.operand(a), f64::from_bits(exponent))
            }
            Node::Select(all) => Instruction::Select(all.map(|a| self.operand(a))),
            Node::Choice(all) => Instruction::Choice(all.map(|a| self.operand(a))),
            Node::Average(a, x, w) => {
                Instruction::Average(self.operand(a), self.operand(x), f64::from_bits(w))
            }
            Node::Constant(bits) => Instruction::Fill(f64::from_bits(bits)),
            Node::Input(_) => Instruction::Fill(f64::NAN),
        }
    }

    /// The row of an output, which is no input's: those are written over while outputs are taken away.
    fn output(&mut self, node: usize) -> usize {
        match self.operand(node) {
            input if input < self.program.inputs.len() => self.push(Instruction::Copy(input)),
            row => row,
        }
    }
}
