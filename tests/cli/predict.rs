//! `predict`: the JSON form that scripts rely on, and the refusals.

use std::path::Path;

use predicates::prelude::*;

use super::{has, json, kramers};

#[test]
fn the_json_form_has_quantity_inputs_paper_and_exact() {
    for (arguments, names) in [
        (
            &["mfpt", "landscape=double-well", "temperature=0.05"][..],
            &["mean", "second_moment"][..],
        ),
        (
            &[
                "exit-steps",
                "landscape=styblinski-tang",
                "eta=0.005",
                "noise_variance=2500",
            ],
            &["mean"],
        ),
    ] {
        let all = [&["predict"][..], arguments, &["--json"]].concat();
        let answer = json(Path::new("."), &all);
        has(&answer, &["quantity", "inputs", "paper", "exact"]);
        assert_eq!(answer["quantity"], arguments[0]);
        for assignment in &arguments[1..] {
            let (key, value) = assignment.split_once('=').unwrap();
            let resolved = &answer["inputs"][key];
            match value.parse::<f64>() {
                Ok(number) => assert_eq!(*resolved, number, "{key}"),
                Err(_) => assert_eq!(*resolved, value, "{key}"),
            }
        }
        let exact = &answer["exact"];
        has(exact, &["value", "values", "source"]);
        has(&exact["values"], names);
        assert_eq!(exact["value"], exact["values"]["mean"]);
        assert!(exact["value"].as_f64().unwrap() > 1.0);
    }
}

/// T from the minimum to the saddle of the quartic well at temperature 0.05 is 361.9037595 (two
/// quadratures, composite and adaptive, agree in every digit shown).
#[test]
fn a_known_first_passage_time() {
    let arguments = [
        "predict",
        "mfpt",
        "temperature=0.05",
        "start=-1",
        "exit=0",
        "--json",
    ];
    let mean = json(Path::new("."), &arguments)["exact"]["value"].as_f64();
    assert!((mean.unwrap() - 361.903_759_5).abs() < 1e-6);
}

#[test]
fn the_escape_time_of_a_paper_is_a_paper_value() {
    let answer = json(Path::new("."), &["predict", "escape", "--json"]);
    has(&answer["paper"], &["value", "values", "source"]);
    assert!(answer["paper"]["value"].as_f64().unwrap() > 0.0);
}

#[test]
fn text_and_overview_and_help() {
    let here = Path::new(".");
    let plain = kramers(here).args(["predict", "mfpt"]).assert().success();
    let text = String::from_utf8_lossy(&plain.get_output().stdout).into_owned();
    assert!(text.contains("361.90"), "{text}");
    let overview = predicate::str::contains("mfpt").and(predicate::str::contains("exit-steps"));
    kramers(here)
        .arg("predict")
        .assert()
        .success()
        .stdout(overview);
    kramers(here)
        .args(["predict", "mfpt", "help"])
        .assert()
        .success()
        .stdout(predicate::str::contains("temperature"));
}

#[test]
fn a_wrong_quantity_key_or_value_is_refused_in_one_line() {
    for (arguments, wanted) in [
        (&["mftp"][..], "did you mean `mfpt`?"),
        (&["mfpt", "temprature=1"], "`temperature`"),
        (&["mfpt", "temperature=hot"], "temperature"),
        (&["mfpt", "temperature=-1"], "temperature"),
        (&["mfpt", "temperature=nan"], "temperature"),
        (&["mfpt", "temperature"], "temperature"),
        (&["mfpt", "landscape=duble-well"], "double-well"),
        (&["exit-steps", "eta=0"], "eta"),
        (&["exit-steps", "dim=0"], "dim"),
        (&["mfpt", "start=1", "exit=0"], "start"),
    ] {
        let assert = kramers(Path::new("."))
            .arg("predict")
            .args(arguments)
            .assert();
        let assert = assert.code(2).stdout("");
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(wanted), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}
