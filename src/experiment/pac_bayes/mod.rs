//! The protocol `pac-bayes`: the divergence of measured posteriors from the prior, and the bound it gives.
//!
//! The posteriors are those of the protocol `posterior`; the divergence is that of Gaussians with the
//! measured variances around the same minimum.

mod divergence;
mod rulings;
mod run;
mod spec;

pub use spec::PacBayesSpec;
