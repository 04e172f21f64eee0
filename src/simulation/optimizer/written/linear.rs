//! The matrices of a rule that is linear in its gradients, and its degree.

use formula::Function;

use super::Written;
use super::compiled::Live;
use super::graph::{Graph, Input, Node, One, Two};
use super::lower::{Lowered, lower};
use crate::optimizer::degree::degrees;
use crate::optimizer::entry::Values;

/// A step with the memory s of k numbers: u = out·s + through·g, then s ← F s + in·g, with g taken at θ + ahead·s.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// F, k × k, row by row.
    pub transition: Vec<f64>,
    /// in, k.
    pub input: Vec<f64>,
    /// out, k.
    pub output: Vec<f64>,
    /// through.
    pub through: f64,
    /// ahead, k.
    pub ahead: Vec<f64>,
}

/// A rule that is linear in its gradients, from a memory of 0; its own η is in the response.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// The first step.
    pub first: Response,
    /// Every step behind it.
    pub rest: Response,
}

/// Most steps before a rule becomes what it stays.
const LATEST: f64 = 1e4;

/// c₁s₁ + … + c_k s_k + cx + b: the c, then b, where x is g of a step, and θ of the point at which g is taken.
type Form = Vec<f64>;

impl Written {
    /// Its matrices, where it is linear, the same at every step behind the first, and starts from 0. Weight decay and
    /// schedules, which act around it, are left out.
    ///
    /// Linearity is seen in the formula: what is made of the memory and of g is only added up and multiplied by numbers.
    pub fn linear(&self, values: &Values) -> Option<Linear> {
        let lowered = lower(self, &values.plain());
        let live = Live::of(&lowered);
        let memory: Vec<usize> = live.states.clone();
        let zero = memory.iter().all(|&k| lowered.states[k].start == 0.0);
        if !zero {
            return None;
        }
        let rows = memory.iter().map(|&k| lowered.states[k].after);
        let rows: Vec<usize> = rows.chain([lowered.update]).collect();
        let each = rows.iter().copied().chain(lowered.at);
        let each = each.map(|row| settled(&lowered.graph, row));
        let latest = each.collect::<Option<Vec<f64>>>()?;
        let latest = latest.into_iter().fold(1.0, f64::max);
        if latest > LATEST {
            return None;
        }
        let at = |t: f64| response(&lowered, &memory, &rows, t);
        let rest = at(latest.floor() + 1.0)?;
        for t in 2..=latest as u64 {
            if at(t as f64)? != rest {
                return None;
            }
        }
        Some(Linear {
            first: at(1.0)?,
            rest,
        })
    }

    /// p of u(sg) = sᵖu(g), s > 0, where a path of gradients and its multiple say that there is one, to a part in 10⁹.
    pub fn degree(&self, values: &Values) -> Option<f64> {
        let [low, high] = degrees(&self.at(&values.plain()))?;
        (high - low <= 1e-9).then(|| (low * 1e9).round() / 1e9)
    }
}

/// The last step at which a node may still change by the number of the step; `None` where it never stays.
fn settled(graph: &Graph, node: usize) -> Option<f64> {
    match graph.nodes()[node] {
        Node::Constant(_) | Node::Input(Input::State(_) | Input::Gradient | Input::Theta) => {
            Some(0.0)
        }
        Node::Input(_) => None,
        Node::Select([p, a, b]) => {
            let inner = match graph.nodes()[p] {
                Node::One(One::Function(Function::Abs), inner) => inner,
                _ => p,
            };
            // Its sign changes once.
            let own = match graph.affine(inner) {
                Some([pace, offset]) if pace != 0.0 => -offset / pace,
                _ => settled(graph, p)?,
            };
            Some(own.max(settled(graph, a)?).max(settled(graph, b)?))
        }
        other => other
            .arguments()
            .try_fold(0.0, |last: f64, a| Some(last.max(settled(graph, a)?))),
    }
}

/// The matrices of step t, which divide what they put out by η.
fn response(lowered: &Lowered, memory: &[usize], rows: &[usize], t: f64) -> Option<Response> {
    let k = memory.len();
    let of = |x: Input, node: usize| {
        let mut forms: Vec<Option<Form>> = Vec::new();
        for node in &lowered.graph.nodes()[..=node] {
            let own = form(*node, &forms, memory, (x, t));
            forms.push(own);
        }
        let linear = |form: &Form| form[k + 1] == 0.0 && form.iter().all(|x| x.is_finite());
        forms.pop()?.filter(linear)
    };
    let ahead = match lowered.at {
        None => vec![0.0; k],
        // Elsewhere in proportion to θ it would be another surface.
        Some(at) => {
            let form = of(Input::Theta, at).filter(|form| form[k] == 1.0)?;
            form[..k].to_vec()
        }
    };
    let mut found = Response {
        transition: Vec::new(),
        input: Vec::new(),
        output: Vec::new(),
        through: 0.0,
        ahead,
    };
    for (row, node) in rows.iter().enumerate() {
        let form = of(Input::Gradient, *node)?;
        if row < k {
            found.transition.extend(&form[..k]);
            found.input.push(form[k]);
        } else {
            found.output = form[..k].to_vec();
            found.through = form[k];
        }
    }
    Some(found)
}

/// What a node is, given those before it, where it is linear.
fn form(
    node: Node,
    forms: &[Option<Form>],
    memory: &[usize],
    (x, t): (Input, f64),
) -> Option<Form> {
    let k = memory.len();
    let number = |x: f64| {
        let mut form = vec![0.0; k + 2];
        form[k + 1] = x;
        form
    };
    let unit = |place: usize| {
        let mut form = vec![0.0; k + 2];
        form[place] = 1.0;
        form
    };
    let of = |a: usize| forms[a].as_ref();
    let constant = |a: usize| {
        let form = of(a)?;
        form[..=k].iter().all(|c| *c == 0.0).then_some(form[k + 1])
    };
    let each = |form: &Form, f: &dyn Fn(f64) -> f64| form.iter().map(|x| f(*x)).collect::<Form>();
    let both = |a: &Form, b: &Form, f: &dyn Fn(f64, f64) -> f64| {
        a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect::<Form>()
    };
    Some(match node {
        Node::Constant(bits) => number(f64::from_bits(bits)),
        Node::Input(Input::Step) => number(t),
        Node::Input(own) if own == x => unit(k),
        Node::Input(Input::State(own)) => unit(memory.iter().position(|&k| k == own)?),
        Node::Input(_) => return None,
        Node::One(One::Negative, a) => each(of(a)?, &|x| -x),
        Node::One(one, a) => number(one.of(constant(a)?)),
        Node::Power(a, exponent) => number(constant(a)?.powf(f64::from_bits(exponent))),
        Node::Two(Two::Sum, a, b) => both(of(a)?, of(b)?, &|a, b| a + b),
        Node::Two(Two::Difference, a, b) => both(of(a)?, of(b)?, &|a, b| a - b),
        Node::Two(Two::Product, a, b) => match (constant(a), constant(b)) {
            (Some(c), _) => each(of(b)?, &|x| c * x),
            (_, Some(c)) => each(of(a)?, &|x| c * x),
            _ => return None,
        },
        Node::Two(Two::Quotient, a, b) => {
            let c = constant(b)?;
            each(of(a)?, &|x| x / c)
        }
        Node::Two(two, a, b) => number(two.of(constant(a)?, constant(b)?)),
        Node::Select([p, a, b]) => of(if constant(p)? > 0.0 { a } else { b })?.clone(),
        Node::Choice([p, q, a, b]) => match (constant(p)?, constant(q)?) {
            (p, q) if p < q => of(a)?.clone(),
            (p, q) if p > q => of(b)?.clone(),
            _ => return None,
        },
        Node::Average(a, x, weight) => {
            let weight = f64::from_bits(weight);
            both(of(a)?, of(x)?, &|a, x| a + (x - a) * weight)
        }
    })
}
