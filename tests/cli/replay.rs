//! `replay`: recorded trajectories, a tampered file, an unusable one.

use std::path::Path;

use predicates::prelude::*;

use super::{has, json, kramers};

const GOLDEN: &[&str] = &["adai", "adam", "amsgrad", "pnm", "sgd", "sgdm"];

fn golden() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let path = |name: &&str| folder.join(format!("{name}.json")).display().to_string();
    GOLDEN.iter().map(path).collect()
}

#[test]
fn every_recording_passes() {
    let files = golden();
    let mut arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    arguments.splice(..0, ["replay"]);
    arguments.push("--json");
    let document = json(Path::new("."), &arguments);
    has(&document, &["cases", "worst", "failed"]);
    assert_eq!(document["failed"], 0);
    assert!(document["worst"].as_f64().unwrap() <= 1e-12);
    let cases = document["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 131);
    for case in cases {
        has(case, &["file", "id", "worst", "passed"]);
        assert_eq!(case["passed"], true);
    }
}

#[test]
fn a_tampered_file_fails_with_status_1_and_still_prints_its_cases() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(&golden()[3]).unwrap();
    let mut recording: serde_json::Value = serde_json::from_str(&text).unwrap();
    let last = recording["cases"][0]["theta"].as_array().unwrap().len() - 1;
    let x = recording["cases"][0]["theta"][last][0].as_f64().unwrap();
    recording["cases"][0]["theta"][last][0] = (x + 1e-6).into();
    std::fs::write(folder.path().join("pnm.json"), recording.to_string()).unwrap();
    let assert = kramers(folder.path())
        .args(["replay", "pnm.json", "--json"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("1 of "));
    let document: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(document["failed"], 1);
    assert_eq!(document["cases"][0]["passed"], false);
    kramers(folder.path())
        .args(["replay", "pnm.json"])
        .assert()
        .code(1)
        .stdout(predicate::str::contains("FAILED"));
}

#[test]
fn an_unusable_file_is_named_with_status_2() {
    let folder = tempfile::tempdir().unwrap();
    for (text, wanted) in [
        ("{", "not a JSON document"),
        ("[]", "format"),
        (r#"{"format": "kramers-golden/9"}"#, "kramers-golden/1"),
        (r#"{"format": "kramers-golden/1"}"#, "missing field"),
    ] {
        std::fs::write(folder.path().join("bad.json"), text).unwrap();
        kramers(folder.path())
            .args(["replay", "bad.json", "--json"])
            .assert()
            .code(2)
            .stdout(predicates::str::is_empty())
            .stderr(predicate::str::contains("bad.json").and(predicate::str::contains(wanted)));
    }
    kramers(folder.path())
        .args(["replay", "absent.json"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("absent.json"));
}
