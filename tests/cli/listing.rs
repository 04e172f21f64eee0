//! `claims` and `list`.

use std::path::Path;

use predicates::prelude::*;

use super::{has, json, kramers};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn claims_have_their_keys_and_name_files_that_exist() {
    let claims = json(here(), &["claims", "--json"]);
    let claims = claims.as_array().unwrap();
    let mut ids = Vec::new();
    for claim in claims {
        has(claim, &["id", "paper", "statement", "experiment"]);
        ids.push(claim["id"].as_str().unwrap());
        if let Some(file) = claim["experiment"].as_str() {
            assert!(here().join("experiments").join(file).is_file(), "{file}");
        }
    }
    assert!(ids.contains(&"adai.fig6"));
    let listed = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), listed, "no id twice");
}

#[test]
fn claims_as_text_say_the_same() {
    let claims = json(here(), &["claims", "--json"]);
    let text = kramers(here())
        .arg("claims")
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let text = String::from_utf8(text).unwrap();
    for claim in claims.as_array().unwrap() {
        for key in ["id", "statement"] {
            assert!(text.contains(claim[key].as_str().unwrap()));
        }
    }
}

#[test]
fn every_list_has_its_keys_and_its_members() {
    for (what, members) in [
        ("landscapes", &["styblinski-tang", "rosenbrock", "ring"][..]),
        ("noises", &["gaussian", "hessian", "minibatch", "fresh"]),
        ("optimizers", &["sgd", "sgdm", "pnm", "adam", "adai"]),
        ("integrators", &["euler-maruyama", "platen", "baoab"]),
    ] {
        let list = json(here(), &["list", what, "--json"]);
        let list = list.as_array().unwrap();
        for entry in list {
            has(entry, &["name", "formula", "source", "parameters"]);
            for parameter in entry["parameters"].as_array().unwrap() {
                has(parameter, &["name", "default", "meaning"]);
            }
        }
        let text = kramers(here()).args(["list", what]).assert().success();
        let text = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
        for member in members {
            assert!(list.iter().any(|e| e["name"] == *member), "{what} {member}");
            assert!(text.lines().any(|line| line.starts_with(member)));
        }
    }
}

#[test]
fn a_misspelt_command_is_answered_with_the_nearest() {
    for (arguments, hint) in [
        (&["clams"][..], "'claims'"),
        (&["list", "landscape"], "'landscapes'"),
        (&["reproduce", "--scale", "smok"], "'smoke'"),
        (&["run", "x.toml", "--sett", "a=1"], "'--set'"),
    ] {
        kramers(here())
            .args(arguments)
            .assert()
            .code(2)
            .stdout(predicates::str::is_empty())
            .stderr(predicate::str::contains(hint));
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for option in ["--help", "--version"] {
        kramers(here())
            .arg(option)
            .assert()
            .success()
            .stdout(predicate::str::contains("kramers").or(predicate::str::contains("laboratory")))
            .stderr(predicates::str::is_empty());
    }
}
