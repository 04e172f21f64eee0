//! The feature-learning protocol: the cubic network on patch data, trained with and without momentum.

mod cell;
mod claim;
mod course;
mod figures;
mod outcome;
mod reference;
mod rulings;
mod run;
mod spec;
mod text;

pub use cell::{AtFit, Cell};
pub use spec::FeatureSpec;
