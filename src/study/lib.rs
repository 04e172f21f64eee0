//! Studies: systems, observables, references and claims composed in a file.

pub mod claims;
