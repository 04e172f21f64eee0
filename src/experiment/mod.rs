//! Experiments: from a TOML file to a record, by way of a protocol.

pub mod calibration;
pub mod claim;
pub mod context;
pub mod convergence;
pub mod covariance;
pub mod escape;
pub mod feature_learning;
pub mod finding;
pub mod gradient_noise;
pub mod kept;
pub mod load;
pub mod optimizer;
pub mod pac_bayes;
pub mod protocol;
pub mod rare_events;
pub mod replay;
pub mod replicates;
pub mod run;
pub mod scaling;
pub mod slow;
pub mod spec;
pub mod svag;
pub mod teacher_student;
pub mod weak;
