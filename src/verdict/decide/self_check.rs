//! The lab held against an exact reference.

use super::wording::number;
use crate::SelfCheck;
use measurement::{Estimate, Sampled};

/// The chance that right physics fails one or more of the self-checks of a record, at most.
pub const LEVEL: f64 = 1e-4;

/// The fewest independent numbers whose spread says how far chance may move their mean.
pub const FEWEST: u64 = 6;

/// The lab against an exact reference that the measurement scatters about.
///
/// `allowed` is what the measurement is known to be off by for a reason other than chance (a bounded discretisation
/// error, the reference's own rounding); it is taken off the difference before the surprise is formed:
/// p = P(|error| > |measured − exact| − `allowed`) under the law of `measured`. Alone, a check fails at
/// p ≤ [`LEVEL`]; among others [`family`] decides. Too few numbers, or numbers without spread, are not enough to decide.
pub fn self_check(id: &str, measured: &Sampled, exact: f64, allowed: f64) -> SelfCheck {
    let Sampled {
        value,
        standard_error,
        law,
        n,
    } = *measured;
    if !(exact.is_finite() && allowed.is_finite() && allowed >= 0.0) {
        let why = format!(
            "measured {} against {}, {} allowed beside chance: not comparable",
            number(value),
            number(exact),
            number(allowed)
        );
        return sure(id, false, why);
    }
    let scattered = standard_error.is_finite() && standard_error > 0.0;
    if n < FEWEST || !scattered || !value.is_finite() {
        return SelfCheck {
            id: id.into(),
            passed: None,
            z: None,
            p: None,
            why: few(n),
        };
    }
    let difference = value - exact;
    let excess = (difference.abs() - allowed).max(0.0).copysign(difference);
    let p = law.p_value(excess / standard_error);
    let z = (excess / standard_error).clamp(f64::MIN, f64::MAX);
    SelfCheck {
        id: id.into(),
        passed: Some(p > LEVEL),
        z: Some(z),
        p: Some(p),
        why: format!(
            "measured {} ± {} against exact {}, {} allowed beside chance: z = {}, p = {p:.2e}",
            number(value),
            number(standard_error),
            number(exact),
            number(allowed),
            number(z)
        ),
    }
}

fn few(n: u64) -> String {
    if n < FEWEST {
        format!("not enough data: {n} numbers, of which {FEWEST} are needed; run more of them")
    } else {
        format!(
            "not enough data: the {n} numbers show no spread, so nothing says how far chance may move them"
        )
    }
}

/// What involves no chance: passes when the deviation is at most what rounding or a known error explains.
pub fn exact_check(id: &str, deviation: f64, allowed: f64) -> SelfCheck {
    let why = format!(
        "deviation {}, at most {} passes; no chance is involved",
        number(deviation),
        number(allowed)
    );
    sure(id, deviation.abs() <= allowed, why)
}

/// An order that the lab declares against the fitted one: passes when the interval, which comes from what the fit
/// leaves and not from chance, holds it and is no wider than `widest`.
pub fn declared_order(id: &str, fitted: &Estimate, declared: f64, widest: f64) -> SelfCheck {
    let (low, high) = (fitted.ci_low, fitted.ci_high);
    let held = low <= declared && declared <= high;
    let why = format!(
        "declared order {}, fitted [{}, {}] at {} %, of which at most {} is wide enough to decide",
        number(declared),
        number(low),
        number(high),
        number(100.0 * fitted.confidence),
        number(widest)
    );
    sure(id, held && high - low <= widest, why)
}

/// A check that chance has no part in.
pub fn sure(id: &str, passed: bool, why: String) -> SelfCheck {
    SelfCheck {
        id: id.into(),
        passed: Some(passed),
        z: None,
        p: None,
        why,
    }
}

/// Decides the self-checks of a record together, so that right physics fails one or more of them with a
/// probability of at most [`LEVEL`], however many they are and whatever they have in common.
///
/// Source: Holm, Scand. J. Stat. 6 (1979) 65. Checks without chance, and those without enough data, stay as they are.
pub fn family(checks: &mut [SelfCheck]) {
    let mut order: Vec<(f64, usize)> = checks
        .iter()
        .enumerate()
        .filter_map(|(i, check)| Some((check.p?, i)))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all = order.len();
    let mut failing = true;
    for (rank, (p, i)) in order.into_iter().enumerate() {
        let bound = LEVEL / (all - rank) as f64;
        failing = failing && p <= bound;
        checks[i].passed = Some(!failing);
        if failing {
            checks[i].why += &format!(
                "; of {all} checks together, p ≤ {bound:.1e} fails (Holm, level {LEVEL:.0e} for all)"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(value: f64, error: f64) -> Sampled {
        Sampled::normal(value, error, 1000)
    }

    #[test]
    fn the_surprise_decides() {
        let at = |value: f64| self_check("ou, cell 3", &normal(value, 0.5), 10.0, 0.0);
        // P(|N(0, 1)| > 3.8906) = 1e-4.
        assert_eq!(at(11.94).passed, Some(true));
        assert_eq!(at(8.05).passed, Some(false));
        assert_eq!((at(12.0).z, at(8.0).z), (Some(4.0), Some(-4.0)));
        assert_eq!(at(12.0).id, "ou, cell 3");
        assert!(
            at(12.0).why.contains("z = 4, p = 6.33e-5"),
            "{}",
            at(12.0).why
        );
    }

    #[test]
    fn a_known_error_is_taken_off_first() {
        let at = |allowed: f64| self_check("x", &normal(13.0, 0.5), 10.0, allowed);
        assert_eq!(at(0.0).passed, Some(false));
        assert_eq!((at(1.5).passed, at(1.5).z), (Some(true), Some(3.0)));
        assert_eq!((at(3.5).z, at(3.5).p), (Some(0.0), Some(1.0)));
    }

    #[test]
    fn too_few_numbers_or_no_spread_decide_nothing_and_hold_no_number() {
        let nan = f64::NAN;
        for measured in [
            Sampled::student(4.0, 0.1, FEWEST - 1),
            Sampled::student(4.0, 0.0, 5),
            Sampled::student(4.0, 0.0, 1000),
            Sampled::student(4.0, nan, 1),
            Sampled::student(nan, nan, 0),
        ] {
            let check = self_check("x", &measured, 1.0, 0.0);
            assert_eq!((check.passed, check.z, check.p), (None, None, None));
            assert!(check.why.starts_with("not enough data"), "{}", check.why);
            assert!(!check.why.contains("inf") && !check.why.contains("NaN"));
        }
    }

    #[test]
    fn without_chance_only_the_allowance_counts() {
        assert_eq!(exact_check("x", 0.0, 0.0).passed, Some(true));
        assert_eq!(exact_check("x", -1e-3, 1e-3).passed, Some(true));
        for (deviation, allowed) in [(0.011, 0.01), (f64::NAN, 0.01), (f64::INFINITY, 1.0)] {
            assert_eq!(exact_check("x", deviation, allowed).passed, Some(false));
        }
    }

    #[test]
    fn a_reference_that_is_no_number_fails() {
        for (exact, allowed) in [
            (f64::NAN, 0.0),
            (f64::INFINITY, 0.0),
            (1.0, -1.0),
            (1.0, f64::NAN),
        ] {
            let check = self_check("x", &normal(1.0, 1.0), exact, allowed);
            assert_eq!((check.passed, check.z), (Some(false), None));
            assert!(check.why.contains("not comparable"), "{}", check.why);
        }
    }

    /// By hand: of 3 checks the bounds are 1e-4/3, 1e-4/2, 1e-4 in the order of p.
    #[test]
    fn holm_goes_down_until_the_first_that_passes() {
        let with = |p: f64| SelfCheck {
            p: Some(p),
            ..sure("x", true, String::new())
        };
        let decided = |ps: &[f64]| {
            let mut checks: Vec<SelfCheck> = ps.iter().map(|p| with(*p)).collect();
            checks.push(sure("exact", false, String::new()));
            family(&mut checks);
            assert_eq!(checks.pop().unwrap().passed, Some(false));
            let passed = checks.iter().map(|c| c.passed == Some(true));
            passed.collect::<Vec<bool>>()
        };
        assert_eq!(decided(&[0.5, 4e-5, 3e-5]), [true, false, false]);
        assert_eq!(decided(&[0.5, 4e-5, 3.5e-5]), [true, true, true]);
        assert_eq!(decided(&[9e-5, 4e-5, 3e-5]), [false, false, false]);
        assert_eq!(decided(&[9e-5]), [false]);
        assert!(decided(&[]).is_empty());
    }
}
