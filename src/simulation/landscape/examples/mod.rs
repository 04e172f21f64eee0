//! A loss of one example, and the landscape that is its mean over many.
//!
//! L(θ) = Σⱼ wⱼ f(θ; xⱼ): f is a formula of the coordinates and of what an example holds. The examples are a table that the user gives
//! or that is drawn once, each of weight 1/n, or the nodes of a quadrature where every draw is fresh. f, ∇f and ∇²f are programs over
//! rows of lanes, as for formulas of θ alone: for a mean the lanes are examples, for a batch they are particles, each with its own.

mod column;
mod loss;
mod mean;
mod nodes;
mod table;

pub use column::{Column, Standard, generated};
pub use loss::{ExampleLoss, Inputs};
pub use mean::{MeanLoss, Origin};
pub use nodes::nodes;
pub use table::{FOUR, Fours, Table};
