//! The claims of studies 02, 03, 05, 08 and 09.

use super::*;
use crate::decide::Tolerance;
use Verdict::{Confirmed, Inconclusive, OutOfScope, Refuted};

/// Rates k^p for SGD and Adam at k = 1, 2, 4, 8, each with 2 % of error.
fn rates(sgd: f64, adam: f64) -> Vec<Reading> {
    let mut table = Vec::new();
    for (process, p) in [("sgd", sgd), ("adam", adam)] {
        for k in [1.0f64, 2.0, 4.0, 8.0] {
            let axes = format!("k={k} process={process}");
            let rate = 0.01 * k.powf(p);
            table.push(measured("exit.rate", &axes, "h=2", rate, 0.02 * rate));
            table.push(measured(
                "exit.exit_time",
                &axes,
                "h=2",
                1.0 / rate,
                0.02 / rate,
            ));
        }
    }
    table
}

#[test]
fn the_slope_of_a_rate_against_the_sharpness() {
    let table = rates(0.0, -0.2);
    let sgd = Question {
        rivals: vec![tree("-0.5")],
        ..predicting("slope(log(rate[sgd]), log(k))", "0.0", 0.05)
    };
    let (verdict, value, (low, high), why) = one(&sgd, &table);
    assert!(value.abs() < 1e-12, "{value}");
    // σ = 0.02/√Sxx with Sxx = (1.5² + 0.5²)·2·ln²2 = 5 ln²2: 0.0129; ± 3.29 σ is 0.0425, less than 0.05.
    let half = 3.2905 * 0.02 / (5.0f64.sqrt() * 2.0f64.ln());
    assert!(
        near(high, half, 0.02) && near(low, -half, 0.02),
        "{low} {high} {half}"
    );
    assert_eq!(verdict, Confirmed, "{why}");
    assert!(why.contains("the rival -0.5 lies outside"), "{why}");
    let adam = predicting("slope(log(rate[adam]), log(k))", "-0.5", 0.05);
    let (verdict, value, _, why) = one(&adam, &table);
    assert!(near(value, -0.2, 1e-9));
    assert_eq!(verdict, Refuted, "{why}");
    // Without brackets each process is a ruling, the furthest first.
    let both = predicting("slope(log(exit.rate), log(k))", "0", 0.05);
    let rulings = decided(&both, &table).rulings;
    assert_eq!(rulings.len(), 2);
    assert_eq!(
        (rulings[0].case.as_str(), rulings[0].verdict),
        ("process = adam", Refuted)
    );
    assert_eq!(
        (rulings[1].case.as_str(), rulings[1].verdict),
        ("process = sgd", Confirmed)
    );
    assert_eq!(crate::overall::overall(&rulings).verdict, Refuted);
}

#[test]
fn a_posterior_where_its_gate_holds() {
    // Var = η/(2h)·(1 + ηh/2): 2.5 % off at η = 0.05. The gate of hb fails everywhere and is not asked.
    let mut table = Vec::new();
    for process in ["sgd", "hb"] {
        for eta in [0.01f64, 0.05, 0.2] {
            let axes = format!("eta={eta} process={process}");
            let known = "h=1 noise_variance=1";
            let gate = if process == "hb" { 2.0 } else { 1.0 };
            table.push(measured("xu", &axes, known, gate, 0.001));
            table.push(measured("uu", &axes, known, 1.0, 0.001));
            let var = 0.5 * eta * (1.0 + 0.5 * eta);
            table.push(measured("var", &axes, known, var, 0.001 * var));
        }
    }
    let question = Question {
        predicts: Some((tree("eta*noise_variance/(2*h)"), Tolerance::Relative(0.05))),
        holds: vec![tree("eta*h <= 0.05"), tree("abs(xu/uu - 1) <= 0.02")],
        ..ask("var[sgd]")
    };
    let rulings = decided(&question, &table).rulings;
    let of = |eta: &str| {
        rulings
            .iter()
            .find(|r| r.case == format!("eta = {eta}"))
            .unwrap()
    };
    assert_eq!(rulings.len(), 3);
    assert_eq!(of("0.01").verdict, Confirmed, "{}", of("0.01").why);
    assert_eq!(of("0.05").verdict, Confirmed, "{}", of("0.05").why);
    assert_eq!(of("0.05").paper, Some(0.025));
    assert_eq!(of("0.2").verdict, OutOfScope);
    assert!(of("0.2").why.contains("eta*h <= 0.05"), "{}", of("0.2").why);
    // The gate on the edge leaves the claim open; one reading alone keeps its own interval.
    for reading in table.iter_mut().filter(|r| r.quantity == "xu") {
        reading.measured = Some(Estimate::normal(1.02, 0.001, 20_000, 0.999, "by hand"));
    }
    let rulings = decided(&question, &table).rulings;
    let at = rulings.iter().find(|r| r.case == "eta = 0.01").unwrap();
    assert_eq!(at.verdict, Inconclusive);
    assert!(
        at.why.contains("whether the theory applies is open"),
        "{}",
        at.why
    );
    let own = table.iter().find(|r| r.quantity == "var").unwrap();
    assert_eq!(at.measured, own.measured);
}

#[test]
fn laws_at_equal_times() {
    let mut table = Vec::new();
    for kappa in [1.0, 4.0, 16.0] {
        for time in [0.08, 0.2, 1.0] {
            let axes = format!("kappa={kappa} process=adam time={time}");
            let value = 0.001 * kappa * (1.0 + time);
            let law = Estimate {
                value: Some(value),
                ci_low: (value - 0.004).max(0.0),
                ci_high: value + 0.004,
                standard_error: None,
                confidence: 0.999,
                n: 40_000,
                method: "by hand".into(),
            };
            table.push(Reading {
                measured: Some(law),
                ..blank("law", &axes, "")
            });
        }
    }
    let question = Question {
        over: vec![tree("kappa > 1")],
        ..at_most("max(law, time)", "0.02")
    };
    let rulings = decided(&question, &table).rulings;
    // 0.032 ± 0.004 at κ = 16, at time 1; 0.008 ± 0.004 at κ = 4.
    let cases: Vec<_> = rulings
        .iter()
        .map(|r| (r.case.as_str(), r.verdict))
        .collect();
    assert_eq!(cases, [("kappa = 16", Refuted), ("kappa = 4", Confirmed)]);
    let value = rulings[1].measured.as_ref().unwrap();
    assert!(near(value.value.unwrap(), 0.008, 1e-12));
    // All three times may be the greatest, 0.00432 to 0.008 ± 0.004, so the errors are those of three at once:
    // z(0.001/3)/z(0.001) = 3.5881/3.2905.
    let grown = 0.004 * 3.5881 / 3.2905;
    assert!(near(value.ci_high - 0.008, grown, 0.01), "{value:?}");
}

#[test]
fn diffusion_along_a_valley() {
    let mut table = Vec::new();
    for process in ["sgd", "hb", "adam"] {
        for eta in [0.01f64, 0.02, 0.04] {
            for step in [1000.0, 10000.0] {
                let axes = format!("eta={eta} process={process} step={step}");
                let value = eta.powi(2);
                table.push(measured("msd", &axes, "", value, 0.007 * value));
            }
        }
    }
    let question = predicting("slope(log(msd[step=10000]), log(eta))", "2", 0.1);
    let rulings = decided(&question, &table).rulings;
    assert_eq!(rulings.len(), 3);
    assert!(
        rulings.iter().all(|r| r.verdict == Confirmed),
        "{rulings:?}"
    );
    // σ = 0.007/√(2 ln²2).
    let half = 3.2905 * 0.007 / (2.0f64.sqrt() * 2.0f64.ln());
    let found = rulings[0].measured.as_ref().unwrap();
    assert!(
        near(found.ci_high - found.value.unwrap(), half, 0.02),
        "{found:?} {half}"
    );
}

#[test]
fn occupation_against_one_reading_of_the_sde() {
    let mut table = vec![measured("p", "process=sgd", "eta=0.0125", 0.305, 0.0015)];
    for (reading, value) in [("ito", 0.315), ("stratonovich", 0.34), ("anti-ito", 0.41)] {
        let axes = format!("process=sde reading={reading}");
        table.push(exactly(blank("p", &axes, "eta=0.0125"), value, 1e-6));
    }
    let ito = predicting("p[sgd] - p[sde, reading=ito].exact", "0", 0.015);
    let (verdict, value, (low, high), why) = one(&ito, &table);
    assert!(near(value, -0.01, 1e-9));
    assert!(
        near(high - low, 2.0 * 3.2905 * 0.0015, 0.01),
        "{low} {high}"
    );
    assert_eq!(verdict, Confirmed, "{why}");
    let anti = predicting("p[sgd] - p[sde, reading=anti-ito].exact", "0", 0.015);
    assert_eq!(one(&anti, &table).0, Refuted);
    // The same as a prediction, which leaves the reading its own interval.
    let as_prediction = predicting("p[sgd]", "p[sde, reading=ito].exact", 0.015);
    let (verdict, _, (low, high), _) = one(&as_prediction, &table);
    assert_eq!(verdict, Confirmed);
    let own = table[0].measured.as_ref().unwrap();
    assert_eq!((low, high), (own.ci_low, own.ci_high));
}
