//! Tensors as the arrays that update rules move.

use std::any::Any;

use formula::Function;
use simulation::optimizer::{Array, Each, Field, Pair};
use tch::Tensor;

/// A tensor of shape members × parameters, or one that broadcasts to it.
#[derive(Debug)]
struct Own(Tensor);

/// The tensor, as a number that rules are written over.
pub fn field(tensor: Tensor) -> Field {
    Field(Box::new(Own(tensor)))
}

/// The tensor of a field, which shares its numbers.
pub fn tensor(field: &Field) -> &Tensor {
    of(&*field.0)
}

fn of(array: &dyn Array) -> &Tensor {
    let own = (array as &dyn Any).downcast_ref::<Own>();
    &own.expect("every field here was made of a tensor").0
}

fn made(tensor: Tensor) -> Box<dyn Array> {
    Box::new(Own(tensor))
}

fn applied(function: Function, x: &Tensor) -> Tensor {
    match function {
        Function::Neg => -x,
        Function::Abs => x.abs(),
        Function::Sign => x.sign(),
        Function::Exp => x.exp(),
        Function::Ln => x.log(),
        Function::Sqrt => x.sqrt(),
        Function::Sin => x.sin(),
        Function::Cos => x.cos(),
        Function::Tan => x.tan(),
        Function::Asin => x.asin(),
        Function::Acos => x.acos(),
        Function::Atan => x.atan(),
        Function::Sinh => x.sinh(),
        Function::Cosh => x.cosh(),
        Function::Tanh => x.tanh(),
        Function::SechSquare => x.cosh().pow_tensor_scalar(-2),
    }
}

impl Array for Own {
    fn share(&self) -> Box<dyn Array> {
        made(self.0.shallow_clone())
    }

    fn constant(&self, value: f64) -> Box<dyn Array> {
        made(Tensor::scalar_tensor(
            value,
            (self.0.kind(), self.0.device()),
        ))
    }

    fn each(&self, what: Each) -> Box<dyn Array> {
        let x = &self.0;
        made(match what {
            Each::Negate => -x,
            Each::Scale(factor) => x * factor,
            Each::Offset(summand) => x + summand,
            Each::Sqrt => x.sqrt(),
            Each::Power(exponent) => x.pow_tensor_scalar(exponent),
            Each::Function(function) => applied(function, x),
            Each::Floor => x.floor(),
            Each::Clamp(low, high) => x.clamp(low, high),
            Each::ZeroBelow(threshold) => x.masked_fill(&x.lt(threshold), 0.0),
        })
    }

    fn pair(&self, what: Pair, other: &dyn Array) -> Box<dyn Array> {
        let (x, y) = (&self.0, of(other));
        made(match what {
            Pair::Sum => x + y,
            Pair::Difference => x - y,
            Pair::Product => x * y,
            Pair::Quotient => x / y,
            Pair::QuotientOrZero => (x / y).masked_fill(&y.eq(0.0), 0.0),
            Pair::Power => x.pow(y),
            Pair::Larger => x.where_self(&x.gt_tensor(y), y),
            Pair::Smaller => x.where_self(&x.lt_tensor(y), y),
        })
    }

    fn where_positive(&self, yes: &dyn Array, no: &dyn Array) -> Box<dyn Array> {
        made(of(yes).where_self(&self.0.gt(0.0), of(no)))
    }

    fn total(&self) -> Box<dyn Array> {
        made(self.0.sum_dim_intlist(-1, true, self.0.kind()))
    }

    fn count(&self) -> f64 {
        self.0.size().last().map_or(1.0, |n| *n as f64)
    }
}
