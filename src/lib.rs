//! A laboratory for the diffusion theory of stochastic optimizers.
//!
//! An **experiment** runs a **simulation**, takes **measurements**, holds them against
//! **predictions**, reaches **verdicts** and writes a **report**. Each of these words is a module;
//! data moves from left to right only.

pub mod cli;
pub mod error;
pub mod experiment;
pub mod interrupt;
pub mod measurement;
#[cfg(feature = "torch")]
pub mod network;
pub mod prediction;
pub mod report;
pub mod shown;
pub mod simulation;
pub mod verdict;
