//! Many particles of a stochastic process on a loss landscape.
//!
//! Nothing here knows of statistics or theory, and only `data` of files: those that hold the examples of a data set.

pub mod aligned;
pub mod data;
pub mod device;
pub mod driven;
pub mod ensemble;
pub mod feature;
pub mod float;
pub mod landscape;
mod lanes;
pub mod noise;
pub mod optimizer;
pub mod parameter;
mod program;
pub mod random;
mod rows;
pub mod sde;
pub mod softmax;
pub mod student;
pub mod trace;
pub mod vector;
mod vectorised;
