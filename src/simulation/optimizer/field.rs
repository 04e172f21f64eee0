//! Tensors as numbers: what moves the parameters of a network.

use std::ops::{Add, Div, Mul, Neg, Sub};

use tch::Tensor;

use super::Real;
use super::trajectory::Coordinate;

/// A tensor of shape members × parameters, or one that broadcasts to it. Clones share their values, which no
/// operation changes.
#[derive(Debug)]
pub struct Field(pub Tensor);

impl Clone for Field {
    fn clone(&self) -> Self {
        Field(self.0.shallow_clone())
    }
}

impl Add for Field {
    type Output = Field;

    fn add(self, other: Field) -> Field {
        Field(self.0 + other.0)
    }
}

impl Sub for Field {
    type Output = Field;

    fn sub(self, other: Field) -> Field {
        Field(self.0 - other.0)
    }
}

impl Mul for Field {
    type Output = Field;

    fn mul(self, other: Field) -> Field {
        Field(self.0 * other.0)
    }
}

impl Div for Field {
    type Output = Field;

    fn div(self, other: Field) -> Field {
        Field(self.0 / other.0)
    }
}

impl Neg for Field {
    type Output = Field;

    fn neg(self) -> Field {
        Field(-self.0)
    }
}

impl Real for Field {
    fn like(&self, value: f64) -> Self {
        Field(Tensor::scalar_tensor(
            value,
            (self.0.kind(), self.0.device()),
        ))
    }

    fn scale(self, factor: f64) -> Self {
        Field(self.0 * factor)
    }

    fn offset(self, summand: f64) -> Self {
        Field(self.0 + summand)
    }

    fn sqrt(self) -> Self {
        Field(self.0.sqrt())
    }

    fn power(self, exponent: f64) -> Self {
        Field(self.0.pow_tensor_scalar(exponent))
    }

    // Chosen by comparison, as for plain numbers, so that a NaN goes the same way.
    fn maximum(self, other: Self) -> Self {
        let larger = self.0.gt_tensor(&other.0);
        Field(self.0.where_self(&larger, &other.0))
    }

    fn minimum(self, other: Self) -> Self {
        let smaller = self.0.lt_tensor(&other.0);
        Field(self.0.where_self(&smaller, &other.0))
    }

    fn clamp(self, low: f64, high: f64) -> Self {
        Field(self.0.clamp(low, high))
    }

    fn ratio_or_zero(self, divisor: Self) -> Self {
        let zero = divisor.0.eq(0.0);
        Field((self.0 / divisor.0).masked_fill(&zero, 0.0))
    }

    fn where_positive(self, yes: Self, no: Self) -> Self {
        Field(yes.0.where_self(&self.0.gt(0.0), &no.0))
    }

    fn zero_below(self, threshold: f64) -> Self {
        let below = self.0.lt(threshold);
        Field(self.0.masked_fill(&below, 0.0))
    }
}

/// Sums and counts run over the last dimension, the parameters: every member has its own mean.
impl Coordinate for Field {
    fn total(&self) -> Self {
        Field(self.0.sum_dim_intlist(-1, true, self.0.kind()))
    }

    fn count(&self) -> f64 {
        self.0.size().last().map_or(1.0, |n| *n as f64)
    }
}
