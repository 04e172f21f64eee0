//! The power of an equivalence: how often quantities that are equal would be found so.

use super::estimate::Estimate;
use super::quantile::{normal_tail_two_sided, student_two_sided};

/// The probability that a mean whose truth is 0 is confirmed to lie within ±`margin` by an interval as wide as
/// that of `found` (Student's, of `found.n` values): P(|error| ≤ margin − half-width), the error taken as normal.
pub fn power(found: &Estimate, margin: f64) -> f64 {
    let half = 0.5 * (found.ci_high - found.ci_low);
    let dof = found.n.saturating_sub(1).max(1);
    let error = half / student_two_sided(1.0 - found.confidence, dof);
    let room = (margin - half) / error;
    if half == 0.0 && margin > 0.0 {
        1.0
    } else if room > 0.0 {
        1.0 - normal_tail_two_sided(room)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_by_hand() {
        let found = |half: f64| Estimate {
            standard_error: None,
            value: Some(0.3),
            ci_low: 0.3 - half,
            ci_high: 0.3 + half,
            confidence: 0.95,
            n: 100,
            method: String::new(),
        };
        // t₉₉(0.975) = 1.984217: at a margin of 2 half-widths the error may be 1.984 standard errors, and the
        // normal stays within them with probability 0.95277.
        assert!((power(&found(0.1), 0.2) - 0.952_77).abs() < 1e-5);
        assert_eq!(power(&found(0.1), 0.1), 0.0);
        assert_eq!(power(&found(0.1), 0.01), 0.0);
        assert_eq!(power(&found(0.0), 0.01), 1.0);
        assert_eq!(power(&found(f64::NAN), 0.01), 0.0);
    }
}
