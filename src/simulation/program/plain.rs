//! One number in every row.

use super::instruction::Machine;
use crate::optimizer::Real;

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

    fn four(&mut self, to: usize, [a, b, c, d]: [usize; 4], f: impl Fn(N, N, N, N) -> N) {
        self.rows[to] = f(self.value(a), self.value(b), self.value(c), self.value(d));
    }
}
