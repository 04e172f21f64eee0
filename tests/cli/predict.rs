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

/// Every example of the linear quantities, with the names and the values that scripts rely on: from
/// closed forms, or references to the digits given.
#[test]
fn quadratics_saddles_and_limits() {
    for (line, side, name, expected, relative) in [
        (
            "stationary optimizer=pnm eta=0.1 h=1 noise_variance=1 beta1=0.9 beta0=1",
            "exact",
            "var_theta",
            0.0214767303916552,
            1e-12,
        ),
        (
            "stationary optimizer=pnm eta=0.1 h=1 noise_variance=1 beta1=0.9 beta0=1",
            "paper",
            "var_theta",
            0.25,
            1e-13,
        ),
        (
            "stationary optimizer=sgd eta=0.1",
            "exact",
            "var_m",
            1.0 + 0.1 / 1.9,
            1e-13,
        ),
        (
            "noise optimizer=pnm beta1=0.9 beta0=1",
            "exact",
            "per_step",
            0.95 / 1.81,
            1e-13,
        ),
        (
            "noise optimizer=pnm beta1=0.9 beta0=1",
            "exact",
            "zero_frequency",
            1.0,
            1e-13,
        ),
        (
            "noise optimizer=pnm beta1=0.9 beta0=1",
            "paper",
            "per_step",
            5.0,
            1e-13,
        ),
        (
            "stability optimizer=pnm h=1 beta1=0.9 beta0=1",
            "exact",
            "eta_max",
            1.4907119849998598,
            1e-14,
        ),
        (
            "saddle optimizer=heavy-ball eta=0.1 h=-0.1 noise_variance=0.1 beta1=0.9 beta3=0.1 steps=100 \
             momentum=zero",
            "exact",
            "msd",
            0.2001741801,
            5e-10,
        ),
        (
            "weak alpha=0.5 c=0.5 eta=0.00390625 h=1 x0=1.5 horizon=2",
            "exact",
            "sup_mean",
            7.1079667147e-2,
            1e-10,
        ),
        (
            "weak alpha=0.5 c=0.5 eta=0.00390625 h=1 x0=1.5 horizon=2",
            "exact",
            "sup_second",
            1.6811628995e-1,
            1e-10,
        ),
        (
            "weak alpha=0.5 c=0.5 eta=0.00390625 h=1 x0=1.5 horizon=2",
            "exact",
            "sup_strong",
            2.4679792880e-1,
            1e-10,
        ),
        (
            "pac-bayes eta=0.1 batch=4 lambda=2 dim=10 samples=1000 delta=0.05 theta_norm2=4.07 beta0=1",
            "paper",
            "kl",
            // The value at |θ*|² = 4.0740740740740735, less λ/2 of the difference.
            10.096281782473252 - 0.0040740740740735,
            1e-13,
        ),
        (
            "pac-bayes eta=0.1 batch=4 lambda=2 dim=10 samples=1000 delta=0.05 theta_norm2=4.07 beta0=1",
            "paper",
            "gamma_star",
            40.0,
            1e-14,
        ),
    ] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let all = [&["predict"][..], &arguments, &["--json"]].concat();
        let answer = json(Path::new("."), &all);
        has(&answer, &["quantity", "inputs", "paper", "exact"]);
        has(&answer[side], &["value", "values", "source"]);
        let value = answer[side]["values"][name].as_f64().unwrap();
        assert!(
            (value / expected - 1.0).abs() < relative,
            "{line}: {name} = {value}"
        );
        for assignment in &arguments[1..] {
            let (key, text) = assignment.split_once('=').unwrap();
            match text.parse::<f64>() {
                Ok(number) => assert_eq!(answer["inputs"][key], number, "{key}"),
                Err(_) => assert_eq!(answer["inputs"][key], text, "{key}"),
            }
        }
    }
}

#[test]
fn matrices_in_and_rows_out() {
    let arguments = [
        "predict",
        "stationary",
        "optimizer=sgdm",
        "eta=0.1",
        "hessian=[[2,0.5],[0.5,1]]",
        "noise_covariance=[[1,-0.3],[-0.3,0.5]]",
        "beta1=0.9",
    ];
    let answer = json(Path::new("."), &[&arguments[..], &["--json"]].concat());
    assert_eq!(
        answer["inputs"]["hessian"],
        serde_json::json!([[2.0, 0.5], [0.5, 1.0]])
    );
    let entry = |side: &str| answer[side]["value"][1][0].as_f64().unwrap();
    // The diffusion's −0.2095238095 η, and the algorithm's.
    assert!((entry("paper") + 0.02095238095).abs() < 1e-11);
    assert!((entry("exact") + 0.01877184616839221).abs() < 1e-14);
    assert_eq!(
        answer["exact"]["values"]["var_theta"],
        answer["exact"]["value"]
    );
    let table = kramers(Path::new(".")).args(arguments).assert().success();
    let text = String::from_utf8_lossy(&table.get_output().stdout).into_owned();
    assert!(text.contains("0.0281502840876  −0.0187718461684"), "{text}");
    assert!(
        text.contains("eq. 17") && text.contains("Lyapunov"),
        "{text}"
    );
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

/// λ₁/2 at T = 0.05, γ = 1 is 8.926750988e-4 (two discretisations of Klein–Kramers agree in every digit
/// shown), and the variance is that of Gibbs' law.
#[test]
fn rates_and_densities_from_the_solvers() {
    let here = Path::new(".");
    let line = "predict escape-rate landscape=double-well temperature=0.05 damping=1 --json";
    let answer = json(here, &line.split(' ').collect::<Vec<&str>>());
    has(&answer, &["quantity", "inputs", "paper", "exact"]);
    has(&answer["exact"]["values"], &["eigenvalue", "hop_rate"]);
    has(
        &answer["paper"]["values"],
        &["rate", "kramers", "melnikov_meshkov"],
    );
    let rate = answer["exact"]["values"]["hop_rate"].as_f64().unwrap();
    assert!((rate / 8.926_750_988e-4 - 1.0).abs() < 1e-9, "{rate}");

    let answer = json(here, &["predict", "stationary-density", "--json"]);
    let values = &answer["exact"]["values"];
    // ∫x² e^{−(x² − 1)²/4T} dx/∫e^{−(x² − 1)²/4T} dx at T = 0.05, with 15 digits.
    let (variance, exact) = (values["variance"].as_f64().unwrap(), 0.936_833_940_411_834);
    let error = values["relative_error"].as_f64().unwrap();
    assert!(error < 1e-12 && (variance / exact - 1.0).abs() < error.max(1e-14));
    assert!(answer["exact"]["values"]["density"][0].is_array());
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
    let overview = predicate::str::contains("mfpt").and(predicate::str::contains("pac-bayes"));
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
        (&["escape-rate", "dampin=1"], "`damping`"),
        (&["stationary-density", "landscape=valley"], "confine"),
        (&["mfpt", "start=1", "exit=0"], "start"),
        (&["stationery"], "did you mean `stationary`?"),
        (
            &["stationary", "optimizer=pnm", "eta=1.5"],
            "diverges for eta ≥ 1.490712",
        ),
        (&["stationary", "h=0"], "h = 0: must be positive"),
        (
            &["stationary", "hessian=[[1,2],[3,4]]"],
            "must be symmetric",
        ),
        (&["stationary", "hessian=[[1,2]"], "rows of numbers"),
        (&["noise", "beta1=1"], "below 1"),
        (&["stability", "hessian=[[-1]]"], "eigenvalue -1"),
        (&["saddle", "h=1"], "h = 1: must be below 0"),
        (&["saddle", "steps=0"], "steps = 0: must be a whole number"),
        (&["weak", "alpha=1.1"], "alpha = 1.1: must be from 0 to 1"),
        (&["pac-bayes", "delta=2"], "delta = 2"),
        (&["pac-bayes", "lamda=2"], "did you mean `lambda`?"),
    ] {
        let assert = kramers(Path::new("."))
            .arg("predict")
            .args(arguments)
            .assert();
        let assert = assert.code(2).stdout(predicates::str::is_empty());
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(wanted), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}
