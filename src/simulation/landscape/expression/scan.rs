//! Where a formula of one variable is not smooth, and where it is narrow: found from its parts.
//!
//! A sample of a formula may miss what is narrow: the samples of exp(−((x − 0.137)/0.001)²) on a grid are
//! all 0. Its argument is not narrow. So cells are halved, from the innermost parts outwards, until no
//! argument changes by more over a cell than what its function resolves: exp by 2, a sine by a third of
//! its period, a quotient until the divisor is the same to a factor. What is then left within a cell is seen
//! by any few points in it.

use super::super::structure::Structure;
use super::graph::{Choice, Function, Graph, Node, Operation};
use super::program::Program;
use super::series::{Series, all};

/// How an argument must change over a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// By this much, or by half of its distance from 0 where that exceeds the second number.
    Scale(f64, f64),
    /// Monotonously, or keep its sign: |u| has its kink at 0.
    Turn,
    /// Monotonously through 0, or by no more than twice its distance from it: 1/u, ln u, √u.
    Zero,
}

/// What is watched.
#[derive(Clone, Debug)]
pub struct Scan {
    graph: Graph,
    root: usize,
    rules: Vec<Rule>,
    /// The arguments, then L.
    program: Program,
    /// The slopes of the arguments.
    slopes: Program,
    /// Whether a quotient may come to 0/0.
    pub divides: bool,
}

/// Points of a cell, its ends among them.
const SAMPLES: usize = 9;
/// Cells looked at before the search is given up.
const MOST_CELLS: usize = 40_000;
/// Cells at first in each doubling of |x|.
const IN_A_DOUBLING: usize = 4;
/// Width of the narrowest cell, as a part of |x|; and of the interval, about 0.
const NARROWEST: f64 = 1e-12;
const NARROWEST_AT_0: f64 = 1e-15;

impl Scan {
    /// The parts of node `root`.
    pub fn new(mut graph: Graph, root: usize) -> Self {
        let needed = graph.needed(&[root]);
        let mut watched: Vec<(usize, Rule)> = Vec::new();
        let mut divides = false;
        for at in (0..=root).filter(|&at| needed[at]) {
            match graph.nodes()[at] {
                Node::Constant(_) | Node::Variable(_) => {}
                Node::One(f, a) => match f {
                    Function::Neg => {}
                    Function::Abs | Function::Sign => watched.push((a, Rule::Turn)),
                    Function::Exp | Function::Sinh | Function::Cosh => {
                        watched.push((a, Rule::Scale(2.0, 50.0)));
                    }
                    Function::Tanh | Function::SechSquare => {
                        watched.push((a, Rule::Scale(1.0, 20.0)))
                    }
                    Function::Atan => watched.push((a, Rule::Scale(1.0, 2.0))),
                    Function::Sin | Function::Cos => {
                        watched.push((a, Rule::Scale(2.0, f64::INFINITY)));
                    }
                    Function::Tan => {
                        let cosine = graph.one(Function::Cos, a);
                        watched.push((a, Rule::Scale(2.0, f64::INFINITY)));
                        watched.push((cosine, Rule::Zero));
                    }
                    Function::Ln | Function::Sqrt => {
                        watched.extend(factors(&graph, a).into_iter().map(|a| (a, Rule::Zero)));
                    }
                    Function::Asin | Function::Acos => {
                        let square = graph.two(Operation::Mul, a, a);
                        let one = graph.constant(1.0);
                        let rest = graph.two(Operation::Sub, one, square);
                        watched.push((rest, Rule::Zero));
                    }
                },
                Node::Two(Operation::Div, _, b) => {
                    divides = true;
                    watched.extend(factors(&graph, b).into_iter().map(|b| (b, Rule::Zero)));
                }
                Node::Two(Operation::Pow, a, b) => {
                    watched.extend(factors(&graph, a).into_iter().map(|a| (a, Rule::Zero)));
                    if graph.number(b).is_none() {
                        watched.push((b, Rule::Scale(0.5, 50.0)));
                    }
                }
                Node::Two(..) => {}
                Node::Choice(Choice {
                    compared: [p, q], ..
                }) => {
                    let gap = graph.two(Operation::Sub, p, q);
                    watched.push((gap, Rule::Turn));
                }
            }
        }
        watched.retain(|(node, _)| graph.number(*node).is_none());
        watched.dedup();
        let (mut outputs, rules): (Vec<usize>, Vec<Rule>) = watched.into_iter().unzip();
        let slopes: Vec<usize> = outputs
            .iter()
            .map(|&node| graph.gradient(node, 1)[0])
            .collect();
        let slopes = Program::new(&graph, &slopes);
        outputs.push(root);
        let program = Program::new(&graph, &outputs);
        Self {
            graph,
            root,
            rules,
            program,
            slopes,
            divides,
        }
    }

    /// The structure between two points.
    pub fn structure(&self, low: f64, high: f64) -> Structure {
        let mut found = Structure::default();
        let mut cells = first_cells(low, high);
        let mut marks: Vec<f64> = Vec::new();
        let mut looked = 0;
        let narrowest_at_0 = NARROWEST_AT_0 * (high - low);
        while !cells.is_empty() {
            looked += cells.len();
            if looked > MOST_CELLS {
                found.unresolved = cells.first().map(|cell| 0.5 * (cell.0 + cell.1));
                found.cells.extend(cells.iter().map(|cell| cell.0));
                break;
            }
            let values = self.sampled(&cells);
            let mut next = Vec::new();
            for (n, &(a, b)) in cells.iter().enumerate() {
                let own = |j: usize| &values[j * cells.len() * SAMPLES + n * SAMPLES..][..SAMPLES];
                let middle = a + 0.5 * (b - a);
                let narrow = b - a <= NARROWEST * a.abs().min(b.abs()) + narrowest_at_0;
                let coarse = (0..self.rules.len()).any(|j| !fits(self.rules[j], own(j)));
                if coarse && !narrow && middle > a && middle < b {
                    next.extend([(a, middle), (middle, b)]);
                    continue;
                }
                for (j, rule) in self.rules.iter().enumerate() {
                    if !matches!(rule, Rule::Scale(..)) {
                        self.mark(j, (a, b), own(j), &mut marks);
                    }
                }
                found.cells.push(a);
            }
            cells = next;
        }
        found.cells.push(high);
        found.cells.sort_by(f64::total_cmp);
        found.cells.dedup();
        marks.sort_by(f64::total_cmp);
        marks.dedup_by(|a, b| (*a - *b).abs() <= 4.0 * f64::EPSILON * a.abs());
        for x in marks {
            self.classify(x, &mut found);
        }
        for x in &found.removable {
            without_divisors(&mut found.cells, *x);
        }
        found
    }

    /// L as the formula gives it.
    pub fn value(&self, x: f64) -> f64 {
        self.program.at(&[x])[self.rules.len()]
    }

    /// The series on either side of a point, in x − `x`.
    pub fn sides(&self, x: f64) -> [Option<Series>; 2] {
        let root = |mut all: Vec<Option<Series>>| all.pop().flatten();
        self.parts(x).map(root)
    }

    /// The same of every node up to the root.
    fn parts(&self, x: f64) -> [Vec<Option<Series>>; 2] {
        let left = all(&self.graph, self.root, &[x], &[-1.0]);
        let left = left.into_iter().map(|s| s.map(Series::reversed));
        [left.collect(), all(&self.graph, self.root, &[x], &[1.0])]
    }

    /// The innermost parts that have a limit at x where a divisor within them is 0 there.
    pub fn limits(&self, x: f64) -> Vec<usize> {
        let parts = self.parts(x);
        let needed = self.graph.needed(&[self.root]);
        // Whether a node has neither a value nor a limit of its own.
        let mut lost = vec![false; self.root + 1];
        let mut found = Vec::new();
        for at in (0..=self.root).filter(|&at| needed[at]) {
            let divides = match self.graph.nodes()[at] {
                Node::Two(Operation::Div, _, b) => {
                    let zero =
                        |side: &Vec<Option<Series>>| side[b].as_ref().is_some_and(Series::vanishes);
                    parts.iter().any(zero)
                }
                _ => false,
            };
            if divides || self.graph.arguments(at).into_iter().any(|a| lost[a]) {
                if parts.iter().all(|side| side[at].is_some()) {
                    found.push(at);
                } else {
                    lost[at] = true;
                }
            }
        }
        found
    }

    /// The same for a part of the formula.
    pub fn of_part(&self, node: usize) -> Self {
        Self::new(self.graph.clone(), node)
    }

    /// Every watched argument, and L, at the points of every cell.
    fn sampled(&self, cells: &[(f64, f64)]) -> Vec<f64> {
        let points: Vec<f64> = cells
            .iter()
            .flat_map(|&(a, b)| {
                (0..SAMPLES).map(move |i| match i {
                    0 => a,
                    i if i + 1 == SAMPLES => b,
                    i => a + (b - a) * i as f64 / (SAMPLES - 1) as f64,
                })
            })
            .collect();
        let mut values = vec![0.0; points.len() * (self.rules.len() + 1)];
        self.program.run(&points, points.len(), &mut values);
        values
    }

    /// Where argument `j` is 0 in a cell.
    fn mark(&self, j: usize, (a, b): (f64, f64), samples: &[f64], marks: &mut Vec<f64>) {
        let at = |x: f64| self.program.at(&[x])[j];
        let (first, last) = (samples[0], samples[SAMPLES - 1]);
        if first == 0.0 {
            marks.push(a);
        }
        if last == 0.0 {
            marks.push(b);
        }
        if first * last < 0.0 {
            marks.push(root(&at, a, b));
        } else if first * last > 0.0 && !fits(self.rules[j], samples) {
            // As narrow as a cell may be, and still not apart from 0: it touches 0 where it turns.
            let slope = |x: f64| self.slopes.at(&[x])[j];
            let reach = 1e-5 * (1.0 + a.abs());
            let (left, right) = (a - reach, b + reach);
            if slope(left) * slope(right) < 0.0 {
                marks.push(root(&slope, left, right));
            } else {
                marks.push(a);
            }
        }
    }

    fn classify(&self, x: f64, found: &mut Structure) {
        match self.sides(x) {
            [Some(left), Some(right)] => {
                let [l, r] = [&left, &right].map(Series::coefficients);
                let most = l.len().min(r.len());
                let size = |k: usize| l[k].abs().max(r[k].abs());
                // A place is known to some rounding, which the next coefficient turns into one of this.
                let place = 8.0 * f64::EPSILON * x.abs();
                let same = |k: usize| {
                    let next = if k + 1 < most { size(k + 1) } else { 0.0 };
                    let rounding = left.rounding(k).max(right.rounding(k));
                    (l[k] - r[k]).abs() <= 1e-9 * size(k) + place * (k + 1) as f64 * next + rounding
                };
                let value = self.value(x);
                if !same(0) {
                    found.poles.push(x);
                } else if !value.is_finite() || self.divides && self.vanishes(x) {
                    found.removable.push(x);
                    if !(same(1) && same(2)) {
                        found.kinks.push(x);
                    }
                } else if most < 3 || !(1..3).all(same) {
                    found.kinks.push(x);
                }
            }
            // A cusp, or what is as flat as exp(−1/x²), has no series and goes on all the same.
            _ if self.goes_on(x) => found.kinks.push(x),
            _ => found.poles.push(x),
        }
    }

    fn goes_on(&self, x: f64) -> bool {
        let at = |x: f64| self.value(x);
        let near = 1e-9 * (1.0 + x.abs());
        let values = [x - 2.0 * near, x - near, x, x + near, x + 2.0 * near].map(at);
        let apart = |a: f64, b: f64| (a - b).abs() / (1.0 + a.abs().min(b.abs()));
        values.windows(2).all(|pair| apart(pair[0], pair[1]) < 1e-2)
    }

    /// Whether a divisor is 0 there, or next to it.
    fn vanishes(&self, x: f64) -> bool {
        let values = self.program.at(&[x]);
        let slopes = self.slopes.at(&[x]);
        let near = 1e-9 * (1.0 + x.abs());
        (0..self.rules.len()).any(|j| {
            self.rules[j] == Rule::Zero && values[j].abs() <= near * slopes[j].abs().max(near)
        })
    }
}

/// The factors of a product, with their roots and signs left out.
fn factors(graph: &Graph, node: usize) -> Vec<usize> {
    match graph.nodes()[node] {
        Node::Two(Operation::Mul, a, b) => {
            let mut all = factors(graph, a);
            all.extend(factors(graph, b));
            all.sort_unstable();
            all.dedup();
            all
        }
        Node::One(Function::Neg | Function::Sqrt | Function::Abs, a) => factors(graph, a),
        Node::Two(Operation::Pow, a, b) if graph.number(b).is_some() => factors(graph, a),
        Node::One(Function::Exp, _) => Vec::new(),
        _ => vec![node],
    }
}

/// Takes away the cells next to 0/0 at `x` that are narrow for the sake of the divisor alone: those about as wide as they are
/// far from it.
fn without_divisors(cells: &mut Vec<f64>, x: f64) {
    let near = 1e-3 * (1.0 + x.abs());
    let last = cells.len() - 1;
    let stays = |i: usize| {
        let apart = (cells[i] - x).abs();
        let narrow = |width: f64| width < 0.1 * apart;
        i == 0
            || i == last
            || apart > near
            || narrow(cells[i] - cells[i - 1])
            || narrow(cells[i + 1] - cells[i])
    };
    *cells = (0..cells.len())
        .filter(|i| stays(*i))
        .map(|i| cells[i])
        .collect();
}

/// Cells that are no wider than a part of their distance from 0.
fn first_cells(low: f64, high: f64) -> Vec<(f64, f64)> {
    let most = low.abs().max(high.abs());
    let mut ends = vec![low, high, 0.0];
    let mut size = most;
    while size > 1e-3 * most && size > 0.0 {
        for k in 0..IN_A_DOUBLING {
            let x = size * (1.0 - 0.5 * k as f64 / IN_A_DOUBLING as f64);
            ends.extend([x, -x]);
        }
        size *= 0.5;
    }
    // And no wider than a part of the interval.
    let width = (high - low) / 32.0;
    ends.extend((1..32).map(|i| low + width * f64::from(i)));
    ends.retain(|x| (low..=high).contains(x));
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// Whether an argument with these samples may stay in one cell.
fn fits(rule: Rule, samples: &[f64]) -> bool {
    if samples.iter().all(|x| !x.is_finite()) {
        return true;
    }
    if samples.iter().any(|x| x.is_nan()) {
        return false;
    }
    // What has left the doubles is as far off as they go.
    let within = samples.iter().map(|x| x.clamp(f64::MIN, f64::MAX));
    let low = within.clone().fold(f64::INFINITY, f64::min);
    let high = within.fold(f64::NEG_INFINITY, f64::max);
    let range = high - low;
    let apart = if low > 0.0 {
        low
    } else if high < 0.0 {
        -high
    } else {
        0.0
    };
    let monotone = || {
        let rising = samples.windows(2).all(|p| p[0] <= p[1]);
        rising || samples.windows(2).all(|p| p[0] >= p[1])
    };
    match rule {
        Rule::Scale(step, far) => range <= step || apart > far && range <= 0.5 * apart,
        Rule::Turn => range <= 2.0 * apart || monotone(),
        Rule::Zero => range <= 2.0 * apart || apart == 0.0 && monotone(),
    }
}

/// The root of f between a and b, where f has different signs, to neighbouring doubles: the one of them at
/// which f is smaller.
fn root(f: &dyn Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let left = f(a) > 0.0;
    for _ in 0..2100 {
        let middle = 0.5 * (a + b);
        let y = f(middle);
        if y == 0.0 {
            return middle;
        }
        if middle <= a || middle >= b {
            break;
        }
        if (y > 0.0) == left {
            a = middle;
        } else {
            b = middle;
        }
    }
    if f(a).abs() <= f(b).abs() { a } else { b }
}
