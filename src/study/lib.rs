//! Studies: systems, observables, references and claims composed in a file.
//!
//! A file's blocks are read (`file`) and resolved at every point of its sweep into cells (`cell`), each a system (`system`); an
//! observable says what is read of it (`observe`), a reference what that is exactly (`reference`); together they fill the
//! table of readings (`readings`), over which claims are decided (`claims`).

use std::sync::Arc;

pub use examples::EXAMPLES;
pub use ndarray;
pub use paths::Paths;
pub use study::{Outcome, Study};
pub use trajectories::Trajectories;

use experiment::vocabulary::Entry;

mod begin;
mod cell;
mod claims;
mod distance;
mod examples;
mod figures;
mod file;
mod measure;
pub mod observe;
mod order;
mod paths;
mod plan;
mod readings;
mod reference;
mod run;
mod samples;
mod spec;
mod study;

pub mod system;
#[cfg(test)]
mod tests;
mod text;
mod track;
mod trajectories;

/// The protocol, as experiment files name it.
pub const PROTOCOL: Entry = (
    "study",
    "anything: systems, observables, references and claims of one's own, composed in the file",
    |root, name, rules| Ok(Arc::new(spec::StudySpec::read(root, name, rules)?)),
);
