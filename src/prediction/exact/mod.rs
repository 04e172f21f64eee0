//! References computed without random numbers, each with the accuracy that it reached.

mod chain_grid;
mod gaussian;
mod left_edge;
mod legendre;
mod panels;
mod subtraction_free;

pub mod action;
pub mod averaged_loss;
pub mod discrete_chain;
pub mod first_passage;
pub mod kramers_law;
pub mod minimum_of_d;
pub mod passage_integrals;
pub mod two_temperature;

pub use action::action;
pub use averaged_loss::AveragedStyblinskiTang;
pub use discrete_chain::{DiscreteChain, ExitSteps};
pub use first_passage::{FirstPassage, Passage, PassageTime};
pub use minimum_of_d::Survival;
pub use passage_integrals::Interpretation;
pub use two_temperature::TwoTemperature;
