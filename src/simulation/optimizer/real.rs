//! The small numeric trait that update rules are written over.

use std::ops::{Add, Div, Mul, Neg, Sub};

use formula::Function;

/// A number, or anything that behaves like one component by component.
///
/// Operations take their operands by value, so that types that own memory can implement it too.
pub trait Real:
    Clone
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A constant of the same kind as `self`.
    fn like(&self, value: f64) -> Self;
    /// `self · factor`, for a factor that the rule knows as a plain number.
    fn scale(self, factor: f64) -> Self;
    /// `self + summand`.
    fn offset(self, summand: f64) -> Self;
    /// √self.
    fn sqrt(self) -> Self;
    /// self to a power, which the rule knows as a plain number; exact for the powers 0 and 1.
    fn power(self, exponent: f64) -> Self;
    /// self to a power that is a number of the same kind.
    fn raised(self, exponent: Self) -> Self;
    /// f(self).
    fn applied(self, function: Function) -> Self;
    /// The largest whole number that is at most self.
    fn floor(self) -> Self;
    /// The larger of the two.
    fn maximum(self, other: Self) -> Self;
    /// The smaller of the two.
    fn minimum(self, other: Self) -> Self;
    /// self, kept within `low..=high`.
    fn clamp(self, low: f64, high: f64) -> Self;
    /// self / divisor, and 0 where the divisor is 0.
    fn ratio_or_zero(self, divisor: Self) -> Self;
    /// `a` where self < than, `b` where self > than, half of both where they are equal; NaN where one of them is.
    fn chosen(self, than: Self, a: Self, b: Self) -> Self;
    /// `yes` where self > 0, else `no`.
    fn where_positive(self, yes: Self, no: Self) -> Self;
    /// self, and 0 where it is below `threshold`: keeps decaying powers out of the subnormal range.
    fn zero_below(self, threshold: f64) -> Self;
}

macro_rules! real {
    ($float:ty) => {
        impl Real for $float {
            #[inline(always)]
            fn like(&self, value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn scale(self, factor: f64) -> Self {
                self * factor as $float
            }
            #[inline(always)]
            fn offset(self, summand: f64) -> Self {
                self + summand as $float
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$float>::sqrt(self)
            }
            #[inline(always)]
            fn power(self, exponent: f64) -> Self {
                self.powf(exponent as $float)
            }
            #[inline(always)]
            fn raised(self, exponent: Self) -> Self {
                self.powf(exponent)
            }
            #[inline(always)]
            fn applied(self, function: Function) -> Self {
                function.of(f64::from(self)) as $float
            }
            #[inline(always)]
            fn floor(self) -> Self {
                <$float>::floor(self)
            }
            // Comparisons in place of max/clamp: they keep a NaN that came in, and vectorise.
            #[inline(always)]
            fn maximum(self, other: Self) -> Self {
                if self > other { self } else { other }
            }
            #[inline(always)]
            fn minimum(self, other: Self) -> Self {
                if self < other { self } else { other }
            }
            #[inline(always)]
            fn clamp(self, low: f64, high: f64) -> Self {
                let (low, high) = (low as $float, high as $float);
                let bounded = if self < low { low } else { self };
                if bounded > high { high } else { bounded }
            }
            #[inline(always)]
            fn ratio_or_zero(self, divisor: Self) -> Self {
                let quotient = self / divisor;
                if divisor == 0.0 { 0.0 } else { quotient }
            }
            #[inline(always)]
            fn chosen(self, than: Self, a: Self, b: Self) -> Self {
                if self < than {
                    a
                } else if self > than {
                    b
                } else if self == than {
                    0.5 * a + 0.5 * b
                } else {
                    Self::NAN
                }
            }
            #[inline(always)]
            fn where_positive(self, yes: Self, no: Self) -> Self {
                if self > 0.0 { yes } else { no }
            }
            #[inline(always)]
            fn zero_below(self, threshold: f64) -> Self {
                if self < threshold as $float {
                    0.0
                } else {
                    self
                }
            }
        }
    };
}

real!(f64);
real!(f32);
