//! Experiments: from a TOML file to a record, by way of a protocol.

pub mod calibration;
pub mod context;
pub mod convergence;
pub mod covariance;
pub mod escape;
pub mod finding;
pub mod gradient_noise;
pub mod load;
pub mod optimizer;
pub mod pac_bayes;
pub mod protocol;
pub mod replay;
pub mod run;
pub mod scaling;
pub mod slow;
pub mod spec;
pub mod svag;
pub mod weak;
