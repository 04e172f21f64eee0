//! The protocol `network-covariance`: the covariance of gradient noise against the Hessian, both in full, at points of
//! a training.

mod checks;
mod compare;
mod figures;
mod look;
mod quantity;
mod rulings;
mod run;
mod spec;
mod text;

pub use spec::CovarianceSpec;
