//! Rows of lanes, a vector register at a time.

use pulp::{Arch, Scalar, Simd, WithSimd};

use super::instruction::{Instruction, Machine};
use crate::optimizer::Wide;
use crate::vector::Vector;

/// A row.
type Row<'a, S, F> = &'a [<F as Vector>::Register<S>];
type RowMut<'a, S, F> = &'a mut [<F as Vector>::Register<S>];

/// What a program reads.
pub trait Inputs<F> {
    /// How many there are.
    fn count(&self) -> usize;
    /// Input k: all lanes that are asked for, and perhaps more.
    fn row(&self, k: usize) -> &[F];
}

impl<F> Inputs<F> for &[&[F]] {
    #[inline(always)]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn row(&self, k: usize) -> &[F] {
        self[k]
    }
}

/// Carries out `steps` on `count` lanes, where a row begins every `stride` numbers of `rows`. It is compiled once for each kind of
/// inputs, since it has a loop for every instruction and instruction set.
#[inline(never)]
pub fn run<F: Vector, I: Inputs<F>>(
    steps: &[(Instruction, usize)],
    inputs: &I,
    rows: &mut [F],
    stride: usize,
    count: usize,
) {
    // A lane alone has no register to fill.
    let whole = match count {
        1 => 0,
        _ => Arch::new().dispatch(Registers {
            steps,
            inputs,
            rows: &mut *rows,
            stride,
            count,
        }),
    };
    if whole < count {
        let mut rest = Lanes {
            simd: Scalar,
            inputs,
            rows: F::registers_mut::<Scalar>(&mut rows[whole..]),
            stride,
            first: whole,
            count: count - whole,
        };
        steps.iter().for_each(|(step, to)| step.run(*to, &mut rest));
    }
}

/// The lanes that fill registers; how many they are.
struct Registers<'a, F, I> {
    steps: &'a [(Instruction, usize)],
    inputs: &'a I,
    rows: &'a mut [F],
    stride: usize,
    count: usize,
}

impl<F: Vector, I: Inputs<F>> WithSimd for Registers<'_, F, I> {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let width = F::width::<S>();
        if width == 1 {
            return 0;
        }
        let mut machine = Lanes {
            simd,
            inputs: self.inputs,
            rows: F::registers_mut::<S>(self.rows),
            stride: self.stride / width,
            first: 0,
            count: self.count / width,
        };
        for (step, to) in self.steps {
            step.run(*to, &mut machine);
        }
        self.count - self.count % width
    }
}

/// Rows of registers.
struct Lanes<'a, S: Simd, F: Vector, I> {
    simd: S,
    inputs: &'a I,
    rows: &'a mut [F::Register<S>],
    /// Registers from one row to the next.
    stride: usize,
    /// The first number of an input that is asked for.
    first: usize,
    /// Registers of a row that are in use.
    count: usize,
}

/// What may be read while a row is written.
struct Operands<'r, S: Simd, F: Vector, I> {
    inputs: &'r I,
    before: Row<'r, S, F>,
    behind: Row<'r, S, F>,
    /// The row that is written.
    to: usize,
    stride: usize,
    first: usize,
    count: usize,
}

impl<'r, S: Simd, F: Vector, I: Inputs<F>> Operands<'r, S, F, I> {
    /// An operand, which is not the row that is written.
    #[inline(always)]
    fn row(&self, operand: usize) -> Row<'r, S, F> {
        let inputs = self.inputs.count();
        if operand < inputs {
            return &F::registers::<S>(&self.inputs.row(operand)[self.first..])[..self.count];
        }
        let row = operand - inputs;
        let own = if row < self.to {
            &self.before[row * self.stride..]
        } else {
            &self.behind[(row - self.to - 1) * self.stride..]
        };
        &own[..self.count]
    }
}

impl<S: Simd, F: Vector, I: Inputs<F>> Lanes<'_, S, F, I> {
    /// The row to be written, and what may be read.
    #[inline(always)]
    fn split(&mut self, to: usize) -> (RowMut<'_, S, F>, Operands<'_, S, F, I>) {
        let (before, rest) = self.rows.split_at_mut(to * self.stride);
        // Of the last row there may be less, where the first lanes are left out.
        let (own, behind) = rest.split_at_mut(self.stride.min(rest.len()));
        let operands = Operands {
            inputs: self.inputs,
            before,
            behind,
            to,
            stride: self.stride,
            first: self.first,
            count: self.count,
        };
        (&mut own[..self.count], operands)
    }
}

/// The loop of an instruction over these operands; as a chain of iterators it has no check of bounds.
macro_rules! each {
    ($machine:ident, $to:ident, $f:ident, $first:ident $($other:ident)*) => {
        let simd = $machine.simd;
        let (to, operands) = $machine.split($to);
        let rows = to.iter_mut().zip(operands.row($first))$(.zip(operands.row($other)))*;
        for each!(@pattern (y, $first), $($other)*) in rows {
            *y = $f(Wide::new(simd, *$first), $(Wide::new(simd, *$other)),*).lanes();
        }
    };
    (@pattern $all:pat, ) => { $all };
    (@pattern $all:pat, $next:ident $($other:ident)*) => { each!(@pattern ($all, $next), $($other)*) };
}

impl<S: Simd, F: Vector, I: Inputs<F>> Machine for Lanes<'_, S, F, I> {
    type Number = Wide<S, F>;

    #[inline(always)]
    fn fill(&mut self, to: usize, value: f64) {
        let value = F::splat(self.simd, F::of(value));
        self.split(to).0.fill(value);
    }

    #[inline(always)]
    fn one(&mut self, to: usize, a: usize, f: impl Fn(Wide<S, F>) -> Wide<S, F>) {
        each!(self, to, f, a);
    }

    #[inline(always)]
    fn two(
        &mut self,
        to: usize,
        [a, b]: [usize; 2],
        f: impl Fn(Wide<S, F>, Wide<S, F>) -> Wide<S, F>,
    ) {
        each!(self, to, f, a b);
    }

    #[inline(always)]
    fn three(
        &mut self,
        to: usize,
        [a, b, c]: [usize; 3],
        f: impl Fn(Wide<S, F>, Wide<S, F>, Wide<S, F>) -> Wide<S, F>,
    ) {
        each!(self, to, f, a b c);
    }

    #[inline(always)]
    fn four(
        &mut self,
        to: usize,
        [a, b, c, d]: [usize; 4],
        f: impl Fn(Wide<S, F>, Wide<S, F>, Wide<S, F>, Wide<S, F>) -> Wide<S, F>,
    ) {
        each!(self, to, f, a b c d);
    }
}
