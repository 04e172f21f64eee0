//! The lab held against an exact reference.

use super::wording::number;
use crate::measurement::Estimate;
use crate::verdict::SelfCheck;

/// z beyond which a self-check fails. Two-sided, a right lab exceeds it once in 15 800 checks, so that
/// the hundred or so of a whole run raise a false alarm less than once in 150 runs; a bias of
/// 8 standard errors is missed more rarely still.
pub const SELF_CHECK_Z: f64 = 4.0;

/// The lab against an exact reference: passes when |measured − exact| ≤ `extra_allowance` + 4 `se`.
///
/// `extra_allowance` is what the measurement is known to be off by for a reason other than chance
/// (a bounded discretisation error, the reference's own rounding); it is taken off the difference before z
/// is formed. With `se` = 0 any remaining difference fails.
pub fn self_check(id: &str, measured: f64, se: f64, exact: f64, extra_allowance: f64) -> SelfCheck {
    let difference = measured - exact;
    let numbers = format!(
        "measured {} ± {} against exact {}, {} allowed beside chance",
        number(measured),
        number(se),
        number(exact),
        number(extra_allowance)
    );
    let comparable = difference.is_finite() && se.is_finite() && se >= 0.0;
    if !(comparable && extra_allowance.is_finite() && extra_allowance >= 0.0) {
        return SelfCheck {
            id: id.into(),
            passed: false,
            z: f64::MAX,
            why: format!("{numbers}: not comparable"),
        };
    }
    let excess = (difference.abs() - extra_allowance).max(0.0);
    // A record cannot hold infinity, so a difference without any standard error gets the largest number.
    let size = if excess == 0.0 {
        0.0
    } else {
        (excess / se).min(f64::MAX)
    };
    let z = size.copysign(difference);
    SelfCheck {
        id: id.into(),
        passed: size <= SELF_CHECK_Z,
        z,
        why: format!(
            "{numbers}: z = {}, at most {SELF_CHECK_Z} passes",
            number(z)
        ),
    }
}

/// An order that the lab declares against the fitted one: passes when the interval holds it and is no wider than
/// `widest`. z is the distance in half-widths of the interval.
pub fn declared_order(id: &str, fitted: &Estimate, declared: f64, widest: f64) -> SelfCheck {
    let (low, high) = (fitted.ci_low, fitted.ci_high);
    let held = low <= declared && declared <= high;
    let distance = (low + high) / 2.0 - declared;
    let z = distance / ((high - low) / 2.0);
    SelfCheck {
        id: id.into(),
        passed: held && high - low <= widest,
        z: if z.is_finite() { z } else { f64::MAX },
        why: format!(
            "declared order {}, fitted [{}, {}] at {} %, of which at most {} is wide enough to decide",
            number(declared),
            number(low),
            number(high),
            number(100.0 * fitted.confidence),
            number(widest)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_standard_errors_pass_and_more_do_not() {
        let at = |measured: f64| self_check("ou, cell 3", measured, 0.5, 10.0, 0.0);
        assert!(at(12.0).passed && at(8.0).passed);
        assert!(!at(12.001).passed && !at(7.999).passed);
        assert_eq!((at(12.0).z, at(8.0).z), (4.0, -4.0));
        assert_eq!(at(12.0).id, "ou, cell 3");
        assert!(at(12.0).why.contains("z = 4,"), "{}", at(12.0).why);
    }

    #[test]
    fn a_known_error_is_taken_off_first() {
        assert!(!self_check("x", 13.0, 0.5, 10.0, 0.0).passed);
        let check = self_check("x", 13.0, 0.5, 10.0, 1.0);
        assert!(check.passed);
        assert_eq!(check.z, 4.0);
        assert_eq!(self_check("x", 10.5, 0.5, 10.0, 1.0).z, 0.0);
    }

    #[test]
    fn without_a_standard_error_only_the_allowance_counts() {
        assert!(self_check("x", 1.0, 0.0, 1.0, 0.0).passed);
        assert!(self_check("x", 1.001, 0.0, 1.0, 0.01).passed);
        let check = self_check("x", 0.9, 0.0, 1.0, 0.01);
        assert!(!check.passed);
        assert_eq!(check.z, -f64::MAX);
    }

    #[test]
    fn what_is_not_comparable_fails_with_a_number_that_a_record_can_hold() {
        for (measured, se, exact, allowance) in [
            (f64::NAN, 1.0, 1.0, 0.0),
            (1.0, f64::NAN, 1.0, 0.0),
            (1.0, -1.0, 1.0, 0.0),
            (1.0, 1.0, f64::INFINITY, 0.0),
            (1.0, 1.0, 1.0, -1.0),
            (1.0, 1.0, 1.0, f64::NAN),
        ] {
            let check = self_check("x", measured, se, exact, allowance);
            assert!(!check.passed && check.z.is_finite());
            assert!(check.why.contains("not comparable"), "{}", check.why);
        }
    }
}
