//! Whatever a person writes, and whatever the numbers are, there is a sentence and no panic.

use super::*;
use crate::question::{Forms, check, decide};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

/// Formulas of names that there are and that there are not.
fn formulas() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "1",
        "0",
        "-2.5",
        "1e300",
        "'sgd'",
        "pi",
        "eta",
        "time",
        "process",
        "h",
        "beta",
        "tau",
        "m",
        "m[sgd]",
        "m[adam, time=1]",
        "m.exact",
        "rate",
        "exit.rate",
        "exit",
        "late",
        "single",
        "mm",
        "m[x]",
        "x.y",
    ]);
    leaf.prop_map(String::from)
        .prop_recursive(4, 24, 4, |part| {
            let calls = proptest::sample::select(vec![
                "log", "exp", "sqrt", "abs", "mean", "max", "min", "slope", "argmin", "where",
                "pow", "frob",
            ]);
            let signs =
                proptest::sample::select(vec!["+", "-", "*", "/", "^", "<=", ">", "==", "!="]);
            prop_oneof![
                (calls, proptest::collection::vec(part.clone(), 1..4))
                    .prop_map(|(name, parts)| format!("{name}({})", parts.join(", "))),
                (part.clone(), signs, part.clone())
                    .prop_map(|(a, sign, b)| format!("({a}){sign}({b})")),
                part.prop_map(|a| format!("-({a})")),
            ]
        })
}

fn table(values: &[f64]) -> Vec<Reading> {
    let mut next = values.iter().copied().cycle();
    let mut next = || next.next().unwrap_or(1.0);
    let mut table = Vec::new();
    for process in ["sgd", "adam"] {
        for eta in ["0.1", "0.2", "0.4", "0.8"] {
            for time in ["1", "2"] {
                let axes = format!("eta={eta} process={process} time={time}");
                let reading = measured(
                    "m",
                    &axes,
                    &format!("h=1 beta={process} tau={eta}"),
                    next(),
                    next().abs(),
                );
                table.push(exactly(reading, next(), next()));
            }
            let axes = format!("eta={eta} process={process}");
            table.push(measured("exit.rate", &axes, "h=1", next(), next()));
            table.push(Reading {
                measured: Some(Estimate {
                    value: None,
                    ..Estimate::without_interval(next(), 0, "by hand")
                }),
                ..blank("single", &axes, "")
            });
        }
    }
    table.push(blank("late.rate", "", ""));
    table
}

fn sound(question: &Question, table: &[Reading]) -> Result<(), TestCaseError> {
    let checked = check(question, table);
    let decided = decide(question, table);
    prop_assert!(!decided.rulings.is_empty());
    for ruling in &decided.rulings {
        prop_assert!(!ruling.why.is_empty());
        let settled = [Verdict::Confirmed, Verdict::Refuted].contains(&ruling.verdict);
        prop_assert!(!settled || ruling.measured.is_some());
    }
    if let Err(mistake) = checked {
        prop_assert!(mistake.at <= mistake.text.chars().count());
        let open = decided
            .rulings
            .iter()
            .all(|r| r.verdict != Verdict::Confirmed);
        prop_assert!(
            open || !mistake.what.starts_with("unknown name"),
            "{mistake}"
        );
    }
    Ok(())
}

#[test]
fn formulas_never_panic() {
    let numbers = prop_oneof![
        Just(0.0),
        Just(-1.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(1e-300),
        Just(1e300),
        0.1..10.0f64,
    ];
    let config = ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    };
    let all = (
        proptest::collection::vec(formulas(), 4),
        proptest::collection::vec(numbers, 1..30),
        any::<bool>(),
    );
    TestRunner::new(config)
        .run(&all, |(texts, values, forms)| {
            let trees: Vec<Tree> = texts
                .iter()
                .filter_map(|text| Tree::parse(text).ok())
                .collect();
            let [quantity, target, condition, over] = &trees[..] else {
                return Ok(());
            };
            let forms = forms.then(|| Forms {
                named: vec![
                    ("a".into(), target.clone()),
                    ("b".into(), tree("p + q*eta")),
                ],
                free: vec!["p".into(), "q".into()],
                claimed: vec!["a".into()],
                margin: 10.0,
            });
            let base = Question {
                at_most: forms.is_none().then(|| target.clone()),
                forms,
                confidence: 0.9,
                ..at_most(&quantity.text, "1")
            };
            let table = table(&values);
            sound(&base, &table)?;
            sound(
                &Question {
                    over: vec![over.clone()],
                    ..base.clone()
                },
                &table,
            )?;
            sound(
                &Question {
                    holds: vec![condition.clone()],
                    rivals: vec![over.clone()],
                    ..base
                },
                &table,
            )
        })
        .unwrap();
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    for terms in [2000, 150] {
        let text = vec!["m"; terms].join(" + ");
        let question = at_most(&text, "1");
        let mistake = check(&question, &table(&[1.0])).unwrap_err();
        assert!(
            mistake.what.contains("nested more than 100 deep"),
            "{mistake}"
        );
        assert_eq!(
            decide(&question, &table(&[1.0])).rulings[0].verdict,
            Verdict::Inconclusive
        );
    }
}
