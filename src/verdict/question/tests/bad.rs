//! Claims that no numbers could decide.

use super::*;
use crate::question::{Forms, check};

fn table() -> Vec<Reading> {
    let mut table = Vec::new();
    for eta in ["0.1", "0.2", "0.4"] {
        for process in ["sgd", "adam"] {
            for time in ["1", "2"] {
                let axes = format!("eta={eta} process={process} time={time}");
                let known = format!(
                    "h=1 beta={} tau={eta}",
                    if process == "sgd" { 0 } else { 1 }
                );
                table.push(blank("m", &axes, &known));
            }
            let axes = format!("eta={eta} process={process}");
            for quantity in ["exit.rate", "exit.exit_time", "late.rate"] {
                table.push(blank(quantity, &axes, "h=1"));
            }
            let single = blank("single", &format!("{axes} k=1"), "h=1");
            table.push(exactly(single, f64::NAN, f64::NAN));
        }
    }
    table
}

fn refused(question: &Question, at: usize, what: &str) {
    let mistake = check(question, &table()).expect_err(what);
    assert!(mistake.what.contains(what), "{mistake}");
    assert_eq!(mistake.at, at, "{mistake}");
    // What cannot be checked is not decided either, and says the same.
    let decided = super::super::decide(question, &table());
    assert!(
        decided
            .rulings
            .iter()
            .all(|r| r.verdict == Verdict::Inconclusive || r.verdict == Verdict::OutOfScope)
    );
}

#[test]
fn names_are_refused_at_their_character() {
    for (quantity, at, what) in [
        ("mm", 0, "unknown name `mm`; did you mean `m`?"),
        ("1 + m*etta", 6, "unknown name `etta`; did you mean `eta`?"),
        ("mm[sgd]", 0, "there is no reading `mm`"),
        ("m.exacct", 0, "unknown name `m.exacct`"),
        (
            "exit.rat",
            0,
            "`exit` has no reading `rat`; there are exit.rate, exit.exit_time",
        ),
        (
            "exit",
            0,
            "`exit` has several readings; say which of exit.rate, exit.exit_time",
        ),
        (
            "log(rate)",
            4,
            "`rate` may be exit.rate or late.rate; say which",
        ),
        ("m[sdg]", 2, "m has no process `sdg`; there are sgd, adam"),
        (
            "m[sgd, tme=1]",
            7,
            "m has no axis `tme`; did you mean `time`?",
        ),
        ("m[sgd, time=3]", 7, "m has no time `3`; there are 1, 2"),
        (
            "max(m, tme)",
            7,
            "no axis `tme` is left to reduce; did you mean `time`?",
        ),
        (
            "max(m[time=1], time)",
            15,
            "no axis `time` is left to reduce",
        ),
        ("max(exit.rate, time) + mean(m)", 15, "no axis `time`"),
        ("slope(m)", 0, "slope takes"),
        ("argmin(m, 2)", 10, "the name of an axis"),
        ("slope(m[time=1], h)", 0, "a slope needs two points"),
        ("slope(single, k)", 0, "a slope needs two points"),
        (
            "argmin(m, eta)",
            0,
            "argmin fits a cubic, which needs four points at least, and there are 3",
        ),
        ("m[sgd]*beta - m[adam]", 7, "disagree on `beta`: 0 and 1"),
        ("frob(m)", 0, "no function"),
        ("eta + 1", 0, "names no reading"),
        ("m + process", 4, "the word 'sgd', not a number"),
        ("m + 'a'", 4, "is a word"),
        ("(m + 1)[sgd]", 3, "only the name of a reading"),
    ] {
        refused(&at_most(quantity, "1"), at, what);
    }
}

#[test]
fn conditions_and_targets_are_refused_too() {
    let base = || at_most("max(m, time)", "1");
    for (over, at, what) in [
        ("etta > 1", 0, "unknown name `etta`; did you mean `eta`?"),
        ("eta > 1", 0, "no cell is left"),
        (
            "m > 1",
            0,
            "is a reading; conditions on readings stand in `holds`",
        ),
        ("eta > 'a'", 4, "a word with a number"),
        ("process > 'a'", 8, "equal or not"),
    ] {
        refused(
            &Question {
                over: vec![tree(over)],
                ..base()
            },
            at,
            what,
        );
    }
    for (holds, at, what) in [
        ("eta*hh < 1", 4, "unknown name `hh`"),
        ("mm.exact < 1", 0, "there is no reading `mm`"),
        ("abs(m[x] - 1) < 1", 6, "m has no process `x`"),
    ] {
        refused(
            &Question {
                holds: vec![tree(holds)],
                ..base()
            },
            at,
            what,
        );
    }
    for (limit, at, what) in [
        ("2*time", 0, "varies along `time`"),
        ("m", 0, "varies along `time`"),
        ("log(0 - eta)", 0, "comes to NaN"),
        ("tauu", 0, "did you mean `tau`?"),
        ("slope(log(tau), log(time))", 0, "varies along `eta`, which"),
    ] {
        let question = if limit.starts_with("slope") {
            at_most("max(m)", limit)
        } else {
            at_most("max(m, time)", limit)
        };
        refused(&question, at, what);
    }
    let relative = Question {
        predicts: Some((tree("0"), Tolerance::Relative(0.05))),
        ..ask("m")
    };
    refused(&relative, 0, "a relative tolerance of 0");
    refused(&ask("m"), 0, "claims nothing");
    refused(&at_most("2*m.exact", "1"), 2, "is not known exactly");
}

#[test]
fn a_rival_that_says_the_same_is_refused() {
    let rival = |predicted: &str, rival: &str| Question {
        rivals: vec![tree("7"), tree(rival)],
        ..predicting("m", predicted, 0.1)
    };
    for (predicted, other) in [
        ("2", "1 + 1"),
        ("2*tau", "tau + tau"),
        ("single.exact", "single.exact"),
    ] {
        refused(
            &rival(predicted, other),
            0,
            "the rival is what is predicted",
        );
    }
    // They agree at one cell of three, and differ at the others.
    assert_eq!(check(&rival("eta", "10*eta^2"), &table()), Ok(()));
}

#[test]
fn what_can_be_decided_is_not_refused() {
    for quantity in [
        "m",
        "max(m)",
        "max(m, time, process)",
        "max(m, 0)",
        "mean(min(m, process), time)",
        "slope(log(m), log(eta))",
        "slope(log(m[adam]), tau)",
        "slope(exit.rate, h*eta) - slope(late.rate, eta)",
        "max(single, k)",
        "where(eta > 0.15, m, exit.rate)",
        "m[process=sgd, time=1]*beta",
        "single.exact + m",
    ] {
        if let Err(mistake) = check(&at_most(quantity, "1"), &table()) {
            panic!("{mistake}");
        }
    }
    let question = predicting("slope(log(m), log(eta))", "slope(log(tau), log(eta))", 0.1);
    assert_eq!(check(&question, &table()), Ok(()));
}

#[test]
fn forms_that_cannot_be_told_apart_are_refused() {
    let forms = |named: &[(&str, &str)], free: &[&str]| Question {
        forms: Some(Forms {
            named: named
                .iter()
                .map(|(name, text)| (name.to_string(), tree(text)))
                .collect(),
            free: free.iter().map(|name| name.to_string()).collect(),
            claimed: vec![named[0].0.into()],
            margin: 10.0,
        }),
        ..ask("m[sgd, time=1]")
    };
    let line = ("line", "a + b*eta");
    assert_eq!(
        check(
            &forms(
                &[line, ("log", "a + b*log(eta)"), ("flat", "a")],
                &["a", "b"]
            ),
            &table()
        ),
        Ok(())
    );
    for (other, free, at, what) in [
        (
            "a + b*h",
            &["a", "b"][..],
            0,
            "does not vary over its cells",
        ),
        (
            "a + b*eta + c*eta^2",
            &["a", "b", "c"],
            0,
            "3 cells cannot tell a form of 3 free parameters",
        ),
        ("a*eta^b", &["a", "b"], 0, "is not linear in a, b"),
        ("eta", &["a", "b"], 0, "has no free parameter"),
        ("a + b*m", &["a", "b"], 6, "not of readings"),
        ("a + d*eta", &["a", "b"], 4, "unknown name `d`"),
    ] {
        refused(&forms(&[line, ("other", other)], free), at, what);
    }
}
