//! One step of SGD from a point: the expected change of the loss against the descent lemma (protocol `descent`).

mod figures;
mod rulings;
mod run;
mod spec;

pub use spec::DescentSpec;
