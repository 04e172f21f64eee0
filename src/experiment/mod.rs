//! Experiments: from a TOML file to a record, by way of a protocol.

pub mod escape;
pub mod replay;
pub mod spec;
