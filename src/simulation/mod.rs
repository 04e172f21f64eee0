//! Many particles of a stochastic process on a loss landscape.
//!
//! Nothing here knows of files, statistics or theory.

pub mod aligned;
pub mod ensemble;
pub mod feature;
pub mod float;
pub mod landscape;
pub mod noise;
pub mod optimizer;
pub mod parameter;
pub mod random;
mod rows;
pub mod sde;
pub mod softmax;
pub mod student;
pub mod vector;
mod vectorised;
