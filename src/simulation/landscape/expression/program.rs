//! Nodes of a graph as a straight-line program over rows of lanes.

use std::cell::Cell;

use super::graph::{Choice, Function, Graph, Node, Operation, chosen, sign};
use crate::float::Float;
use crate::vectorised::vectorised;

/// Lanes that are taken through the program together: enough to hide what an instruction costs beside
/// its arithmetic, few enough that the rows stay in the first-level cache.
const WIDTH: usize = 128;
/// A block of half as many, which is common, has loops of its own too.
const HALF: usize = WIDTH / 2;

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Row([f64; WIDTH]);

thread_local! {
    // The rows of the program at hand; kept between calls, since a step must not allocate.
    static ROWS: Cell<Vec<Row>> = const { Cell::new(Vec::new()) };
}

#[derive(Clone, Copy, Debug)]
enum Step {
    One(Function, usize),
    Two(Operation, usize, usize),
    Choice(Choice),
    /// x times a number.
    Scale(f64, usize),
    /// x plus a number.
    Shift(f64, usize),
    /// A number minus x.
    Reflect(f64, usize),
}

/// What computes some nodes of a graph: rows of numbers, then rows of variables, then one row per
/// instruction, each after its arguments.
#[derive(Clone, Debug)]
pub struct Program {
    numbers: Vec<f64>,
    variables: Vec<usize>,
    steps: Vec<Step>,
    outputs: Vec<usize>,
}

impl Program {
    /// The program that computes `outputs`, and nothing that they do not need.
    pub fn new(graph: &Graph, outputs: &[usize]) -> Self {
        let nodes = graph.nodes();
        let needed = graph.needed(outputs);
        let used = || (0..nodes.len()).filter(|&at| needed[at]);
        let mut row = vec![0; nodes.len()];
        let (mut numbers, mut variables, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        for at in used() {
            if let Node::Constant(bits) = nodes[at] {
                row[at] = numbers.len();
                numbers.push(f64::from_bits(bits));
            }
        }
        for at in used() {
            if let Node::Variable(i) = nodes[at] {
                row[at] = numbers.len() + variables.len();
                variables.push(i);
            }
        }
        let first = numbers.len() + variables.len();
        for at in used() {
            let step = match nodes[at] {
                Node::One(f, a) => Step::One(f, row[a]),
                Node::Two(operation, a, b) => match (operation, graph.number(a), graph.number(b)) {
                    (Operation::Mul, Some(x), None) => Step::Scale(x, row[b]),
                    (Operation::Mul, None, Some(x)) => Step::Scale(x, row[a]),
                    (Operation::Add, Some(x), None) => Step::Shift(x, row[b]),
                    (Operation::Add, None, Some(x)) => Step::Shift(x, row[a]),
                    (Operation::Sub, None, Some(x)) => Step::Shift(-x, row[a]),
                    (Operation::Sub, Some(x), None) => Step::Reflect(x, row[b]),
                    _ => Step::Two(operation, row[a], row[b]),
                },
                Node::Choice(Choice { compared, taken }) => Step::Choice(Choice {
                    compared: compared.map(|at| row[at]),
                    taken: taken.map(|at| row[at]),
                }),
                Node::Constant(_) | Node::Variable(_) => continue,
            };
            row[at] = first + steps.len();
            steps.push(step);
        }
        Program {
            numbers,
            variables,
            steps,
            outputs: outputs.iter().map(|&at| row[at]).collect(),
        }
    }

    /// Runs on `lanes` points, variable i of lane l at `from[i * lanes + l]`; output j goes to
    /// `to[j * lanes + l]`, rounded where it must be.
    #[inline(always)]
    pub fn run<F: Float, T: Float>(&self, from: &[F], lanes: usize, to: &mut [T]) {
        self.run_in::<false, F, T>(from, lanes, to);
    }

    /// The same, where 0 times what has left the doubles is 0: the slope of 1/cosh(1000) is no less known than its value.
    pub fn run_lenient<F: Float, T: Float>(&self, from: &[F], lanes: usize, to: &mut [T]) {
        self.run_in::<true, F, T>(from, lanes, to);
    }

    #[inline(always)]
    fn run_in<const LENIENT: bool, F: Float, T: Float>(
        &self,
        from: &[F],
        lanes: usize,
        to: &mut [T],
    ) {
        let first = self.numbers.len() + self.variables.len();
        let mut rows = ROWS.take();
        let size = first + self.steps.len();
        if rows.len() < size {
            rows.resize(size, Row([0.0; WIDTH]));
        }
        let most = lanes.min(WIDTH);
        for (row, number) in rows.iter_mut().zip(&self.numbers) {
            row.0[..most].fill(*number);
        }
        for begin in (0..lanes).step_by(WIDTH) {
            let width = (lanes - begin).min(WIDTH);
            for (row, i) in rows[self.numbers.len()..].iter_mut().zip(&self.variables) {
                let own = &from[i * lanes + begin..][..width];
                for (y, x) in row.0[..width].iter_mut().zip(own) {
                    *y = x.wide();
                }
            }
            for (n, step) in self.steps.iter().enumerate() {
                let (before, rest) = rows.split_at_mut(first + n);
                // A length known beforehand makes better loops.
                match width {
                    WIDTH => step.run::<LENIENT>(before, &mut rest[0].0, WIDTH),
                    HALF => step.run::<LENIENT>(before, &mut rest[0].0, HALF),
                    _ => step.run::<LENIENT>(before, &mut rest[0].0, width),
                }
            }
            for (j, row) in self.outputs.iter().enumerate() {
                let own = &mut to[j * lanes + begin..][..width];
                for (y, x) in own.iter_mut().zip(&rows[*row].0[..width]) {
                    *y = T::of(*x);
                }
            }
        }
        ROWS.set(rows);
    }

    /// The same with the widest instructions of this machine, whoever asks.
    pub fn run_wide(&self, from: &[f64], lanes: usize, to: &mut [f64]) {
        vectorised!(|to| self.run(from, lanes, to));
    }

    /// Runs on one point.
    pub fn at(&self, point: &[f64]) -> Vec<f64> {
        let mut to = vec![0.0; self.outputs.len()];
        self.run(point, 1, &mut to);
        to
    }
}

/// a·b, or 0 where one of them is and the other may have left the doubles.
#[inline(always)]
fn product<const LENIENT: bool>(a: f64, b: f64) -> f64 {
    if LENIENT && (a == 0.0 || b == 0.0) {
        0.0
    } else {
        a * b
    }
}

impl Step {
    #[inline(always)]
    fn run<const LENIENT: bool>(self, before: &[Row], out: &mut [f64; WIDTH], width: usize) {
        let out = &mut out[..width];
        // One loop for each operation, so that those without a library call become wide instructions.
        macro_rules! each {
            ($a:expr, $f:expr) => {
                for (y, x) in out.iter_mut().zip(&before[$a].0[..width]) {
                    *y = $f(*x);
                }
            };
        }
        macro_rules! both {
            ($a:expr, $b:expr, $f:expr) => {
                for ((y, a), b) in out
                    .iter_mut()
                    .zip(&before[$a].0[..width])
                    .zip(&before[$b].0[..width])
                {
                    *y = $f(*a, *b);
                }
            };
        }
        match self {
            Step::One(Function::Neg, a) => each!(a, |x: f64| -x),
            Step::One(Function::Abs, a) => each!(a, f64::abs),
            Step::One(Function::Sign, a) => each!(a, sign),
            Step::One(Function::Sqrt, a) => each!(a, f64::sqrt),
            Step::One(f, a) => each!(a, |x| f.of(x)),
            Step::Choice(Choice { compared, taken }) => {
                let [p, q, a, b] =
                    [compared[0], compared[1], taken[0], taken[1]].map(|row| &before[row].0);
                for (i, y) in out.iter_mut().enumerate() {
                    *y = chosen(p[i], q[i], a[i], b[i]);
                }
            }
            Step::Scale(c, a) => each!(a, |x: f64| product::<LENIENT>(c, x)),
            Step::Shift(c, a) => each!(a, |x: f64| c + x),
            Step::Reflect(c, a) => each!(a, |x: f64| c - x),
            Step::Two(Operation::Add, a, b) => both!(a, b, |a, b| a + b),
            Step::Two(Operation::Sub, a, b) => both!(a, b, |a, b| a - b),
            Step::Two(Operation::Mul, a, b) => both!(a, b, product::<LENIENT>),
            Step::Two(Operation::Div, a, b) => both!(a, b, |a, b| a / b),
            Step::Two(Operation::Pow, a, b) => both!(a, b, f64::powf),
        }
    }
}
