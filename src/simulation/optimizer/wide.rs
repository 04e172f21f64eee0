//! As many lanes as one vector register holds, as a [`Real`].

use std::ops::{Add, Div, Mul, Neg, Sub};

use pulp::Simd;

use formula::Function;

use super::Real;
use crate::vector::{MOST_LANES, Vector};

/// One register of lanes. Every operation is the IEEE one on each lane, so a lane's bits do not
/// depend on the width.
#[derive(Clone, Copy)]
pub struct Wide<S: Simd, F: Vector> {
    simd: S,
    lanes: F::Register<S>,
}

impl<S: Simd, F: Vector> Wide<S, F> {
    /// Every lane equal to `value`.
    #[inline(always)]
    pub fn splat(simd: S, value: f64) -> Self {
        Wide {
            simd,
            lanes: F::splat(simd, F::of(value)),
        }
    }

    /// These lanes.
    #[inline(always)]
    pub fn new(simd: S, lanes: F::Register<S>) -> Self {
        Wide { simd, lanes }
    }

    /// The lanes.
    #[inline(always)]
    pub fn lanes(self) -> F::Register<S> {
        self.lanes
    }

    #[inline(always)]
    fn with(self, lanes: F::Register<S>) -> Self {
        Wide { lanes, ..self }
    }

    /// Lane by lane, for what no instruction set has.
    #[inline(always)]
    fn each(self, mut f: impl FnMut(F) -> F) -> Self {
        let mut row = [F::default(); MOST_LANES];
        F::registers_mut::<S>(&mut row)[0] = self.lanes;
        for x in &mut row[..F::width::<S>()] {
            *x = f(*x);
        }
        self.with(F::registers::<S>(&row)[0])
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $lanes:ident) => {
        impl<S: Simd, F: Vector> $trait for Wide<S, F> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.with(F::$lanes(self.simd, self.lanes, other.lanes))
            }
        }
    };
}
operator!(Add, add, sum);
operator!(Sub, sub, difference);
operator!(Mul, mul, product);
operator!(Div, div, quotient);

impl<S: Simd, F: Vector> Neg for Wide<S, F> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.with(F::negative(self.simd, self.lanes))
    }
}

impl<S: Simd, F: Vector> Real for Wide<S, F> {
    #[inline(always)]
    fn like(&self, value: f64) -> Self {
        Wide::splat(self.simd, value)
    }
    #[inline(always)]
    fn scale(self, factor: f64) -> Self {
        self * self.like(factor)
    }
    #[inline(always)]
    fn offset(self, summand: f64) -> Self {
        self + self.like(summand)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.with(F::root(self.simd, self.lanes))
    }
    #[inline(always)]
    fn power(self, exponent: f64) -> Self {
        self.each(|x| x.powf(F::of(exponent)))
    }
    #[inline(always)]
    fn raised(self, exponent: Self) -> Self {
        let mut row = [F::default(); MOST_LANES];
        F::registers_mut::<S>(&mut row)[0] = exponent.lanes;
        let mut exponents = row.into_iter();
        self.each(|x| x.powf(exponents.next().unwrap_or_default()))
    }
    #[inline(always)]
    fn applied(self, function: Function) -> Self {
        let (simd, zero) = (self.simd, self.like(0.0).lanes);
        match function {
            Function::Abs => self.with(F::size(simd, self.lanes)),
            // 0 and NaN stay what they are.
            Function::Sign => {
                let [plus, minus] = [1.0, -1.0].map(|one| self.like(one).lanes);
                let below = F::less(simd, self.lanes, zero);
                let rest = F::select(simd, below, minus, F::sum(simd, self.lanes, zero));
                self.with(F::select(simd, F::less(simd, zero, self.lanes), plus, rest))
            }
            _ => self.each(|x| F::of(function.of(x.wide()))),
        }
    }
    #[inline(always)]
    fn floor(self) -> Self {
        self.each(|x| F::of(x.wide().floor()))
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        let larger = F::less(self.simd, other.lanes, self.lanes);
        self.with(F::select(self.simd, larger, self.lanes, other.lanes))
    }
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        let smaller = F::less(self.simd, self.lanes, other.lanes);
        self.with(F::select(self.simd, smaller, self.lanes, other.lanes))
    }
    #[inline(always)]
    fn clamp(self, low: f64, high: f64) -> Self {
        let (simd, low, high) = (self.simd, self.like(low).lanes, self.like(high).lanes);
        let bounded = F::select(simd, F::less(simd, self.lanes, low), low, self.lanes);
        self.with(F::select(simd, F::less(simd, high, bounded), high, bounded))
    }
    #[inline(always)]
    fn ratio_or_zero(self, divisor: Self) -> Self {
        let (simd, zero) = (self.simd, self.like(0.0).lanes);
        let quotient = F::quotient(simd, self.lanes, divisor.lanes);
        self.with(F::select(
            simd,
            F::equal(simd, divisor.lanes, zero),
            zero,
            quotient,
        ))
    }
    #[inline(always)]
    fn chosen(self, than: Self, a: Self, b: Self) -> Self {
        let (simd, p, q) = (self.simd, self.lanes, than.lanes);
        let none = self.like(f64::NAN).lanes;
        let half = (a.scale(0.5) + b.scale(0.5)).lanes;
        let level = F::select(simd, F::equal(simd, p, q), half, none);
        let above = F::select(simd, F::less(simd, q, p), b.lanes, level);
        self.with(F::select(simd, F::less(simd, p, q), a.lanes, above))
    }
    #[inline(always)]
    fn where_positive(self, yes: Self, no: Self) -> Self {
        let positive = F::less(self.simd, self.like(0.0).lanes, self.lanes);
        self.with(F::select(self.simd, positive, yes.lanes, no.lanes))
    }
    #[inline(always)]
    fn zero_below(self, threshold: f64) -> Self {
        let (simd, zero) = (self.simd, self.like(0.0).lanes);
        let small = F::less(simd, self.lanes, self.like(threshold).lanes);
        self.with(F::select(simd, small, zero, self.lanes))
    }
}
