//! `shard` and `merge`: the same bytes as one run, and refusals.

use predicates::prelude::*;
use tempfile::TempDir;

use super::program::SMALL;
use super::{json, kramers};
use kramers::report::table;

/// Three cells.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let name = "name = \"styblinski-tang\"\n";
    let swept = SMALL.replace(name, &format!("{name}sharpness = [1.0, 1.1, 1.2]\n"));
    std::fs::write(folder.path().join("small.toml"), swept).unwrap();
    folder
}

#[test]
fn shares_make_the_record_of_one_run() {
    let folder = folder();
    let at = folder.path();
    json(at, &["run", "small.toml", "--out", "whole", "--json"]);
    for (index, cells) in [("0", 2), ("1", 1)] {
        let out = format!("share{index}");
        let said = json(
            at,
            &[
                "shard",
                "small.toml",
                "--index",
                index,
                "--of",
                "2",
                "--out",
                &out,
                "--json",
            ],
        );
        assert_eq!(said["cells"], cells);
        assert_eq!(said["cells_of_all"], 3);
        assert!(!at.join(&out).join("small/manifest.json").exists());
    }
    kramers(at)
        .args(["merge", "share0", "--out", "merged"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("share 1 is missing"));
    let merged = json(
        at,
        &["merge", "share1", "share0", "--out", "merged", "--json"],
    );
    assert_eq!(merged["seed"], 1);
    for name in [
        format!("samples.{}", table::EXTENSION),
        "verdicts.json".into(),
    ] {
        let bytes = |out: &str| std::fs::read(at.join(out).join("small").join(&name)).unwrap();
        assert!(bytes("whole") == bytes("merged"), "{name}");
    }
}

#[test]
fn shares_of_different_runs_are_refused() {
    let folder = folder();
    let at = folder.path();
    for (index, seed) in [("0", "1"), ("1", "2")] {
        let out = format!("share{index}");
        kramers(at)
            .args(["shard", "small.toml", "--index", index, "--of", "2"])
            .args(["--out", &out, "--seed", seed])
            .assert()
            .success();
    }
    kramers(at)
        .args(["merge", "share0", "share1"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(predicate::str::contains("not shares of one run"));
    kramers(at)
        .args(["shard", "small.toml", "--index", "2", "--of", "2"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("numbered from 0 to 1"));
    kramers(at)
        .args(["merge", "."])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("holds no share"));
}
