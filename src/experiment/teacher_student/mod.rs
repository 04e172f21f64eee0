//! The teacher–student protocol: does momentum help where the data have no feature of two margins?

mod cell;
mod figures;
mod outcome;
mod rulings;
mod run;
mod spec;
mod text;

pub use cell::{Cell, Student};
pub use spec::StudentSpec;
