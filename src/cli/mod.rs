//! The command line.

pub mod predict;
