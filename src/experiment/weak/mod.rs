//! The protocol `weak-approximation`: how far SGD and SGDM with β = 1 − cη^α drift apart over T/η steps in
//! common noise of scale η^{−1/2}, and how that falls with η.
//!
//! On a quadratic the distance follows without random numbers from the joint recursion of both; it is
//! also simulated, there and on the double well, with the same normals for both.

mod claim;
mod distance;
mod figures;
mod order;
mod rulings;
mod run;
mod simulate;
mod spec;
mod text;

pub use spec::WeakSpec;
