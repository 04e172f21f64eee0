//! Second moments of an ensemble on a quadratic: the protocols `posterior`, `saddle` and `noise-variance`.
//!
//! They differ in what is looked at: the covariance of θ around a minimum after many steps, the mean square
//! of θ as it leaves a saddle, or the variance of an update on flat ground. The exact law at any step is a
//! linear recursion's for every linear rule.

mod cell;
mod claim;
mod exact;
mod figures;
mod observation;
mod rulings;
mod run;
mod spec;
mod text;
pub(crate) mod theory;

pub use spec::{CovarianceSpec, Kind};
