//! Nodes of a graph as a program over rows of doubles.

use std::cell::Cell;

use ::formula::{Function, Operation};

use super::alike::alike;
use super::graph::{self, Choice, Graph};
use crate::aligned::Aligned;
use crate::float::Float;
use crate::program::{self, Inputs, Node, Nodes, One, Two};

/// Doubles that the rows take together, at most, if that leaves `LEAST` lanes: they stay in the first-level cache.
const CACHED: usize = 3072;
/// Lanes that are taken through the program together: enough to hide what an instruction costs beside its arithmetic.
const LEAST: usize = 64;
const MOST: usize = 512;

thread_local! {
    // The rows of the program at hand; kept between calls, since a step must not allocate.
    static ROWS: Cell<Option<Aligned<f64>>> = const { Cell::new(None) };
}

impl Nodes for Graph {
    type Input = usize;

    fn count(&self) -> usize {
        self.nodes().len()
    }

    fn node(&self, at: usize) -> Node<usize> {
        match self.nodes()[at] {
            graph::Node::Constant(bits) => Node::Constant(bits),
            graph::Node::Variable(i) => Node::Input(i),
            graph::Node::One(Function::Neg, a) => Node::One(One::Negative, a),
            graph::Node::One(Function::Sqrt, a) => Node::One(One::Root, a),
            graph::Node::One(f, a) => Node::One(One::Function(f), a),
            graph::Node::Two(operation, a, b) => {
                let two = match operation {
                    Operation::Add => Two::Sum,
                    Operation::Sub => Two::Difference,
                    Operation::Mul => Two::Product,
                    Operation::Div => Two::Quotient,
                    Operation::Pow => Two::Power,
                };
                Node::Two(two, a, b)
            }
            graph::Node::Choice(Choice {
                compared: [p, q],
                taken: [a, b],
            }) => Node::Choice([p, q, a, b]),
        }
    }
}

/// What computes some nodes of a graph.
#[derive(Clone, Debug)]
pub struct Program {
    program: program::Program<usize>,
    /// Outputs that it computes one after another, as one row.
    repeats: usize,
    /// 0, 1, … for its inputs.
    order: Vec<usize>,
    /// Lanes that go through it together.
    width: usize,
}

impl Program {
    /// The program that computes `outputs`, and nothing that they do not need.
    pub fn new(graph: &Graph, outputs: &[usize]) -> Self {
        Program::parted(graph, outputs, usize::MAX)
    }

    /// The same where variables below `part` may lie apart from the others.
    pub fn parted(graph: &Graph, outputs: &[usize], part: usize) -> Self {
        let repeats = match alike(graph, outputs, part) {
            true => outputs.len(),
            false => 1,
        };
        let program = program::Program::new(graph, &outputs[..outputs.len() / repeats], |_| None);
        let width = (CACHED / program.rows.max(1)).clamp(LEAST, MOST) / LEAST * LEAST;
        Program {
            order: (0..program.inputs.len()).collect(),
            program,
            repeats,
            width,
        }
    }

    /// Runs on `lanes` points, variable i of lane l at `from[i * lanes + l]`; output j goes to
    /// `to[j * lanes + l]`, rounded where it must be.
    pub fn run<F: Float, T: Float>(&self, from: &[F], lanes: usize, to: &mut [T]) {
        self.each(
            [from, &[]],
            lanes,
            #[inline(always)]
            |at, row| {
                let to = &mut to[at..][..row.len()];
                to.iter_mut().zip(row).for_each(|(y, x)| *y = T::of(*x));
            },
        );
    }

    /// The same where the variables below a part are apart from the rest; `take(at, row)` gets what else would go to `to[at..]`.
    #[inline(always)]
    pub fn each<F: Float>(
        &self,
        from: [&[F]; 2],
        lanes: usize,
        mut take: impl FnMut(usize, &[f64]),
    ) {
        let (program, width) = (&self.program, self.width);
        let inputs = program.inputs.len();
        let needed = (program.rows + inputs) * width;
        let kept = ROWS.take().filter(|rows| rows.len() >= needed);
        let mut memory = kept.unwrap_or_else(|| Aligned::new(0.0, needed));
        {
            let (rows, read) = memory.split_at_mut(program.rows * width);
            let all = self.repeats * lanes;
            let mut begin = 0;
            while begin < all {
                let count = width.min(all - begin);
                let place = |k: usize| program.inputs[k] * lanes + begin;
                let variables = match from.map(F::doubles) {
                    [Some(first), Some(rest)] => Variables {
                        from: [first, rest],
                        places: &program.inputs,
                        lanes,
                        begin,
                    },
                    _ => {
                        for (k, row) in read.chunks_exact_mut(width).take(inputs).enumerate() {
                            let own = row.iter_mut().zip(part(from, place(k)));
                            own.take(count).for_each(|(y, x)| *y = x.wide());
                        }
                        Variables {
                            from: [read, &[]],
                            places: &self.order,
                            lanes: width,
                            begin: 0,
                        }
                    }
                };
                program.on_rows(&variables, rows, width, count);
                for (j, output) in program.outputs.iter().enumerate() {
                    let row = (output - inputs) * width;
                    take(j * lanes + begin, &rows[row..][..count]);
                }
                begin += count;
            }
        }
        ROWS.set(Some(memory));
    }

    /// Whether its outputs are one function, each of variables of its own, and go through it as one row.
    pub fn is_repeated(&self) -> bool {
        self.repeats > 1
    }

    /// Runs on one point.
    pub fn at(&self, point: &[f64]) -> Vec<f64> {
        let mut to = vec![0.0; self.program.outputs.len() * self.repeats];
        self.run(point, 1, &mut to);
        to
    }
}

/// What lies at a place of two parts that follow each other.
#[inline(always)]
fn part<F>([first, rest]: [&[F]; 2], at: usize) -> &[F] {
    match first.get(at..) {
        Some(own) if !own.is_empty() => own,
        _ => &rest[at - first.len()..],
    }
}

/// The variables of some lanes, from `begin` on.
struct Variables<'a> {
    from: [&'a [f64]; 2],
    places: &'a [usize],
    lanes: usize,
    begin: usize,
}

impl Inputs<f64> for Variables<'_> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.places.len()
    }

    #[inline(always)]
    fn row(&self, k: usize) -> &[f64] {
        part(self.from, self.places[k] * self.lanes + self.begin)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::optimizer::Real;

    /// What the nodes come to at a point, one after another.
    fn directly(graph: &Graph, point: &[f64]) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::new();
        for node in graph.nodes() {
            let x = match *node {
                graph::Node::Constant(bits) => f64::from_bits(bits),
                graph::Node::Variable(i) => point[i],
                graph::Node::One(f, a) => f.of(values[a]),
                graph::Node::Two(operation, a, b) => operation.of(values[a], values[b]),
                graph::Node::Choice(Choice {
                    compared: [p, q],
                    taken: [a, b],
                }) => values[p].chosen(values[q], values[a], values[b]),
            };
            values.push(x);
        }
        values
    }

    type Made = [(u8, usize, usize, f64)];

    /// A graph of three variables and further nodes.
    fn graph(made: &Made) -> (Graph, Vec<usize>) {
        let mut graph = Graph::default();
        let variables = (0..3).map(|i| graph.variable(i)).collect();
        let all = further(&mut graph, variables, made);
        (graph, all)
    }

    /// Each entry of `made` is a further node of earlier ones.
    fn further(graph: &mut Graph, mut all: Vec<usize>, made: &Made) -> Vec<usize> {
        for &(what, a, which, x) in made {
            let constant = graph.constant(x);
            let (a, b) = (all[a % all.len()], all[which % all.len()]);
            let node = match what % 12 {
                0 => graph.two(Operation::Add, a, b),
                1 => graph.two(Operation::Sub, a, b),
                2 => graph.two(Operation::Mul, a, b),
                3 => graph.two(Operation::Div, a, b),
                4 => graph.two(Operation::Mul, constant, a),
                5 => graph.two(Operation::Add, a, constant),
                6 => graph.two(Operation::Sub, constant, a),
                7 => graph.two(Operation::Div, constant, a),
                8 => graph.one(Function::Sqrt, a),
                9 => graph.one([Function::Abs, Function::Sign, Function::Neg][which % 3], a),
                10 => graph.two(Operation::Pow, a, constant),
                _ => graph.choice([a, b], [b, constant]),
            };
            all.push(node);
        }
        all
    }

    fn same(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Default::default() })]

        /// The same function of two variables each, bit for bit.
        #[test]
        fn outputs_that_are_alike_are_one(
            made in prop::collection::vec((any::<u8>(), any::<usize>(), any::<usize>(), -2.0..3.0), 1..12),
            lanes in prop_oneof![Just(1usize), 2usize..20, Just(64), Just(67), Just(600)],
            many in 2usize..6,
        ) {
            let mut graph = Graph::default();
            let outputs: Vec<usize> = (0..many).map(|j| {
                let both = [graph.variable(j), graph.variable(many + j)];
                *further(&mut graph, both.to_vec(), &made).last().unwrap()
            }).collect();
            prop_assert!(alike(&graph, &outputs, many));
            let program = Program::parted(&graph, &outputs, many);
            let from: Vec<f64> = (0..2 * many * lanes).map(|k| (k as f64 * 0.37).sin() * 3.0).collect();
            let mut found = vec![0.0; many * lanes];
            program.run(&from, lanes, &mut found);
            let mut apart = vec![0.0; many * lanes];
            let [theta, held] = [&from[..many * lanes], &from[many * lanes..]];
            program.each([theta, held], lanes, |at, row: &[f64]| {
                apart[at..][..row.len()].copy_from_slice(row);
            });
            for lane in 0..lanes {
                let point: Vec<f64> = (0..2 * many).map(|i| from[i * lanes + lane]).collect();
                let values = directly(&graph, &point);
                for (j, node) in outputs.iter().enumerate() {
                    for own in [found[j * lanes + lane], apart[j * lanes + lane]] {
                        prop_assert!(same(own, values[*node]), "{own:e} {:e} {point:?}", values[*node]);
                    }
                }
            }
        }

        /// Bit for bit, however many lanes there are, whatever they are made of, and wherever rows are used again.
        #[test]
        fn a_program_is_its_graph(
            made in prop::collection::vec((any::<u8>(), any::<usize>(), any::<usize>(), -2.0..3.0), 1..40),
            lanes in prop_oneof![Just(1usize), 2usize..20, Just(64), Just(67), Just(600), Just(1030)],
            outputs in prop::collection::vec(any::<usize>(), 1..5),
        ) {
            let (graph, all) = graph(&made);
            let outputs: Vec<usize> = outputs.iter().map(|k| all[all.len() - 1 - k % all.len().min(6)]).collect();
            let program = Program::new(&graph, &outputs);
            let single: Vec<f32> = (0..3 * lanes).map(|k| (k as f32 * 0.37).sin() * 3.0).collect();
            let single: Vec<f32> = single.iter().enumerate().map(|(k, x)| if k % 11 == 0 { 0.0 } else { *x }).collect();
            let double: Vec<f64> = single.iter().map(|x| f64::from(*x)).collect();
            let mut found = vec![0.0; outputs.len() * lanes];
            program.run(&double, lanes, &mut found);
            let mut other = vec![0.0f64; outputs.len() * lanes];
            program.run(&single, lanes, &mut other);
            let mut apart = vec![0.0; outputs.len() * lanes];
            let parted = Program::parted(&graph, &outputs, 1);
            parted.each([&double[..lanes], &double[lanes..]], lanes, |at, row: &[f64]| {
                apart[at..][..row.len()].copy_from_slice(row);
            });
            for lane in 0..lanes {
                let point: Vec<f64> = (0..3).map(|i| double[i * lanes + lane]).collect();
                let values = directly(&graph, &point);
                for (j, node) in outputs.iter().enumerate() {
                    let at = j * lanes + lane;
                    for own in [found[at], other[at], apart[at]] {
                        prop_assert!(same(own, values[*node]), "{own:e} {:e} {point:?}", values[*node]);
                    }
                }
            }
        }
    }
}
