//! Formulas as people write them: what may stand where, what is said when it does not, and what a formula comes to.
//!
//! A [`Tree`] is a formula that was read. [`Tree::evaluate`] takes the values of its names from a [`Scope`]; surfaces and
//! observables compile it, claims evaluate it over a table of readings.

mod evaluate;
mod function;
mod mistake;
mod parse;
#[cfg(test)]
mod tests;
mod token;
mod tree;

pub use evaluate::{Scope, did_you_mean, nearest};
pub use function::{Comparison, FUNCTIONS, Function, Operation, called_function, reserved, sign};
pub use mistake::Mistake;
pub use parse::{no_function, of_one};
pub use tree::{Kind, LooseName, Narrowing, Node, Tree, loose_names};
