//! Record, figures and report: the only part of the lab that touches files.

pub mod figure;
