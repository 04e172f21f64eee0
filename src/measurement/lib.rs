//! Estimates with their intervals, from what the simulation observed.

pub mod correlation;
pub mod covariance;
#[cfg(test)]
mod coverage;
pub mod equivalence;
pub mod estimate;
pub mod exit_rate;
pub mod exponentiality;
pub mod forms;
pub mod hits;
pub mod kolmogorov;
pub mod kurtosis;
pub mod mean;
pub mod order;
pub mod quantile;
pub mod rate;
pub mod reading;
pub mod regression;
pub mod sampled;
pub mod shapiro_wilk;
pub mod splitting;
pub mod tail_index;

pub use estimate::{DEFAULT_CONFIDENCE, Estimate};
pub use sampled::{ErrorLaw, Sampled};
