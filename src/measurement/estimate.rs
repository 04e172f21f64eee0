//! A number that was measured: never without its interval, confidence, sample size and method.

use serde::{Deserialize, Serialize};

use super::hits;
use super::quantile::{normal_two_sided, student_two_sided};
use base::error::{Error, Result};

/// The coverage of an interval unless said otherwise.
pub const DEFAULT_CONFIDENCE: f64 = 0.999;

/// A measured quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate; `None` where the data only bound it (zero exits bound a rate from above).
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub ci_low: f64,
    /// Upper end of the interval.
    pub ci_high: f64,
    /// Standard deviation of the point estimate, where it was estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Coverage of the interval, e.g. 0.999.
    pub confidence: f64,
    /// Sample size: exits for a rate, cells for a slope.
    pub n: u64,
    /// How it was computed.
    pub method: String,
}

impl Estimate {
    /// A number that is known, not measured.
    pub fn exact(value: f64, method: &str) -> Self {
        Estimate {
            standard_error: None,
            value: value.is_finite().then_some(value),
            ci_low: value,
            ci_high: value,
            confidence: 1.0,
            n: 0,
            method: method.into(),
        }
    }

    /// A number whose error is not known; `why`.
    pub fn without_interval(value: f64, n: u64, why: &str) -> Self {
        Estimate {
            standard_error: None,
            value: value.is_finite().then_some(value),
            ci_low: f64::NEG_INFINITY,
            ci_high: f64::INFINITY,
            confidence: 1.0,
            n,
            method: why.into(),
        }
    }

    /// Whether anything is known of where the truth lies.
    pub fn has_interval(&self) -> bool {
        self.ci_low.is_finite() || self.ci_high.is_finite()
    }

    /// The smallest interval that holds this one and the other.
    #[must_use]
    pub fn or(mut self, other: &Estimate) -> Self {
        self.ci_low = self.ci_low.min(other.ci_low);
        self.ci_high = self.ci_high.max(other.ci_high);
        self
    }

    /// In units of `unit` > 0.
    #[must_use]
    pub fn over(mut self, unit: f64) -> Self {
        self.value = self.value.map(|v| v / unit);
        self.standard_error = self.standard_error.map(|error| error / unit);
        self.ci_low /= unit;
        self.ci_high /= unit;
        self
    }

    /// A number whose error is normal: value ± z · standard error.
    pub fn normal(value: f64, standard_error: f64, n: u64, confidence: f64, method: &str) -> Self {
        let half = normal_two_sided(1.0 - confidence) * standard_error;
        Self::around(value, standard_error, half, n, confidence, method)
    }

    /// A number whose standard error is that of a mean of n: value ± t · standard error, n ≥ 2.
    pub fn student(value: f64, standard_error: f64, n: u64, confidence: f64, method: &str) -> Self {
        let half = student_two_sided(1.0 - confidence, n.saturating_sub(1).max(1)) * standard_error;
        Self::around(value, standard_error, half, n, confidence, method)
    }

    /// With the interval of another confidence: each side grows as Student's quantile for a mean of n does, or the normal's
    /// where n says nothing; a share of hits has its own law. A mere bound, and what is exact, keep their own.
    ///
    /// # Errors
    /// `confidence` does not lie strictly between 0 and 1.
    pub fn at_confidence(mut self, confidence: f64) -> Result<Self> {
        let wanted = miss(confidence)?;
        let (Some(value), Ok(own)) = (self.value, miss(self.confidence)) else {
            return Ok(self);
        };
        if own == wanted {
            return Ok(self);
        }
        if self.method == hits::METHOD {
            return hits::share((value * self.n as f64).round() as u64, self.n, confidence);
        }
        let quantile = |miss| match self.n {
            0 | 1 => normal_two_sided(miss),
            n => student_two_sided(miss, n - 1),
        };
        let growth = quantile(wanted) / quantile(own);
        self.ci_low = value - growth * (value - self.ci_low);
        self.ci_high = value + growth * (self.ci_high - value);
        self.confidence = confidence;
        Ok(self)
    }

    /// With its interval, if it has one, cut to what the quantity can be, which changes no coverage.
    #[must_use]
    pub fn within(mut self, (least, most): (f64, f64)) -> Self {
        if self.has_interval() {
            (self.ci_low, self.ci_high) = (self.ci_low.max(least), self.ci_high.min(most));
        }
        self
    }

    fn around(
        value: f64,
        standard_error: f64,
        half: f64,
        n: u64,
        confidence: f64,
        method: &str,
    ) -> Self {
        if !(value.is_finite() && half.is_finite()) {
            let why = format!("not enough data for an interval: {n} numbers");
            return Self::without_interval(value, n, &why);
        }
        Estimate {
            standard_error: Some(standard_error),
            value: value.is_finite().then_some(value),
            ci_low: value - half,
            ci_high: value + half,
            confidence,
            n,
            method: method.into(),
        }
    }
}

/// 1 − confidence, the chance of missing that an interval is allowed.
///
/// # Errors
/// `confidence` does not lie strictly between 0 and 1.
pub(super) fn miss(confidence: f64) -> Result<f64> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(1.0 - confidence);
    }
    Err(Error::Input(format!(
        "confidence = {confidence}: an interval covers with a probability strictly between 0 and \
         1; 0.999 is usual"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_standard_error_there_is_no_interval() {
        for found in [
            Estimate::normal(1.0, f64::NAN, 1, 0.95, "by hand"),
            Estimate::student(f64::NAN, 1.0, 5, 0.95, "by hand"),
        ] {
            assert!(!found.has_interval() && found.method.starts_with("not enough data"));
        }
    }

    #[test]
    fn an_interval_follows_its_confidence() {
        for n in [5, 4000] {
            let narrow = Estimate::student(2.0, 0.1, n, 0.95, "by hand");
            let wide = Estimate::student(2.0, 0.1, n, 0.999, "by hand");
            let found = narrow.clone().at_confidence(0.999).unwrap();
            assert!((found.ci_low - wide.ci_low).abs() < 1e-12 * wide.ci_high);
            assert!((found.ci_high - wide.ci_high).abs() < 1e-12 * wide.ci_high);
            assert_eq!(found.confidence, 0.999);
            assert_eq!(narrow.clone().at_confidence(0.95).unwrap(), narrow);
        }
        let exact = Estimate::exact(1.0, "by hand");
        assert_eq!(exact.clone().at_confidence(0.9).unwrap(), exact);
        assert!(exact.at_confidence(1.0).is_err());
    }

    #[test]
    fn certainty_is_refused() {
        for confidence in [0.0, 1.0, -0.5, f64::NAN] {
            assert!(miss(confidence).is_err());
        }
        assert!((miss(0.999).unwrap() - 1e-3).abs() < 1e-15);
    }
}
