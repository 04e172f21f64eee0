//! From the lines of a rule to a graph, at given hyper-parameters.

use std::collections::BTreeMap;

use formula::{Comparison, Function, Kind, Node as Part, Operation, called_function};

use super::Written;
use super::graph::{Graph, Input, One, Two};
use super::statement::{Placed, Statement};
use crate::optimizer::{Values, WeightDecay};

/// Below this a running power is set to 0: it has long ceased to matter, and stays out of the subnormal range.
const NEGLIGIBLE: f64 = 1e-30;

/// Something that is remembered: its node before the step, and after it.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Before the first step; NaN where it is θ.
    pub start: f64,
    /// Whether it starts as θ.
    pub place: bool,
    /// Its node after the step.
    pub after: usize,
}

/// A rule as a graph.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The graph.
    pub graph: Graph,
    /// Memory per particle.
    pub scalars: Vec<Slot>,
    /// Memory per coordinate.
    pub states: Vec<Slot>,
    /// The names of these.
    pub names: Vec<String>,
    /// u.
    pub update: usize,
    /// θ after the step.
    pub theta: usize,
    /// Where the gradient is taken, if not at θ.
    pub at: Option<usize>,
}

/// A power qᵗ that a particle carries along.
struct Running {
    q: f64,
    power: usize,
    weight: Option<usize>,
}

struct Lowering<'a> {
    graph: Graph,
    names: BTreeMap<&'a str, usize>,
    scalars: Vec<Slot>,
    running: Vec<Running>,
}

/// The rule at these hyper-parameters.
pub fn lower(rule: &Written, values: &Values) -> Lowered {
    let mut lowering = Lowering {
        graph: Graph::default(),
        names: BTreeMap::new(),
        scalars: Vec::new(),
        running: Vec::new(),
    };
    lowering.rule(rule, values)
}

impl<'a> Lowering<'a> {
    fn rule(&mut self, rule: &'a Written, values: &Values) -> Lowered {
        for name in &rule.hypers {
            let value = self.graph.constant(values[name.as_str()]);
            self.names.insert(name, value);
        }
        let start = |lowering: &mut Self, start: &'a Placed| {
            let node = lowering.formula(start);
            lowering.graph.number(node).unwrap_or(f64::NAN)
        };
        let constant = values.schedule.is_constant();
        let eta = match constant {
            true => self.graph.constant(values["eta"]),
            false => self.graph.input(Input::Eta),
        };
        let factor = match constant {
            true => self.graph.constant(1.0),
            false => self.graph.input(Input::Factor),
        };
        let states: Vec<(f64, bool)> = rule
            .states
            .iter()
            .map(|(_, own)| {
                own.as_ref()
                    .map_or((f64::NAN, true), |own| (start(self, own), false))
            })
            .collect();
        for (name, own) in &rule.scalars {
            let slot = Slot {
                start: start(self, own),
                place: false,
                after: self.graph.input(Input::Scalar(self.scalars.len())),
            };
            self.names.insert(name, slot.after);
            self.scalars.push(slot);
        }
        for (name, input) in [("t", Input::Step), ("dim", Input::Dim)] {
            let node = self.graph.input(input);
            self.names.insert(name, node);
        }
        self.names.extend([("eta", eta), ("schedule", factor)]);
        self.lines(&rule.tick);
        for (k, (name, _)) in rule.scalars.iter().enumerate() {
            self.scalars[k].after = self.names[name.as_str()];
        }
        let theta = self.graph.input(Input::Theta);
        let fresh = self.graph.input(Input::Fresh);
        self.names.extend([("theta", theta), ("xi", fresh)]);
        for (k, (name, _)) in rule.states.iter().enumerate() {
            let node = self.graph.input(Input::State(k));
            self.names.insert(name, node);
        }
        let at = rule.at.as_ref().map(|at| self.formula(at));
        let gradient = self.gradient(theta, values.decay());
        self.names.insert("g", gradient);
        self.lines(&rule.step);
        let update = self.names["update"];
        let scale = rule.decay.as_ref().map(|decay| self.formula(decay));
        let change = self.decayed(update, theta, scale, [eta, factor], values.decay());
        let slot = |(k, (start, place)): (usize, (f64, bool))| Slot {
            start,
            place,
            after: self.names[rule.states[k].0.as_str()],
        };
        let states = states.into_iter().enumerate().map(slot).collect();
        Lowered {
            theta: self.graph.two(Two::Difference, theta, change),
            graph: std::mem::take(&mut self.graph),
            scalars: std::mem::take(&mut self.scalars),
            states,
            names: rule.states.iter().map(|(name, _)| name.clone()).collect(),
            update,
            at,
        }
    }

    fn lines(&mut self, lines: &'a [Statement]) {
        for line in lines {
            let node = self.formula(&line.formula);
            self.names.insert(&line.name, node);
        }
    }

    /// The gradient, with the L2 penalty's share.
    fn gradient(&mut self, theta: usize, decay: WeightDecay) -> usize {
        let plain = self.graph.input(Input::Gradient);
        let lambda = self.graph.constant(decay.penalty());
        match decay {
            WeightDecay::L2(_) => {
                let share = self.graph.two(Two::Product, lambda, theta);
                self.graph.two(Two::Sum, plain, share)
            }
            _ => plain,
        }
    }

    /// What θ loses in a step: the update, and what decays beside it.
    fn decayed(
        &mut self,
        update: usize,
        theta: usize,
        scale: Option<usize>,
        [eta, factor]: [usize; 2],
        decay: WeightDecay,
    ) -> usize {
        let (lambda, rate) = match decay {
            WeightDecay::None | WeightDecay::L2(_) => return update,
            WeightDecay::Decoupled(lambda) => (lambda, Some(eta)),
            WeightDecay::Scheduled(lambda) => (lambda, Some(factor)),
            WeightDecay::Fixed(lambda) => (lambda, None),
        };
        let mut pull = self.graph.constant(lambda);
        for factor in rate.into_iter().chain(scale) {
            pull = self.graph.two(Two::Product, factor, pull);
        }
        let share = self.graph.two(Two::Product, theta, pull);
        self.graph.two(Two::Sum, update, share)
    }

    fn formula(&mut self, formula: &Placed) -> usize {
        self.part(&formula.tree.root)
    }

    fn number(&mut self, value: f64) -> usize {
        self.graph.constant(value)
    }

    /// Reading has looked at all names and calls.
    fn part(&mut self, part: &Part) -> usize {
        match &part.kind {
            Kind::Number(x) => self.number(*x),
            Kind::Name(name) if name == "pi" => self.number(std::f64::consts::PI),
            Kind::Name(name) => match self.names.get(name.as_str()) {
                Some(node) => *node,
                None => self.number(f64::NAN),
            },
            Kind::Negative(a) => {
                let a = self.part(a);
                self.graph.one(One::Negative, a)
            }
            Kind::Two(operation, a, b) => {
                let (a, b) = (self.part(a), self.part(b));
                self.operation(*operation, a, b)
            }
            Kind::Compared(..) => {
                let (yes, no) = (self.number(1.0), self.number(0.0));
                self.chosen(part, yes, no)
            }
            Kind::Call(name, arguments) => self.call(name, arguments),
            Kind::Word(_) | Kind::Member(..) | Kind::Narrowed(..) => self.number(f64::NAN),
        }
    }

    fn operation(&mut self, operation: Operation, a: usize, b: usize) -> usize {
        match operation {
            Operation::Add => self.graph.two(Two::Sum, a, b),
            Operation::Sub => {
                if self.graph.number(a) == Some(1.0)
                    && let Some(k) = self.running.iter().position(|known| known.power == b)
                {
                    return self.weight(k);
                }
                self.graph.two(Two::Difference, a, b)
            }
            Operation::Mul => self.graph.two(Two::Product, a, b),
            Operation::Div => self.graph.two(Two::Quotient, a, b),
            Operation::Pow => self.power(a, b),
        }
    }

    /// a^b; a number to a power that grows with t is carried along.
    fn power(&mut self, a: usize, b: usize) -> usize {
        if let (Some(base), Some([pace, offset])) = (self.graph.number(a), self.graph.affine(b))
            && pace != 0.0
            && base > 0.0
        {
            let q = base.powf(pace);
            if q <= 1.0 {
                let power = self.running(q);
                let first = self.number(base.powf(offset));
                return self.graph.two(Two::Product, first, power);
            }
        }
        self.graph.two(Two::Power, a, b)
    }

    fn remembered(&mut self, start: f64) -> usize {
        let before = self.graph.input(Input::Scalar(self.scalars.len()));
        self.scalars.push(Slot {
            start,
            place: false,
            after: before,
        });
        before
    }

    /// qᵗ.
    fn running(&mut self, q: f64) -> usize {
        if let Some(known) = self.running.iter().find(|known| known.q == q) {
            return known.power;
        }
        let (slot, before) = (self.scalars.len(), self.remembered(1.0));
        let (pace, none) = (self.number(q), self.number(0.0));
        let after = self.graph.two(Two::Product, pace, before);
        let least = self.number(NEGLIGIBLE);
        let above = self.graph.two(Two::Difference, after, least);
        let power = self.graph.select([above, after, none]);
        self.scalars[slot].after = power;
        let weight = None;
        self.running.push(Running { q, power, weight });
        power
    }

    /// 1 − qᵗ, accumulated: of a power next to 1 the difference from 1 would have lost its digits.
    fn weight(&mut self, running: usize) -> usize {
        if let Some(known) = self.running[running].weight {
            return known;
        }
        let (slot, before) = (self.scalars.len(), self.remembered(0.0));
        let q = self.running[running].q;
        let (decay, fresh) = (self.number(q), self.number(1.0 - q));
        let kept = self.graph.two(Two::Product, decay, before);
        let weight = self.graph.two(Two::Sum, fresh, kept);
        self.scalars[slot].after = weight;
        self.running[running].weight = Some(weight);
        weight
    }

    fn call(&mut self, name: &str, arguments: &[Part]) -> usize {
        if let ("where", [condition, yes, no]) = (name, arguments) {
            let (yes, no) = (self.part(yes), self.part(no));
            return self.chosen(condition, yes, no);
        }
        let given: Vec<usize> = arguments.iter().map(|a| self.part(a)).collect();
        match (name, &given[..]) {
            ("sqrt", [a]) => self.graph.one(One::Root, *a),
            ("mean", [a]) => self.graph.mean(*a),
            ("pow", [a, b]) => self.power(*a, *b),
            ("ratio0", [a, b]) => self.graph.two(Two::QuotientOrZero, *a, *b),
            ("mod", [a, b]) => {
                let quotient = self.graph.two(Two::Quotient, *a, *b);
                let whole = self.graph.one(One::Floor, quotient);
                let whole = self.graph.two(Two::Product, *b, whole);
                self.graph.two(Two::Difference, *a, whole)
            }
            // The bound first, so that a NaN stays one.
            ("clip", [x, low, high]) => {
                let raised = self.graph.two(Two::Larger, *low, *x);
                self.graph.two(Two::Smaller, *high, raised)
            }
            ("min" | "max", [first, rest @ ..]) => {
                let two = if name == "min" {
                    Two::Smaller
                } else {
                    Two::Larger
                };
                let each = rest.iter();
                each.fold(*first, |a, b| self.graph.two(two, a, *b))
            }
            (_, [a]) => match called_function(name) {
                Some(function) => self.graph.one(One::Function(function), *a),
                None => self.number(f64::NAN),
            },
            _ => self.number(f64::NAN),
        }
    }

    /// One where the condition holds, the other where it does not; both are worked out.
    fn chosen(&mut self, condition: &Part, yes: usize, no: usize) -> usize {
        let Kind::Compared(comparison, a, b) = &condition.kind else {
            let x = self.part(condition);
            let size = self.graph.one(One::Function(Function::Abs), x);
            return self.graph.select([size, yes, no]);
        };
        let (a, b) = (self.part(a), self.part(b));
        let over = self.graph.two(Two::Difference, a, b);
        let size = |graph: &mut Graph| graph.one(One::Function(Function::Abs), over);
        match comparison {
            Comparison::Greater => self.graph.select([over, yes, no]),
            Comparison::AtMost => self.graph.select([over, no, yes]),
            Comparison::Unequal => {
                let size = size(&mut self.graph);
                self.graph.select([size, yes, no])
            }
            Comparison::Equal => {
                let size = size(&mut self.graph);
                self.graph.select([size, no, yes])
            }
            Comparison::Less | Comparison::AtLeast => {
                let under = self.graph.two(Two::Difference, b, a);
                match comparison {
                    Comparison::Less => self.graph.select([under, yes, no]),
                    _ => self.graph.select([under, no, yes]),
                }
            }
        }
    }
}
