//! What a graph is made of.

use formula::Function;

use crate::optimizer::Real;

/// An operation on one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum One {
    Negative,
    Root,
    Floor,
    Function(Function),
}

impl One {
    #[inline(always)]
    pub fn of<N: Real>(self, x: N) -> N {
        match self {
            One::Negative => -x,
            One::Root => x.sqrt(),
            One::Floor => x.floor(),
            One::Function(function) => x.applied(function),
        }
    }
}

/// An operation on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Two {
    Sum,
    Difference,
    Product,
    Quotient,
    QuotientOrZero,
    Power,
    Larger,
    Smaller,
}

impl Two {
    #[inline(always)]
    pub fn of<N: Real>(self, a: N, b: N) -> N {
        match self {
            Two::Sum => a + b,
            Two::Difference => a - b,
            Two::Product => a * b,
            Two::Quotient => a / b,
            Two::QuotientOrZero => a.ratio_or_zero(b),
            Two::Power => a.raised(b),
            Two::Larger => a.maximum(b),
            Two::Smaller => a.minimum(b),
        }
    }
}

/// A node; its arguments are nodes with lower numbers. Numbers are held by their bits, so that equal nodes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node<I> {
    Constant(u64),
    Input(I),
    One(One, usize),
    /// To a power that is a number.
    Power(usize, u64),
    Two(Two, usize, usize),
    /// The second where the first is above 0, else the third.
    Select([usize; 3]),
    /// Of p, q, a, b: a where p < q, b where p > q, half of both where they are equal.
    Choice([usize; 4]),
    /// a + w(x − a), for a, x, w.
    Average(usize, usize, u64),
}

impl<I> Node<I> {
    /// What it is computed from.
    pub fn arguments(&self) -> impl Iterator<Item = usize> + use<I> {
        let all = match *self {
            Node::Constant(_) | Node::Input(_) => [None; 4],
            Node::One(_, a) | Node::Power(a, _) => [Some(a), None, None, None],
            Node::Two(_, a, b) | Node::Average(a, b, _) => [Some(a), Some(b), None, None],
            Node::Select([p, a, b]) => [Some(p), Some(a), Some(b), None],
            Node::Choice(all) => all.map(Some),
        };
        all.into_iter().flatten()
    }
}

/// Nodes in an order in which each can be computed.
pub trait Nodes {
    /// What an input is called.
    type Input: Copy;

    /// How many there are.
    fn count(&self) -> usize;

    /// A node.
    fn node(&self, at: usize) -> Node<Self::Input>;

    /// The number that a node is, if it is one.
    fn constant_at(&self, at: usize) -> Option<f64> {
        match self.node(at) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }
}
