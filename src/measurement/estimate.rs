//! A number that was measured: never without its interval, confidence, sample size and method.

use serde::{Deserialize, Serialize};

/// A measured quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate; `None` where the data only bound it (zero exits bound a rate from above).
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub ci_low: f64,
    /// Upper end of the interval.
    pub ci_high: f64,
    /// Coverage of the interval, e.g. 0.999.
    pub confidence: f64,
    /// Sample size: exits for a rate, cells for a slope.
    pub n: u64,
    /// How it was computed.
    pub method: String,
}
