//! The protocol `slow-manifold`: where SGD and SGDM are along a manifold of minima after τ/η² steps, against
//! the law of the slow SDE.

mod claim;
mod figures;
mod observation;
mod problem;
mod rulings;
mod run;
mod spec;
mod text;

pub use spec::SlowSpec;
