//! As many lanes as one vector register holds, as a [`Real`].

use std::ops::{Add, Div, Mul, Neg, Sub};

use pulp::Simd;

use super::Real;

/// Lanes of the widest register there is.
pub const MOST_LANES: usize = 8;

/// One register of lanes. Every operation is the IEEE one on each lane, so a lane's bits do not
/// depend on the width.
#[derive(Clone, Copy)]
pub struct Wide<S: Simd> {
    simd: S,
    lanes: S::f64s,
}

impl<S: Simd> Wide<S> {
    /// Lanes in a register.
    pub const WIDTH: usize = size_of::<S::f64s>() / size_of::<f64>();

    /// Every lane equal to `value`.
    #[inline(always)]
    pub fn splat(simd: S, value: f64) -> Self {
        Wide {
            simd,
            lanes: simd.splat_f64s(value),
        }
    }

    /// These lanes.
    #[inline(always)]
    pub fn new(simd: S, lanes: S::f64s) -> Self {
        Wide { simd, lanes }
    }

    /// The lanes.
    #[inline(always)]
    pub fn lanes(self) -> S::f64s {
        self.lanes
    }

    #[inline(always)]
    fn with(self, lanes: S::f64s) -> Self {
        Wide { lanes, ..self }
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $vector:ident) => {
        impl<S: Simd> $trait for Wide<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.with(self.simd.$vector(self.lanes, other.lanes))
            }
        }
    };
}
operator!(Add, add, add_f64s);
operator!(Sub, sub, sub_f64s);
operator!(Mul, mul, mul_f64s);
operator!(Div, div, div_f64s);

impl<S: Simd> Neg for Wide<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.with(self.simd.neg_f64s(self.lanes))
    }
}

impl<S: Simd> Real for Wide<S> {
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
        self.with(self.simd.sqrt_f64s(self.lanes))
    }
    // No instruction set has it: lane by lane, with the standard library's.
    #[inline(always)]
    fn power(self, exponent: f64) -> Self {
        let mut row = [0.0; MOST_LANES];
        S::as_mut_simd_f64s(&mut row).0[0] = self.lanes;
        for x in &mut row[..Self::WIDTH] {
            *x = x.powf(exponent);
        }
        self.with(S::as_simd_f64s(&row).0[0])
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        let larger = self.simd.less_than_f64s(other.lanes, self.lanes);
        self.with(self.simd.select_f64s(larger, self.lanes, other.lanes))
    }
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        let smaller = self.simd.less_than_f64s(self.lanes, other.lanes);
        self.with(self.simd.select_f64s(smaller, self.lanes, other.lanes))
    }
    #[inline(always)]
    fn clamp(self, low: f64, high: f64) -> Self {
        let (simd, low, high) = (self.simd, self.like(low).lanes, self.like(high).lanes);
        let bounded = simd.select_f64s(simd.less_than_f64s(self.lanes, low), low, self.lanes);
        self.with(simd.select_f64s(simd.less_than_f64s(high, bounded), high, bounded))
    }
    #[inline(always)]
    fn ratio_or_zero(self, divisor: Self) -> Self {
        let (simd, zero) = (self.simd, self.like(0.0).lanes);
        let quotient = simd.div_f64s(self.lanes, divisor.lanes);
        self.with(simd.select_f64s(simd.equal_f64s(divisor.lanes, zero), zero, quotient))
    }
    #[inline(always)]
    fn where_positive(self, yes: Self, no: Self) -> Self {
        let positive = self.simd.less_than_f64s(self.like(0.0).lanes, self.lanes);
        self.with(self.simd.select_f64s(positive, yes.lanes, no.lanes))
    }
    #[inline(always)]
    fn zero_below(self, threshold: f64) -> Self {
        let (simd, zero) = (self.simd, self.like(0.0).lanes);
        let small = simd.less_than_f64s(self.lanes, self.like(threshold).lanes);
        self.with(simd.select_f64s(small, zero, self.lanes))
    }
}
