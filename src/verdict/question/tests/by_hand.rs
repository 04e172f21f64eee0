//! Values and intervals by hand.

use super::*;
use crate::question::{Forms, check};
use Verdict::{Confirmed, Inconclusive, OutOfScope, Refuted};

const Z: f64 = 3.290_526_731;

#[test]
fn readings_of_the_same_particles_move_together() {
    let v: Vec<f64> = (0..1000).map(|i| f64::from(i % 2 * 2 - 1)).collect();
    // w agrees with v on three quarters: a correlation of ½.
    let w: Vec<f64> = v
        .iter()
        .enumerate()
        .map(|(i, x)| if i % 8 < 2 { -x } else { *x })
        .collect();
    let reading =
        |process: &str, value| measured("m", &format!("process={process}"), "", value, 0.1);
    let table = |b: Reading| vec![moved(reading("a", 1.0), 7, &v), b];
    for (b, variance) in [
        (moved(reading("b", 2.0), 7, &v), 0.0),
        (moved(reading("b", 2.0), 7, &w), 0.01),
        (moved(reading("b", 2.0), 8, &v), 0.02),
        (reading("b", 2.0), 0.02),
    ] {
        let (_, value, (low, high), _) = one(&predicting("m[b] - m[a]", "1", 0.1), &table(b));
        assert!(near(value, 1.0, 1e-12));
        let half = 0.5 * (high - low);
        // 50 draws lie beyond each end: 1.2 % of the half-width a side, three of those.
        assert!(
            (half - Z * f64::sqrt(variance)).abs() < 0.036 * Z * 0.1,
            "{half} {variance}"
        );
    }
}

#[test]
fn a_monotone_function_carries_the_interval_over() {
    let table = [measured("m", "process=a", "", 2.0, 0.1)];
    let (_, value, (low, high), _) = one(&at_most("log(m)", "1"), &table);
    assert!(near(value, 2.0f64.ln(), 1e-12));
    // The draws are at equal steps of probability, so the ends are the normal's own quantiles.
    assert!(near(low, (2.0 - 0.1 * Z).ln(), 1e-3), "{low}");
    assert!(near(high, (2.0 + 0.1 * Z).ln(), 1e-3), "{high}");
}

#[test]
fn a_standard_error_from_few_numbers_makes_student_s_interval() {
    let few = Estimate::student(2.0, 0.1, 5, 0.99, "by hand");
    let table = [Reading {
        measured: Some(few.clone()),
        ..blank("m", "process=a", "")
    }];
    let question = Question {
        confidence: 0.99,
        ..at_most("m + 0", "1")
    };
    let (_, _, (low, high), _) = one(&question, &table);
    // 100 draws lie beyond each end, so that its probability is off by a tenth, and in a tail that falls as t⁻⁴ the end by
    // a fortieth; three of those.
    let half = few.ci_high - 2.0;
    assert!(
        near(high - 2.0, half, 0.075) && near(2.0 - low, half, 0.075),
        "{low} {high} {few:?}"
    );
}

#[test]
fn one_reading_alone_keeps_its_interval_and_asks_for_its_confidence() {
    let table = [Reading {
        measured: Some(Estimate::student(2.0, 0.1, 5, 0.95, "by hand")),
        ..blank("m", "process=a", "")
    }];
    let (_, _, (low, high), _) = one(&at_most("m", "1"), &table);
    let wide = Estimate::student(2.0, 0.1, 5, 0.999, "by hand");
    assert!(near(low, wide.ci_low, 1e-9) && near(high, wide.ci_high, 1e-9));
}

#[test]
fn what_chance_may_take_below_zero_leaves_its_logarithm_open() {
    let pair = |difference: f64| {
        vec![
            measured("m", "process=a eta=0.1", "", 1.0 + difference, 0.1),
            measured("m", "process=b eta=0.1", "", 1.0, 0.1),
            measured("m", "process=a eta=0.2", "", 9.0, 0.1),
            measured("m", "process=b eta=0.2", "", 1.0, 0.1),
        ]
    };
    let question = predicting("slope(log(abs(m[a] - m[b])), log(eta))", "5", 0.5);
    // 2 ± 0.47 is surely not 0; 0.2 ± 0.47 may be.
    let (_, _, (low, high), _) = one(&question, &pair(2.0));
    assert!(low.is_finite() && high.is_finite());
    let (verdict, _, (low, high), why) = one(&question, &pair(0.2));
    assert!(low.is_finite() && high == f64::INFINITY, "{low} {high}");
    assert_eq!(verdict, Inconclusive, "{why}");
    // What is too steep already is refuted although the interval has no upper end.
    let steep = predicting("slope(log(abs(m[a] - m[b])), log(eta))", "-2", 0.5);
    assert_eq!(one(&steep, &pair(0.2)).0, Refuted);
}

#[test]
fn a_mere_bound_decides_what_it_can() {
    let bounded = Estimate {
        value: None,
        ci_low: 0.0,
        ci_high: 1e-4,
        standard_error: None,
        confidence: 0.999,
        n: 0,
        method: "no exits".into(),
    };
    let mut table = vec![Reading {
        measured: Some(bounded),
        ..blank("rate", "k=1", "")
    }];
    for k in ["2", "4"] {
        table.push(measured("rate", &format!("k={k}"), "", 0.01, 1e-4));
    }
    assert_eq!(one(&at_most("rate[k=1]", "1e-3"), &table).0, Confirmed);
    assert_eq!(one(&at_most("rate[k=1] + 1", "1.001"), &table).0, Confirmed);
    assert_eq!(one(&at_most("mean(rate)", "1e-3"), &table).0, Refuted);
    // With 1e-4 at k = 1 and 0.01 at 2 and 4 the slope is log(100)/log(4) = 3.32, and more with less.
    let slope = |predicted: &str| {
        one(
            &predicting("slope(log(rate), log(k))", predicted, 0.1),
            &table,
        )
    };
    let (verdict, value, (low, high), _) = slope("4");
    assert!(verdict == Inconclusive && value.is_nan());
    assert!(
        low > 3.2 && low < 3.33 && high == f64::INFINITY,
        "{low} {high}"
    );
    assert_eq!(slope("0").0, Refuted);
}

#[test]
fn lack_of_fit_widens_a_slope() {
    // y = 0, 1, 1, 2 at x = 0, 1, 2, 3: slope 0.6, residuals −0.1, 0.3, −0.3, 0.1, so s² = 0.2/2, Sxx = 5.
    let exact: Vec<Reading> = [0.0, 1.0, 1.0, 2.0]
        .iter()
        .enumerate()
        .map(|(x, y)| exactly(blank("m", &format!("x={x}"), ""), *y, 0.0))
        .collect();
    let question = Question {
        confidence: 0.95,
        ..predicting("slope(m.exact, x)", "0.6", 0.1)
    };
    let (_, value, (low, high), why) = one(&question, &exact);
    let half = 4.302_652_73 * (0.1f64 / 5.0).sqrt();
    assert!(near(value, 0.6, 1e-12));
    assert!(
        near(high - 0.6, half, 2e-3) && near(0.6 - low, half, 2e-3),
        "{low} {high} {half}"
    );
    assert!(why.contains("further from a line"), "{why}");
    // Errors that explain the scatter leave it at the cells' own: 0.5/√5.
    let noisy: Vec<Reading> = exact
        .iter()
        .map(|r| measured("m", &r.cell, "", r.exact.as_ref().unwrap().value, 0.5))
        .collect();
    let question = Question {
        confidence: 0.95,
        ..predicting("slope(m, x)", "0.6", 0.1)
    };
    let (_, _, (_, high), why) = one(&question, &noisy);
    assert!(
        near(high - 0.6, 1.959_964 * 0.5 / 5.0f64.sqrt(), 0.02),
        "{high}"
    );
    assert!(!why.contains("further from a line"), "{why}");
    // Exact points on a line leave nothing open.
    let line: Vec<Reading> = (0..4)
        .map(|x| exactly(blank("m", &format!("x={x}"), ""), f64::from(x) * 0.3, 0.0))
        .collect();
    let (verdict, value, (low, high), _) =
        one(&predicting("slope(m.exact, x)", "0.3", 1e-9), &line);
    assert!(near(value, 0.3, 1e-12) && low == high && verdict == Confirmed);
    // Two points cannot show a lack of fit, and the sentence says so.
    let (_, _, _, why) = one(&predicting("slope(m, x)", "0.6", 0.1), &noisy[..2]);
    assert!(why.contains("two points"), "{why}");
}

#[test]
fn the_least_of_a_cubic() {
    // (log x)² has its least at 1 and a cubic fits it exactly; on the edge it is refused; NaN counts as infinite.
    let at = |shift: f64| -> Vec<Reading> {
        [0.25f64, 0.5, 0.8, 0.9, 1.1, 1.3, 2.0, 4.0]
            .iter()
            .map(|x| {
                measured(
                    "lag",
                    &format!("gamma={x} eta=1"),
                    "",
                    1.0 + (x.ln() - shift).powi(2),
                    1e-4,
                )
            })
            .collect()
    };
    let question = predicting("argmin(lag, gamma)", "1", 0.01);
    let (verdict, value, (low, high), why) = one(&question, &at(0.0));
    assert!(
        near(value, 1.0, 1e-9) && low < 1.0 && high > 1.0,
        "{value} {why}"
    );
    assert_eq!(verdict, Confirmed);
    let (verdict, _, _, why) = one(&question, &at(1.6));
    assert_eq!(verdict, Inconclusive);
    assert!(why.contains("lies at 4, the edge of its grid"), "{why}");
    let mut lost = at(0.0);
    lost[0].measured = None;
    let (verdict, value, _, why) = one(&question, &lost);
    assert!(near(value, 1.0, 1e-9) && verdict == Confirmed);
    assert!(
        why.contains("no number at 0.25, which counts as infinite"),
        "{why}"
    );
}

#[test]
fn reductions_nest_and_join() {
    let mut table = Vec::new();
    for eta in [0.1f64, 0.2, 0.4] {
        for (of, scale) in [("x", 1.0), ("y", -3.0)] {
            for time in [1.0, 2.0] {
                for (process, sign) in [("a", 1.0), ("b", 0.0)] {
                    let axes = format!("eta={eta} of={of} time={time} process={process}");
                    table.push(measured(
                        "m",
                        &axes,
                        "",
                        sign * scale * time * eta * eta,
                        1e-6,
                    ));
                }
            }
            table.push(measured("k", &format!("eta={eta}"), "", eta, 1e-6));
        }
    }
    // max |m| = 6 η².
    let (_, value, ..) = one(
        &predicting(
            "slope(log(max(abs(m[a] - m[b]), time, of)), log(eta))",
            "2",
            0.1,
        ),
        &table,
    );
    assert!(near(value, 2.0, 1e-6), "{value}");
    let (_, value, ..) = one(
        &at_most("max(mean(max(m[a], of) , time)/eta^2)", "1"),
        &table,
    );
    assert!(near(value, 1.5, 1e-6), "{value}");
    let (_, value, ..) = one(&at_most("mean(min(m[a]))", "1"), &table);
    assert!(near(value, -6.0 * 0.16, 1e-6), "{value}");
}

#[test]
fn axes_in_step_count_as_one() {
    let table: Vec<Reading> = [(0.01, 0.1), (0.02, 0.3), (0.04, 0.5)]
        .iter()
        .map(|(eta, c)| {
            measured(
                "m",
                &format!("eta0={eta} c={c}"),
                &format!("tau={}", eta / 2.0),
                5.0 * eta,
                1e-9,
            )
        })
        .collect();
    for x in ["eta0", "tau*2", "max(eta0, 0)"] {
        let (_, value, ..) = one(&predicting(&format!("slope(m, {x})"), "5", 0.1), &table);
        assert!(near(value, 5.0, 1e-6), "{x} {value}");
    }
}

#[test]
fn a_prediction_is_reduced_in_the_same_way() {
    let mut table = Vec::new();
    for (sweep, ha, b) in [
        ("H", 0.5, 1.0),
        ("H", 1.0, 1.0),
        ("H", 2.0, 1.0),
        ("B", 1.0, 1.0),
        ("B", 1.0, 2.0),
    ] {
        let tau: f64 = 3.0 * f64::exp(2.0 * b / ha);
        let axes = format!("sweep={sweep} ha={ha} batch={b} process=sgd");
        table.push(measured(
            "exit.exit_time",
            &axes,
            &format!("tau3={tau} h_max={ha}"),
            tau * 1.01,
            0.001 * tau,
        ));
    }
    let question = Question {
        over: vec![tree("sweep == 'H'")],
        predicts: Some((tree("slope(log(tau3), 1/ha)"), Tolerance::Relative(0.1))),
        ..ask("slope(log(exit_time[sgd]), 1/ha)")
    };
    let decided = decided(&question, &table);
    let ruling = &decided.rulings[0];
    assert!(
        near(ruling.paper.unwrap(), 2.0, 1e-12) && ruling.verdict == Confirmed,
        "{ruling:?}"
    );
    assert_eq!(decided.readings.len(), 1);
    let reading = &decided.readings[0];
    assert_eq!(reading.quantity, "mine.claim");
    assert_eq!(reading.axes.get("batch"), Some(&Value::Number(1.0)));
    assert_eq!(reading.axes.get("ha"), None);
    // Where the theory does not hold a cell drops out and is counted; two are enough for a slope, one is not.
    let narrow = |most: f64| Question {
        holds: vec![tree(&format!("h_max <= {most}"))],
        ..question.clone()
    };
    let (verdict, _, _, why) = one(&narrow(1.0), &table);
    assert_eq!(verdict, Confirmed, "{why}");
    assert!(
        why.contains("fails at 1 of 3 cells") && why.contains("two points"),
        "{why}"
    );
    let (verdict, _, _, why) = one(&narrow(0.5), &table);
    assert_eq!(verdict, OutOfScope, "{why}");
    let (verdict, ..) = one(&narrow(0.1), &table);
    assert_eq!(verdict, OutOfScope);
}

#[test]
fn forms_are_compared_by_the_one_rule() {
    // log rate = −5.5 log(loss ratio) or 2 − barrier/loss, with 0.01 of error.
    let table = |law: &dyn Fn(f64) -> f64| -> Vec<Reading> {
        [0.02f64, 0.05, 0.1, 0.2, 0.4]
            .iter()
            .map(|c| {
                let known = format!("loss_saddle={} loss_min={c} barrier=0.25", c + 0.25);
                let rate = law(*c).exp();
                measured(
                    "exit.rate",
                    &format!("c={c} process=sgd"),
                    &known,
                    rate,
                    0.01 * rate,
                )
            })
            .collect()
    };
    let power = |c: f64| -5.5 * ((c + 0.25) / c).ln();
    let arrhenius = |c: f64| 2.0 - 0.5 * 0.25 / c;
    let mut question = ask("log(rate)");
    question.forms = Some(Forms {
        named: vec![
            ("power".into(), tree("a - p*log(loss_saddle/loss_min)")),
            ("arrhenius".into(), tree("a - p*barrier/loss_min")),
        ],
        free: vec!["a".into(), "p".into()],
        claimed: vec!["power".into()],
        margin: 10.0,
    });
    let (verdict, _, _, why) = one(&question, &table(&power));
    assert_eq!(verdict, Confirmed, "{why}");
    assert!(why.contains("p = 5.5 in"), "{why}");
    let readings = decided(&question, &table(&power)).readings;
    let exponent = readings
        .iter()
        .find(|r| r.quantity == "mine.claim.p")
        .unwrap();
    assert!(near(
        exponent.measured.as_ref().unwrap().value.unwrap(),
        5.5,
        1e-6
    ));
    assert_eq!(one(&question, &table(&arrhenius)).0, Refuted);
    // One of a set is enough; a form alone has no rival.
    question
        .forms
        .as_mut()
        .unwrap()
        .claimed
        .push("arrhenius".into());
    assert_eq!(one(&question, &table(&arrhenius)).0, Inconclusive);
}

#[test]
fn a_prediction_that_is_measured_brings_its_errors() {
    let table = [
        measured("m", "process=a", "", 1.0, 0.03),
        measured("m", "process=b", "", 1.0, 0.04),
    ];
    let (_, value, (low, high), why) = one(&predicting("m[a]", "m[b]", 0.1), &table);
    assert!(value == 1.0 && near(low, 1.0 - 0.03 * Z, 1e-9) && near(high, 1.0 + 0.03 * Z, 1e-9));
    // 0.05 · 3.29 = 0.165 > 0.1, although 0.03 · 3.29 < 0.1.
    assert!(why.contains("straddles"), "{why}");
    let known = exactly(
        measured("m", "process=a time=1", "", 1.0, 0.01),
        1.001,
        1e-3,
    );
    let (verdict, ..) = one(&predicting("m[a, time=1]", "m.exact", 0.04), &[known]);
    assert_eq!(verdict, Confirmed);
    // What was not measured is named, and so is what was to be known exactly, and is not.
    let lost = [blank("m", "process=a", "")];
    for (quantity, wanted) in [
        ("m", "m of process=a is not measured"),
        ("m.exact", "is not known exactly"),
    ] {
        let decided = crate::question::decide(&at_most(quantity, "1"), &lost);
        let ruling = &decided.rulings[0];
        assert!(
            ruling.verdict == Inconclusive && ruling.why.contains(wanted),
            "{}",
            ruling.why
        );
    }
}

#[test]
fn facts_agree_to_rounding() {
    let third = 1.0 / 3.0;
    let table = [
        measured("m", "process=a", &format!("h={third}"), 1.0, 0.1),
        measured(
            "m",
            "process=b",
            &format!("h={}", third * (1.0 + 4e-16)),
            1.0,
            0.1,
        ),
    ];
    let (_, value, ..) = one(&at_most("h*(m[a] + m[b])", "1"), &table);
    assert!(near(value, 2.0 / 3.0, 1e-12), "{value}");
}

#[test]
fn roles_are_kept_apart() {
    let question = Question {
        role: Role::Control,
        instead: "Elsewhere.".into(),
        ..at_most("m", "1")
    };
    let table = [measured("m", "process=a", "", 2.0, 0.1)];
    let rulings = decided(&question, &table).rulings;
    assert_eq!(rulings[0].role, Role::Control);
    assert!(rulings[0].why.ends_with(". Elsewhere."));
    assert_eq!(
        crate::overall::overall(&rulings).verdict,
        Verdict::NotDecidedHere
    );
}

/// Exact values whose errors are as small as rounding have the interval of exact values: what they lie off a line is Student's.
#[test]
fn exact_values_with_small_errors_are_exact_values() {
    let width = |error: f64| {
        let all: Vec<Reading> = [0.0, 1.0, 1.0, 2.0]
            .iter()
            .enumerate()
            .map(|(x, y)| exactly(blank("m", &format!("x={x}"), ""), *y, error))
            .collect();
        let question = Question {
            confidence: 0.99,
            ..predicting("slope(m.exact, x)", "0.6", 0.1)
        };
        let (_, _, (low, high), _) = one(&question, &all);
        high - low
    };
    assert!(
        near(width(1e-12), width(0.0), 1e-9),
        "{} {}",
        width(1e-12),
        width(0.0)
    );
}

/// A curve against the slope of the same curve: what both lie off a line is no difference between them. Without the curve's own slope
/// the same readings are as far off as they are from a line.
#[test]
fn what_prediction_and_measurement_lie_off_a_line_alike() {
    let curve = |k: f64| (1.0 - 0.1 * k).powi(3);
    let table: Vec<Reading> = (1..=6)
        .map(|k| measured("m", &format!("k={k}"), "", curve(f64::from(k)), 1e-4))
        .collect();
    let ask = |predicted: &str| one(&predicting("slope(m, k)", predicted, 0.001), &table);
    let (verdict, _, _, why) = ask("slope((1 - 0.1*k)^3, k)");
    assert_eq!(verdict, Confirmed, "{why}");
    let (verdict, _, (low, high), why) = ask("-0.1318");
    assert_eq!(verdict, Inconclusive, "{why}");
    assert!(high - low > 0.05, "{low} {high}");
    let exact: Vec<Reading> = (1..=6)
        .map(|k| exactly(blank("m", &format!("k={k}"), ""), curve(f64::from(k)), 0.0))
        .collect();
    let question = predicting("slope(m.exact, k)", "slope((1 - 0.1*k)^3, k)", 1e-6);
    assert_eq!(one(&question, &exact).0, Confirmed);
}

/// A formula without a value says nothing of a claim.
#[test]
fn what_is_infinite_is_no_measurement() {
    let table = [measured("m", "k=1", "", 0.5, 0.01)];
    for quantity in ["m/0", "-m/0", "log(-abs(m))"] {
        let (verdict, ..) = one(&predicting(quantity, "1", 1.0), &table);
        assert_eq!(verdict, Inconclusive, "{quantity}");
    }
}

#[test]
fn conditions_compare_and_bounds_leave_room() {
    let table = [measured("m", "k=1", "", 0.5, 0.01)];
    let refused = |question: &Question| check(question, &table).unwrap_err().what;
    let with = |over: &str| Question {
        over: vec![tree(over)],
        ..predicting("m", "1", 1.0)
    };
    assert!(check(&with("k < 2"), &table).is_ok());
    assert!(refused(&with("k")).contains("expected a comparison"));
    let holds = Question {
        holds: vec![tree("k*1")],
        ..predicting("m", "1", 1.0)
    };
    assert!(refused(&holds).contains("expected a comparison"));
    let both = Question {
        at_most: Some(tree("1")),
        at_least: Some(tree("2")),
        ..ask("m")
    };
    assert!(refused(&both).contains("at least 2 and at most 1"));
}

/// 1 ± 3.2905·0.01 holds 1.02 and not 2; a rival without a number is named, and none is on the record.
#[test]
fn rivals_stand_beside_the_prediction() {
    let table = [measured("m", "process=sgd", "k=0", 1.0, 0.01)];
    let question = Question {
        rivals: ["2", "1.02", "1/k"].map(tree).into(),
        ..predicting("m", "1", 0.1)
    };
    let ruling = crate::question::decide(&question, &table).rulings.remove(0);
    let found: Vec<_> = ruling
        .rivals
        .iter()
        .map(|r| (r.value, r.excluded))
        .collect();
    assert_eq!(found, [(2.0, true), (1.02, false)]);
    for words in [
        "the rival 2 lies outside the interval",
        "the rival 1.02 lies within the interval",
        "the rival 1/k is no number here",
    ] {
        assert!(ruling.why.contains(words), "{}", ruling.why);
    }
}
