//! The lab held against itself: synthetic data of a known law, through an estimator and the decision rule.
//!
//! At the edge of a claim's tolerance the rule may refute a true claim with the chance that the interval
//! leaves on one side. The protocol `calibration` measures that chance, and the power beyond the edge.

mod estimator;
mod run;
mod spec;

pub use spec::CalibrationSpec;
