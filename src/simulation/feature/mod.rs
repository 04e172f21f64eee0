//! Feature learning: patch data with a shared feature, the cubic network, and its full-batch training.

pub mod data;
pub mod network;
pub mod projections;
pub mod training;

pub use data::{Examples, PatchLaw};
pub use network::{CubicNetwork, Pass};
pub use projections::Projections;
pub use training::{Kept, Plan, Trained, train};
