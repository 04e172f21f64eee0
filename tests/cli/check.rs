//! `check` and `schema`: what is said without running anything.

use super::program::SMALL;
use super::{has, json, kramers};

#[test]
fn a_file_is_resolved_and_nothing_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let text = SMALL.replace("eta = 0.003", "eta = [0.002, 0.003]");
    std::fs::write(
        folder.path().join("small.toml"),
        text.replace("20_000.0", "[2e4, 3e4]"),
    )
    .unwrap();
    kramers(folder.path())
        .args(["check", "small.toml"])
        .assert()
        .code(2);
    std::fs::write(
        folder.path().join("small.toml"),
        SMALL.replace("20_000.0", "[2e4, 3e4]"),
    )
    .unwrap();
    let arguments = [
        "check",
        "small.toml",
        "--scale",
        "smoke",
        "--set",
        "ensemble.max_steps=500",
    ];
    let arguments = [&arguments[..], &["--json", "--threads", "1"]].concat();
    let document = json(folder.path(), &arguments);
    has(
        &document,
        &[
            "name",
            "protocol",
            "cells",
            "settings",
            "particle_steps",
            "seconds",
        ],
    );
    let cells = document["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 2);
    for (cell, variance) in cells.iter().zip([2e4, 3e4]) {
        assert_eq!(cell["axes"], serde_json::json!({ "variance": variance }));
        assert_eq!(
            (&cell["particles"], &cell["steps"]),
            (&32.into(), &500.into())
        );
        assert_eq!(cell["at_most"], true);
    }
    assert_eq!(document["particle_steps"], 32_000.0);
    assert!(document["seconds"].as_f64().unwrap() > 0.0);
    let from = |key: &str| {
        let settings = document["settings"].as_array().unwrap();
        let found = settings.iter().find(|setting| setting["key"] == key);
        let found = found.unwrap_or_else(|| panic!("{key} in {settings:?}"));
        found["from"].as_str().unwrap().to_string()
    };
    assert_eq!(from("noise.variance"), "small.toml:10:12");
    assert!(from("ensemble.particles").starts_with("[scale.smoke] small.toml:"));
    assert_eq!(from("ensemble.max_steps"), "--set ensemble.max_steps=500");
    assert_eq!(from("optimizer.0.label"), "default");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is written");
}

/// As wide as a terminal that is none, and no wider.
#[test]
fn what_is_printed_is_as_wide_as_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), SMALL).unwrap();
    let printed = |arguments: &[&str]| {
        let output = kramers(folder.path()).args(arguments).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let run = printed(&["run", "small.toml", "--scale", "smoke", "--out", "out"]);
    let (table, rest) = run.split_once("\n\n").unwrap();
    assert!(table.starts_with("escape rate Γ (per step)\n"), "{run}");
    assert!(
        table.contains("mean exit step\n") && table.contains("ratio"),
        "{run}"
    );
    assert!(
        rest.contains("self-checks"),
        "what is decided comes after it: {run}"
    );
    let check = printed(&["check", "small.toml"]);
    let cells = check.split("where each").next().unwrap();
    assert!(
        cells.contains("particles") && cells.contains("≤ 10000"),
        "{check}"
    );
    for line in table.lines().chain(check.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_schema_is_printed() {
    let here = std::path::Path::new(".");
    let document = json(here, &["schema", "--json"]);
    let tables = document["tables"].as_array().unwrap();
    let estimates = &tables[0];
    assert_eq!(estimates["name"], "estimates");
    for column in estimates["columns"].as_array().unwrap() {
        has(column, &["name", "unit", "meaning"]);
    }
    let text = kramers(here).args(["schema"]).assert().success();
    let text = String::from_utf8(text.get_output().stdout.clone()).unwrap();
    for word in [
        "exact_error",
        "samples of escape, friction",
        "sharpness",
        "beta1",
    ] {
        assert!(text.contains(word), "{word}");
    }
}
