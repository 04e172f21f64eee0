//! The numbers that a block may be made of: doubles, or singles.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

use pulp::bytemuck::Pod;

/// `f64` or `f32`: what arithmetic that is written for both precisions needs.
///
/// Operations are the IEEE ones. A constant c is written `F::of(c)`, rounded once.
pub trait Float:
    Pod
    + Debug
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + MulAssign
    + Send
    + Sync
{
    /// The nearest number to `value`.
    fn of(value: f64) -> Self;
    /// The same number as a double.
    fn wide(self) -> f64;
    /// The same numbers, where they are doubles.
    fn doubles(row: &[Self]) -> Option<&[f64]>;
    /// sin.
    fn sin(self) -> Self;
    /// self to a power.
    fn powf(self, exponent: Self) -> Self;
}

macro_rules! float {
    ($float:ty, |$row:ident| $doubles:expr) => {
        impl Float for $float {
            #[inline(always)]
            fn of(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn wide(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn doubles($row: &[Self]) -> Option<&[f64]> {
                $doubles
            }
            #[inline(always)]
            fn sin(self) -> Self {
                <$float>::sin(self)
            }
            #[inline(always)]
            fn powf(self, exponent: Self) -> Self {
                <$float>::powf(self, exponent)
            }
        }
    };
}

float!(f64, |row| Some(row));
float!(f32, |_row| None);
