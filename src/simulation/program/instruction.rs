//! Instructions, and what carries them out.

use formula::Function;

use super::node::{One, Two};
use crate::optimizer::Real;

/// An instruction. Its operands are inputs, and behind them rows.
#[derive(Clone, Copy, Debug)]
pub enum Instruction {
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
    /// x over a number.
    Under(f64, usize),
    Select([usize; 3]),
    Choice([usize; 4]),
    Average(usize, usize, f64),
    /// An operation on the first operand or the first two, then one on its result and the third.
    Pair(First, Second, [usize; 3]),
}

/// The first of two operations, on a or on a and b.
#[derive(Clone, Copy, Debug)]
pub enum First {
    Sum,
    Difference,
    Product,
    Root,
    Size,
    /// ca.
    Scale(f64),
    /// c + a.
    Shift(f64),
    /// c − a.
    Reflect(f64),
    /// a/c.
    Under(f64),
}

/// The second of two operations, on the result t of the first and on c.
#[derive(Clone, Copy, Debug)]
pub enum Second {
    Sum,
    /// t − c.
    Difference,
    /// c − t.
    From,
    Product,
    /// t/c.
    Quotient,
    /// c/t.
    Divides,
    Root,
    Size,
    /// c + w(t − c).
    Average(f64),
    /// A number times t.
    Scale(f64),
    /// A number plus t.
    Shift(f64),
    /// A number minus t.
    Reflect(f64),
    /// A number over t.
    Over(f64),
    /// t over a number.
    Under(f64),
}

/// What holds the rows, and does to each of their numbers what a step says. The row that is written is none of the operands.
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
    /// Row `to` ← f of four operands.
    fn four(
        &mut self,
        to: usize,
        operands: [usize; 4],
        f: impl Fn(Self::Number, Self::Number, Self::Number, Self::Number) -> Self::Number,
    );
}

impl Instruction {
    #[inline(always)]
    pub fn run<M: Machine>(self, to: usize, machine: &mut M) {
        // One loop for each operation, so that those without a library call become wide instructions.
        macro_rules! one {
            ($a:expr, |$x:ident| $f:expr) => {
                machine.one(
                    to,
                    $a,
                    #[inline(always)]
                    |$x| $f,
                )
            };
        }
        macro_rules! two {
            ($a:expr, $b:expr, |$x:ident, $y:ident| $f:expr) => {
                machine.two(
                    to,
                    [$a, $b],
                    #[inline(always)]
                    |$x, $y| $f,
                )
            };
        }
        match self {
            Instruction::Fill(value) => machine.fill(to, value),
            Instruction::Copy(a) => one!(a, |x| x),
            Instruction::One(One::Negative, a) => one!(a, |x| -x),
            Instruction::One(One::Root, a) => one!(a, |x| x.sqrt()),
            Instruction::One(One::Function(Function::Abs), a) => {
                one!(a, |x| x.applied(Function::Abs))
            }
            Instruction::One(one, a) => one!(a, |x| one.of(x)),
            Instruction::Power(a, exponent) => one!(a, |x| x.power(exponent)),
            Instruction::Two(Two::Sum, a, b) => two!(a, b, |x, y| x + y),
            Instruction::Two(Two::Difference, a, b) => two!(a, b, |x, y| x - y),
            Instruction::Two(Two::Product, a, b) => two!(a, b, |x, y| x * y),
            Instruction::Two(Two::Quotient, a, b) => two!(a, b, |x, y| x / y),
            Instruction::Two(two, a, b) => two!(a, b, |x, y| two.of(x, y)),
            Instruction::Scale(c, a) => one!(a, |x| x.scale(c)),
            Instruction::Shift(c, a) => one!(a, |x| x.offset(c)),
            Instruction::Reflect(c, a) => one!(a, |x| x.like(c) - x),
            Instruction::Over(c, a) => one!(a, |x| x.like(c) / x),
            Instruction::Under(c, a) => one!(a, |x| x.clone() / x.like(c)),
            Instruction::Select(all) => machine.three(
                to,
                all,
                #[inline(always)]
                |p, a, b| p.where_positive(a, b),
            ),
            Instruction::Choice(all) => machine.four(
                to,
                all,
                #[inline(always)]
                |p, q, a, b| p.chosen(q, a, b),
            ),
            Instruction::Average(a, x, weight) => {
                two!(a, x, |a, x| a.clone() + (x - a).scale(weight))
            }
            Instruction::Pair(first, second, operands) => {
                first.run(second, operands, to, machine);
            }
        }
    }
}

impl First {
    #[inline(always)]
    fn run<M: Machine>(self, then: Second, operands: [usize; 3], to: usize, machine: &mut M) {
        macro_rules! first {
            (|$a:ident, $b:pat_param| $f:expr) => {
                then.run(
                    operands,
                    to,
                    machine,
                    #[inline(always)]
                    |$a, $b| $f,
                )
            };
        }
        match self {
            First::Sum => first!(|a, b| a + b),
            First::Difference => first!(|a, b| a - b),
            First::Product => first!(|a, b| a * b),
            First::Root => first!(|a, _| a.sqrt()),
            First::Size => first!(|a, _| a.applied(Function::Abs)),
            First::Scale(c) => first!(|a, _| a.scale(c)),
            First::Shift(c) => first!(|a, _| a.offset(c)),
            First::Reflect(c) => first!(|a, _| a.like(c) - a),
            First::Under(c) => first!(|a, _| a.clone() / a.like(c)),
        }
    }
}

impl Second {
    #[inline(always)]
    fn run<M: Machine>(
        self,
        operands: [usize; 3],
        to: usize,
        machine: &mut M,
        first: impl Fn(M::Number, M::Number) -> M::Number,
    ) {
        macro_rules! second {
            (|$t:ident, $c:pat_param| $f:expr) => {
                machine.three(
                    to,
                    operands,
                    #[inline(always)]
                    |a, b, $c| {
                        let $t = first(a, b);
                        $f
                    },
                )
            };
        }
        match self {
            Second::Sum => second!(|t, c| t + c),
            Second::Difference => second!(|t, c| t - c),
            Second::From => second!(|t, c| c - t),
            Second::Product => second!(|t, c| t * c),
            Second::Quotient => second!(|t, c| t / c),
            Second::Divides => second!(|t, c| c / t),
            Second::Root => second!(|t, _| t.sqrt()),
            Second::Size => second!(|t, _| t.applied(Function::Abs)),
            Second::Average(w) => second!(|t, c| c.clone() + (t - c).scale(w)),
            Second::Scale(x) => second!(|t, _| t.scale(x)),
            Second::Shift(x) => second!(|t, _| t.offset(x)),
            Second::Reflect(x) => second!(|t, _| t.like(x) - t),
            Second::Over(x) => second!(|t, _| t.like(x) / t),
            Second::Under(x) => second!(|t, _| t.clone() / t.like(x)),
        }
    }
}
