//! References computed without random numbers, each with the accuracy that it reached.

mod chain_grid;
mod dead_zone;
mod gaussian;
mod left_edge;
mod legendre;
mod panels;
mod passage_integrals;
mod subtraction_free;

pub mod action;
pub mod averaged_loss;
pub mod common_noise;
pub mod descent;
pub mod discrete_chain;
pub mod first_passage;
pub mod inertial_limit;
pub mod interpretation;
pub mod kramers_law;
pub mod langevin;
pub mod linear;
pub mod minimum_of_d;
pub mod moments;
pub mod ornstein_uhlenbeck;
pub mod pac_bayes;
pub mod slow_manifold;
pub mod svag;
pub mod two_temperature;

pub use action::action;
pub use averaged_loss::AveragedStyblinskiTang;
pub use common_noise::{Apart, CommonNoise};
pub use discrete_chain::{DiscreteChain, ExitSteps};
pub use first_passage::{FirstPassage, Passage, PassageTime};
pub use inertial_limit::InertialLimit;
pub use interpretation::Interpretation;
pub use langevin::{Langevin, Velocity};
pub use minimum_of_d::Survival;
pub use moments::Moments;
pub use ornstein_uhlenbeck::OrnsteinUhlenbeck;
pub use svag::Svag;
pub use two_temperature::TwoTemperature;
