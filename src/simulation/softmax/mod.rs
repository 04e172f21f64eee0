//! Softmax regression: the smallest model whose Hessian and gradient noise are both known in closed form.

mod data;
mod model;

pub use data::{Data, Labels};
pub use model::{Curvature, Model};
