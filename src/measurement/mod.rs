//! Estimates with their intervals, from what the simulation observed.

pub mod estimate;

pub use estimate::Estimate;
