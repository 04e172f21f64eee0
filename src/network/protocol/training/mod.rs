//! The protocol `network-training`: networks trained by several rules, compared seed by seed in what they come to.

mod cell;
mod claim;
mod ends;
mod figures;
mod outcome;
mod quantity;
mod rulings;
mod run;
mod spec;
mod text;

pub use cell::Cell;
pub use spec::TrainingSpec;
