//! The protocol `network-svag`: do trainings with and without momentum approach each other as SVAG raises l?

mod cell;
mod claim;
mod figures;
mod outcome;
mod rulings;
mod run;
mod spec;
mod text;

pub use spec::SvagSpec;
