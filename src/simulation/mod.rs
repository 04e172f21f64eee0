//! Many particles of a stochastic process on a loss landscape.
//!
//! Nothing here knows of files, statistics or theory.

pub mod landscape;
