//! Formulas as straight-line programs: instructions over rows of numbers, whatever a number is.
//!
//! A graph of shared operations is written out once, each result in a row that is used again when nothing needs it any longer; two
//! operations of which the first serves the second alone are one instruction. What an instruction costs beside its arithmetic is then
//! shared by all lanes of a row. Every operation rounds as it does alone, so the bits do not depend on how a program is run.

mod instruction;
mod node;
mod plain;
mod rows;
mod write;

pub use node::{Node, Nodes, One, Two};
pub use plain::Plain;
pub use rows::Inputs;
pub use write::Program;
