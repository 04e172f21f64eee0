//! Arrays as numbers: what moves the parameters of a network, wherever they are computed.

use std::any::Any;
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use formula::Function;

use super::Real;
use super::trajectory::Coordinate;

/// What is done to every number of an array.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Each {
    /// −x.
    Negate,
    /// x · factor.
    Scale(f64),
    /// x + summand.
    Offset(f64),
    /// √x.
    Sqrt,
    /// x to a power.
    Power(f64),
    /// f(x).
    Function(Function),
    /// The largest whole number that is at most x.
    Floor,
    /// x within these bounds.
    Clamp(f64, f64),
    /// x, and 0 where it is below this.
    ZeroBelow(f64),
}

/// What is made of the numbers of two arrays, place by place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// x + y.
    Sum,
    /// x − y.
    Difference,
    /// x · y.
    Product,
    /// x / y.
    Quotient,
    /// x / y, and 0 where y is 0.
    QuotientOrZero,
    /// x to the power y.
    Power,
    /// x where x > y, else y, so that a NaN goes the way it goes with plain numbers.
    Larger,
    /// x where x < y, else y.
    Smaller,
}

/// Members × parameters of numbers, or an array that broadcasts to that; a tensor of a library of tensors.
///
/// Operations are given arrays of the same library only.
pub trait Array: Any + Debug + Send {
    /// The same numbers, which no operation changes.
    fn share(&self) -> Box<dyn Array>;
    /// One number, of the same precision and on the same device.
    fn constant(&self, value: f64) -> Box<dyn Array>;
    /// Every number, changed.
    fn each(&self, what: Each) -> Box<dyn Array>;
    /// Two arrays, place by place.
    fn pair(&self, what: Pair, other: &dyn Array) -> Box<dyn Array>;
    /// `yes` where a number is > 0, else `no`.
    fn where_positive(&self, yes: &dyn Array, no: &dyn Array) -> Box<dyn Array>;
    /// Sums over the last dimension, the parameters: every member has its own.
    fn total(&self) -> Box<dyn Array>;
    /// How many parameters there are.
    fn count(&self) -> f64;
}

/// An array, whatever library it is of. Clones share their numbers.
#[derive(Debug)]
pub struct Field(pub Box<dyn Array>);

impl Field {
    fn each(self, what: Each) -> Field {
        Field(self.0.each(what))
    }

    fn pair(self, what: Pair, other: Field) -> Field {
        Field(self.0.pair(what, &*other.0))
    }
}

impl Clone for Field {
    fn clone(&self) -> Self {
        Field(self.0.share())
    }
}

impl Add for Field {
    type Output = Field;

    fn add(self, other: Field) -> Field {
        self.pair(Pair::Sum, other)
    }
}

impl Sub for Field {
    type Output = Field;

    fn sub(self, other: Field) -> Field {
        self.pair(Pair::Difference, other)
    }
}

impl Mul for Field {
    type Output = Field;

    fn mul(self, other: Field) -> Field {
        self.pair(Pair::Product, other)
    }
}

impl Div for Field {
    type Output = Field;

    fn div(self, other: Field) -> Field {
        self.pair(Pair::Quotient, other)
    }
}

impl Neg for Field {
    type Output = Field;

    fn neg(self) -> Field {
        self.each(Each::Negate)
    }
}

impl Real for Field {
    fn like(&self, value: f64) -> Self {
        Field(self.0.constant(value))
    }

    fn scale(self, factor: f64) -> Self {
        self.each(Each::Scale(factor))
    }

    fn offset(self, summand: f64) -> Self {
        self.each(Each::Offset(summand))
    }

    fn sqrt(self) -> Self {
        self.each(Each::Sqrt)
    }

    fn power(self, exponent: f64) -> Self {
        self.each(Each::Power(exponent))
    }

    fn raised(self, exponent: Self) -> Self {
        self.pair(Pair::Power, exponent)
    }

    fn applied(self, function: Function) -> Self {
        self.each(Each::Function(function))
    }

    fn floor(self) -> Self {
        self.each(Each::Floor)
    }

    fn maximum(self, other: Self) -> Self {
        self.pair(Pair::Larger, other)
    }

    fn minimum(self, other: Self) -> Self {
        self.pair(Pair::Smaller, other)
    }

    fn clamp(self, low: f64, high: f64) -> Self {
        self.each(Each::Clamp(low, high))
    }

    fn ratio_or_zero(self, divisor: Self) -> Self {
        self.pair(Pair::QuotientOrZero, divisor)
    }

    // Equal infinite numbers have no difference, and so no choice.
    fn chosen(self, than: Self, a: Self, b: Self) -> Self {
        let over = self - than;
        let level = over.clone().scale(0.0) + a.clone().scale(0.5) + b.clone().scale(0.5);
        let above = over.clone().where_positive(b, level);
        (-over).where_positive(a, above)
    }

    fn where_positive(self, yes: Self, no: Self) -> Self {
        Field(self.0.where_positive(&*yes.0, &*no.0))
    }

    fn zero_below(self, threshold: f64) -> Self {
        self.each(Each::ZeroBelow(threshold))
    }
}

impl Coordinate for Field {
    fn total(&self) -> Self {
        Field(self.0.total())
    }

    fn count(&self) -> f64 {
        self.0.count()
    }
}
