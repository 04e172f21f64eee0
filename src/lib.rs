//! A laboratory for the diffusion theory of stochastic optimizers.
//!
//! An **experiment** runs a **simulation**, takes **measurements**, holds them against
//! **predictions**, reaches **verdicts** and writes a **report**. Each of these words is a room, a crate of its own;
//! data moves from left to right only.

mod shipped;

pub use base::{self, error};
pub use cli;
pub use experiment;
pub use measurement;
#[cfg(feature = "torch")]
pub use network;
pub use prediction;
pub use report;
pub use shipped::SHIPPED;
pub use simulation;
pub use verdict;
