//! `run` and `reproduce`: the JSON document, the table, and what goes where.

use std::path::Path;

use predicates::prelude::*;
use tempfile::TempDir;

use super::program::SMALL;
use super::{has, json, kramers};

/// A folder with `small.toml`.
fn folder_with(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), text).unwrap();
    folder
}

/// [`SMALL`] with a claim decided on it, at two sharpnesses.
fn with_claim() -> String {
    SMALL.replace(
        "name = \"styblinski-tang\"",
        "name = \"styblinski-tang\"\nsharpness = [1.0, 2.0]",
    ) + r#"
[[claim]]
id = "adai.fig6"
case = "white noise"
kind = "white-noise"
tolerance = 0.1
"#
}

#[test]
fn the_document_has_the_keys_of_the_contract() {
    let folder = folder_with(&with_claim());
    let arguments = [
        "run",
        "small.toml",
        "--scale",
        "smoke",
        "--set",
        "ensemble.max_steps=20_000",
        "--set",
        "optimizer.sgd.eta=0.002",
        "--out",
        "out",
        "--seed",
        "5",
        "--json",
    ];
    let document = json(folder.path(), &arguments);
    let top = [
        "estimates",
        "claims",
        "self_checks",
        "seconds",
        "particle_steps",
        "seed",
        "out",
    ];
    has(&document, &top);
    assert_eq!(
        (&document["seed"], &document["out"]),
        (&5.into(), &"out".into())
    );
    assert!(document["particle_steps"].as_u64().unwrap() > 1000);
    assert!(document["seconds"].as_f64().unwrap() > 0.0);
    let claims = document["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 1);
    let claim = [
        "id",
        "verdict",
        "why",
        "tolerance",
        "paper",
        "exact",
        "measured",
    ];
    has(&claims[0], &claim);
    assert_eq!(claims[0]["id"], "adai.fig6");
    assert_eq!(claims[0]["tolerance"], 0.1);
    has(
        &claims[0]["measured"],
        &["value", "ci_low", "ci_high", "confidence", "n"],
    );
    let verdicts = [
        "confirmed",
        "refuted",
        "inconclusive",
        "out-of-scope",
        "not-decided-here",
    ];
    assert!(verdicts.contains(&claims[0]["verdict"].as_str().unwrap()));
    let rows = document["estimates"].as_array().unwrap();
    let means = rows
        .iter()
        .filter(|row| row["quantity"] == "mean exit step");
    let sharpness: Vec<f64> = means
        .map(|row| {
            has(
                row,
                &["experiment", "cell", "n", "value", "ci_low", "ci_high"],
            );
            let ratio = row["value"].as_f64().unwrap() / row["exact"].as_f64().unwrap();
            assert_eq!(row["ratio"], ratio);
            row["axes"]["sharpness"].as_f64().unwrap()
        })
        .collect();
    assert_eq!(sharpness.len(), 2);
    assert!(sharpness[0] < sharpness[1]);
    let checks = document["self_checks"].as_array().unwrap();
    assert_eq!(checks.len(), 2, "one for each sharpness");
    for check in checks {
        has(check, &["id", "passed", "z", "why"]);
        assert_eq!(check["passed"], true);
    }
    let manifest = std::fs::read(folder.path().join("out/small/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["scale"], "smoke");
    assert_eq!(manifest["spec"]["cells"][0]["particles"], 32);
    assert_eq!(manifest["spec"]["cells"][0]["max_steps"], 20_000);
    assert_eq!(manifest["spec"]["cells"][0]["driver"]["rule"]["eta"], 0.002);
}

/// Standard error is a pipe here, so there must be no bars; results go to standard output.
#[test]
fn results_go_to_standard_output_and_no_bar_to_a_pipe() {
    let folder = folder_with(SMALL);
    kramers(folder.path())
        .args(["run", "small.toml"])
        .assert()
        .success()
        .stderr(predicates::str::is_empty())
        .stdout(
            predicate::str::contains("self-checks  1 of 1 passed")
                .and(predicate::str::contains("report.html"))
                .and(predicate::str::contains("particle-steps")),
        );
    assert!(folder.path().join("results/small/manifest.json").is_file());
}

#[test]
fn reproduce_picks_by_name_and_says_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "reproduce",
        "--only",
        "scaling-identities",
        "--scale",
        "smoke",
        "--json",
    ];
    let document = json(folder.path(), &arguments);
    assert_eq!(document["claims"][0]["id"], "adai.fig6");
    // Six rules at three sharpnesses.
    assert_eq!(document["self_checks"].as_array().unwrap().len(), 18);
    let passed = |check: &serde_json::Value| check["passed"] == true;
    assert!(
        document["self_checks"]
            .as_array()
            .unwrap()
            .iter()
            .all(passed)
    );
    let record = folder.path().join("results/scaling-identities");
    assert!(record.join("manifest.json").is_file() && !record.join("cells").exists());
    kramers(folder.path())
        .args(["reproduce", "--only", "nothing-like-it"])
        .assert()
        .code(2)
        .stdout(predicates::str::is_empty())
        .stderr(predicate::str::contains("adai/scaling-identities.toml"));
}

/// Adam with ε > 0 is not invariant under scaling, so the identity must fail: status 1, results printed.
#[test]
fn a_refuted_self_check_is_a_failure_of_the_lab() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = shipped.join("experiments/adai/scaling-identities.toml");
    let folder = tempfile::tempdir().unwrap();
    let assert = kramers(folder.path())
        .arg("run")
        .arg(&file)
        .args(["--set", "optimizer.adam.epsilon=0.1", "--json"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("scaling-identities/adam/k=4"));
    let document: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let checks = document["self_checks"].as_array().unwrap();
    let failed = |check: &&serde_json::Value| check["passed"] == false;
    assert_eq!(checks.iter().filter(failed).count(), 3);
}

/// Under whatever limit on its address space, a run comes to its end or is refused with the reason: it never aborts.
#[cfg(target_os = "linux")]
#[test]
fn a_limit_on_memory_is_a_refusal_and_no_abort() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("small.toml"), SMALL).unwrap();
    let mut done = [0, 0];
    for (i, megabytes) in (100..=460).step_by(40).enumerate() {
        let limit = 1024 * megabytes;
        let run = format!("ulimit -v {limit} && exec \"$0\" run small.toml --threads 2 --out {i}");
        let output = std::process::Command::new("sh")
            .args(["-c", &run, env!("CARGO_BIN_EXE_kramers")])
            .current_dir(at)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => done[0] += 1,
            Some(2) => {
                assert!(said.contains("of address space, and"), "{said}");
                assert!(said.contains("take fewer threads"), "{said}");
                assert!(!at.join(i.to_string()).exists(), "nothing is written");
                done[1] += 1;
            }
            _ => panic!("{megabytes} MB: {:?}, {said}", output.status),
        }
    }
    assert!(done[0] > 0 && done[1] > 0, "{done:?}");
}
