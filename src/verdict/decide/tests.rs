//! Every branch of the decision rule, and its error rate on synthetic data.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Exp1, StandardNormal};

use super::*;
use Tolerance::{Absolute, Relative};
use Verdict::{Confirmed, Inconclusive, Refuted};
use measurement::forms::{Cell, Form, compare};
use measurement::mean::Moments;
use measurement::rate::{Exposure, maximum_likelihood};

fn interval(low: f64, high: f64) -> Estimate {
    Estimate {
        standard_error: None,
        value: Some(0.5 * (low + high)),
        ci_low: low,
        ci_high: high,
        confidence: 0.999,
        n: 50,
        method: "by hand".into(),
    }
}

fn only_bounded(high: f64) -> Estimate {
    Estimate {
        standard_error: None,
        value: None,
        ci_low: 0.0,
        ci_high: high,
        confidence: 0.999,
        n: 0,
        method: "by hand".into(),
    }
}

#[test]
fn a_value_is_confirmed_inside_refuted_outside_and_open_between() {
    for (low, high, prediction, tolerance, expected) in [
        (0.95, 1.05, 1.0, Relative(0.1), Confirmed),
        (0.9, 1.1, 1.0, Absolute(0.1), Confirmed),
        (0.85, 1.05, 1.0, Relative(0.1), Inconclusive),
        (0.95, 1.2, 1.0, Relative(0.1), Inconclusive),
        (0.5, 1.5, 1.0, Relative(0.1), Inconclusive),
        (1.11, 1.2, 1.0, Relative(0.1), Refuted),
        (0.5, 0.89, 1.0, Relative(0.1), Refuted),
        (-2.1, -1.9, -2.0, Relative(0.1), Confirmed),
        (-2.9, -2.5, -2.0, Relative(0.1), Refuted),
        (1.0, 1.0, 1.0, Absolute(0.0), Confirmed),
        (-0.01, 0.02, 0.0, Absolute(0.05), Confirmed),
        (0.1, 0.2, 0.0, Absolute(0.05), Refuted),
    ] {
        let (verdict, why) = value(&interval(low, high), prediction, tolerance);
        assert_eq!(verdict, expected, "{why}");
        assert!(why.contains("n = 50") && why.contains("99.9 %"), "{why}");
        assert_eq!(
            why.contains("are needed"),
            expected == Inconclusive,
            "{why}"
        );
    }
}

/// What has no interval is not decided, and the sentence says why it has none, without an infinite number.
#[test]
fn without_an_interval_nothing_is_decided() {
    let measured = Estimate::without_interval(1.0, 5, "not enough data for an interval: 5 numbers");
    for (verdict, why) in [
        value(&measured, 1.0, Relative(0.1)),
        bound(&measured, 1.0, Side::AtMost),
        equal_laws(&measured, 0.1, 0.9),
    ] {
        assert_eq!(verdict, Inconclusive);
        assert!(
            why.contains("not enough data") && !why.contains("inf"),
            "{why}"
        );
    }
}

#[test]
fn a_prediction_of_zero_asks_for_an_absolute_tolerance() {
    let (verdict, why) = value(&interval(0.0, 0.0), 0.0, Relative(0.1));
    assert_eq!(verdict, Inconclusive);
    assert!(why.contains("absolute"), "{why}");
}

#[test]
fn a_mere_bound_refutes_what_lies_above_it_and_confirms_no_rate() {
    assert_eq!(value(&only_bounded(1e-6), 1e-3, Relative(0.5)).0, Refuted);
    assert_eq!(
        value(&only_bounded(1e-6), 1e-6, Relative(0.5)).0,
        Inconclusive
    );
    assert_eq!(
        value(&only_bounded(1e-6), 1e-9, Relative(0.5)).0,
        Inconclusive
    );
    assert_eq!(value(&only_bounded(1e-6), 0.0, Absolute(1e-5)).0, Confirmed);
    assert_eq!(bound(&only_bounded(1e-6), 1e-5, Side::AtMost).0, Confirmed);
    assert_eq!(bound(&only_bounded(1e-6), 1e-5, Side::AtLeast).0, Refuted);
}

#[test]
fn what_is_no_number_decides_nothing() {
    let good = interval(0.9, 1.1);
    let broken = [
        interval(f64::NAN, 1.0),
        interval(0.0, f64::NAN),
        interval(2.0, 1.0),
        Estimate {
            value: Some(f64::INFINITY),
            ..interval(0.0, 1.0)
        },
    ];
    for measured in &broken {
        for (verdict, why) in [
            value(measured, 1.0, Relative(0.1)),
            bound(measured, 1.0, Side::AtMost),
            order(measured, 1.0, 0.1),
            equal_laws(measured, 0.1, 0.9),
        ] {
            assert_eq!(verdict, Inconclusive);
            assert!(why.contains("diverged"), "{why}");
        }
    }
    for prediction in [f64::NAN, f64::INFINITY] {
        assert_eq!(value(&good, prediction, Relative(0.1)).0, Inconclusive);
    }
    for size in [-0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(value(&good, 1.0, Relative(size)).0, Inconclusive);
        assert_eq!(value(&good, 0.0, Absolute(size)).0, Inconclusive);
    }
    assert_eq!(bound(&good, f64::NAN, Side::AtLeast).0, Inconclusive);
    assert_eq!(equal_laws(&good, 0.0, 0.9).0, Inconclusive);
    assert_eq!(equal_laws(&good, f64::NAN, 0.9).0, Inconclusive);
    assert_eq!(identity(f64::NAN, 1e-12).0, Inconclusive);
    assert_eq!(identity(1e-13, f64::NAN).0, Inconclusive);
}

#[test]
fn a_bound_is_decided_by_the_whole_interval() {
    let measured = interval(0.9, 1.1);
    for (limit, side, expected) in [
        (1.1, Side::AtMost, Confirmed),
        (1.0, Side::AtMost, Inconclusive),
        (0.8, Side::AtMost, Refuted),
        (0.9, Side::AtLeast, Confirmed),
        (1.0, Side::AtLeast, Inconclusive),
        (1.2, Side::AtLeast, Refuted),
        (f64::INFINITY, Side::AtMost, Confirmed),
    ] {
        let (verdict, why) = bound(&measured, limit, side);
        assert_eq!(verdict, expected, "{why}");
    }
}

#[test]
fn an_order_has_an_absolute_margin() {
    assert_eq!(order(&interval(0.48, 0.52), 0.5, 0.05).0, Confirmed);
    assert_eq!(order(&interval(0.96, 1.04), 0.5, 0.05).0, Refuted);
    assert_eq!(order(&interval(-0.02, 0.02), 0.0, 0.05).0, Confirmed);
    assert_eq!(order(&interval(0.3, 0.7), 0.5, 0.05).0, Inconclusive);
}

fn cells(sigma: f64, log_rate: impl Fn(f64) -> f64) -> Vec<Cell> {
    [1.0, 1.5, 2.0, 3.0, 4.5, 6.0]
        .map(|k| Cell {
            k,
            log_rate: log_rate(k),
            sigma,
        })
        .to_vec()
}

#[test]
fn a_form_must_win_by_the_margin_and_fit() {
    let law = |k: f64| k.ln() - 8.0 / k;
    let sharp = compare(&cells(0.02, law), 0.999).unwrap();
    assert_eq!(
        form(&sharp, &[Form::LogAndInverse], 10.0, 1e-3).0,
        Confirmed
    );
    assert_eq!(form(&sharp, &[Form::Inverse], 10.0, 1e-3).0, Refuted);
    let blunt = compare(&cells(2.0, law), 0.999).unwrap();
    for claimed in [Form::LogAndInverse, Form::Inverse] {
        let (verdict, why) = form(&blunt, &[claimed], 10.0, 1e-3);
        assert_eq!(verdict, Inconclusive);
        assert!(
            why.contains("are needed") && why.contains(claimed.name()),
            "{why}"
        );
    }
    // The best of forms that all fail is still no description.
    let none = compare(&cells(0.01, |k| (5.0 * k).sin()), 0.999).unwrap();
    let best = none.winner().form;
    let (verdict, why) = form(&none, &[best], 1e-6, 1e-3);
    assert_eq!(verdict, Refuted);
    assert!(why.contains("does not fit"), "{why}");
    // A set is as good as its best, and what is claimed with everything else has no rival.
    let both = [Form::Inverse, Form::LogAndInverse];
    assert_eq!(form(&sharp, &both, 10.0, 1e-3).0, Confirmed);
    assert_eq!(form(&sharp, &Form::ALL, 10.0, 1e-3).0, Inconclusive);
    // A level of 0 rejects nothing; then the loss by the margin alone refutes.
    assert_eq!(form(&sharp, &[Form::Inverse], 10.0, 0.0).0, Refuted);
    assert_eq!(form(&sharp, &[Form::Inverse], 0.0, 1e-3).0, Inconclusive);
    assert_eq!(
        form(&sharp, &[Form::Inverse], 10.0, f64::NAN).0,
        Inconclusive
    );
}

#[test]
fn a_form_that_was_not_compared_is_open() {
    let mut comparison = compare(&cells(0.1, |k| k.ln()), 0.999).unwrap();
    comparison.ranked.retain(|fit| fit.form == Form::Power);
    assert_eq!(
        form(&comparison, &[Form::Power], 10.0, 1e-3).0,
        Inconclusive
    );
    assert_eq!(
        form(&comparison, &[Form::Inverse], 10.0, 1e-3).0,
        Inconclusive
    );
    comparison.ranked.clear();
    assert_eq!(
        form(&comparison, &[Form::Inverse], 10.0, 1e-3).0,
        Inconclusive
    );
}

#[test]
fn laws_are_equal_within_a_margin_or_not_at_all() {
    assert_eq!(equal_laws(&interval(0.0, 0.04), 0.05, 0.9).0, Confirmed);
    assert_eq!(equal_laws(&interval(0.01, 0.06), 0.05, 0.9).0, Inconclusive);
    assert_eq!(equal_laws(&interval(0.06, 0.09), 0.05, 0.9).0, Refuted);
    assert_eq!(equal_laws(&interval(-0.09, -0.06), 0.05, 0.9).0, Refuted);
    assert_eq!(
        equal_laws(&interval(-0.09, -0.03), 0.05, 0.9).0,
        Inconclusive
    );
    let (_, why) = equal_laws(&interval(0.0, 0.04), 0.05, 0.87);
    assert!(why.contains("0.87"), "{why}");
}

#[test]
fn an_identity_holds_to_rounding() {
    assert_eq!(identity(0.0, 0.0).0, Confirmed);
    assert_eq!(identity(-1e-14, 1e-13).0, Confirmed);
    assert_eq!(identity(1e-12, 1e-13).0, Refuted);
    assert_eq!(identity(f64::INFINITY, 1e-13).0, Refuted);
}

/// Shares of (confirmed, refuted) verdicts over `trials` means of `n` N(`truth`, 1) numbers.
fn shares(truth: f64, n: usize, confidence: f64, trials: u32, tolerance: Tolerance) -> (f64, f64) {
    let mut rng = SmallRng::seed_from_u64(2026);
    let (mut confirmed, mut refuted) = (0, 0);
    for _ in 0..trials {
        let moments: Moments = (0..n)
            .map(|_| -> f64 {
                let z: f64 = StandardNormal.sample(&mut rng);
                truth + z
            })
            .collect();
        let (verdict, _) = value(&moments.estimate(confidence).unwrap(), 1.0, tolerance);
        confirmed += u32::from(verdict == Confirmed);
        refuted += u32::from(verdict == Refuted);
    }
    (
        f64::from(confirmed) / f64::from(trials),
        f64::from(refuted) / f64::from(trials),
    )
}

/// Runs that all came to the same number say nothing of the next: neither at the prediction nor far from it.
#[test]
fn equal_samples_decide_nothing() {
    for x in [0.0, 1.0, 7.0] {
        let equal: Moments = std::iter::repeat_n(x, 8).collect();
        let measured = equal.estimate(0.999).unwrap();
        for tolerance in [Relative(0.5), Absolute(0.1)] {
            let (verdict, why) = value(&measured, 1.0, tolerance);
            assert_eq!(verdict, Inconclusive, "{x}: {why}");
        }
    }
}

#[test]
fn wrong_verdicts_are_as_rare_as_the_confidence_says() {
    // Seed 2026, 95 % intervals so that errors can be counted, 20 000 trials of 20 numbers. A rate of
    // p has a Monte Carlo standard error of √(p(1−p)/20 000); four are allowed.
    let allowance = |p: f64| 4.0 * (p * (1.0 - p) / 20_000f64).sqrt();
    // No tolerance and a true prediction: refuted whenever the interval misses, exactly α.
    let (_, refuted) = shares(1.0, 20, 0.95, 20_000, Absolute(0.0));
    assert!((refuted - 0.05).abs() < allowance(0.05), "{refuted}");
    // Truth on the very edge of the tolerance, the worst case of a right claim: one side only, α/2.
    let (_, refuted) = shares(1.5, 20, 0.95, 20_000, Relative(0.5));
    assert!((refuted - 0.025).abs() < allowance(0.025), "{refuted}");
    // Truth just beyond the edge of a wide band, the worst case of a wrong claim: confirmed with α/2.
    let (confirmed, _) = shares(3.0 + 1e-9, 20, 0.95, 20_000, Relative(2.0));
    assert!((confirmed - 0.025).abs() < allowance(0.025), "{confirmed}");
}

#[test]
fn a_rate_is_decided_with_the_same_care() {
    // Seed 2027, rate 1, 100 exits: with no tolerance the exact interval is refuted with α = 5 %.
    let mut rng = SmallRng::seed_from_u64(2027);
    let trials = 20_000;
    let refuted = (0..trials)
        .filter(|_| {
            let time_at_risk = (0..100).map(|_| -> f64 { Exp1.sample(&mut rng) }).sum();
            let exposure = Exposure {
                exits: 100,
                censored: 0,
                time_at_risk,
            };
            let measured = maximum_likelihood(&exposure, 0.95).unwrap();
            value(&measured, 1.0, Relative(0.0)).0 == Refuted
        })
        .count();
    let share = refuted as f64 / f64::from(trials);
    // Four Monte Carlo standard errors of 0.05.
    assert!((share - 0.05).abs() < 0.0062, "{share}");
}
