//! The range of values that a claim allows.

use serde::{Deserialize, Deserializer, Serialize};

use crate::decide::{Side, Tolerance};

/// What is allowed: from `low` to `high`, both included; an end may be infinite, which files have as `null`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The least.
    #[serde(deserialize_with = "low")]
    pub low: f64,
    /// The greatest.
    #[serde(deserialize_with = "high")]
    pub high: f64,
}

fn low<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NEG_INFINITY))
}

fn high<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::INFINITY))
}

impl Range {
    /// p ± δ|p|, or p ± a.
    pub fn about(prediction: f64, tolerance: Tolerance) -> Self {
        let half = match tolerance {
            Tolerance::Relative(delta) => delta * prediction.abs(),
            Tolerance::Absolute(width) => width,
        };
        Range {
            low: prediction - half,
            high: prediction + half,
        }
    }

    /// The allowed side of a limit.
    pub fn of(side: Side, limit: f64) -> Self {
        match side {
            Side::AtMost => Range {
                low: f64::NEG_INFINITY,
                high: limit,
            },
            Side::AtLeast => Range {
                low: limit,
                high: f64::INFINITY,
            },
        }
    }

    /// What this range and another allow both.
    #[must_use]
    pub fn and(self, other: Range) -> Self {
        Range {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        }
    }

    /// Whether a value is allowed.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// How far a value is from the nearer end; infinite where there is none.
    pub fn edge(&self, value: f64) -> f64 {
        (value - self.low).abs().min((value - self.high).abs())
    }
}
