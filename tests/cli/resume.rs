//! `--resume`: what is finished is skipped, what is damaged is named and refused.

use std::path::Path;

use kramers::report::{checkpoint, table};
use kramers::simulation::random::cell_key;
use predicates::prelude::*;
use tempfile::TempDir;

use super::kramers;
use super::program::SMALL;

const RUN: &[&str] = &["run", "small.toml", "--out", "out"];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), SMALL).unwrap();
    folder
}

fn manifest(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("out/small/manifest.json")).unwrap()
}

/// The manifest holds the time of the run, so its bytes tell whether anything was run again.
#[test]
fn a_finished_experiment_is_skipped_and_another_seed_is_not() {
    let folder = folder();
    let run = |extra: &[&str]| {
        let mut command = kramers(folder.path());
        command.args(RUN).args(extra).assert().success();
        manifest(folder.path())
    };
    let first = run(&[]);
    assert!(run(&["--resume"]) == first);
    assert!(run(&[]) != first, "without --resume it runs again");
    let other = run(&["--resume", "--seed", "2"]);
    assert!(
        run(&[
            "--resume",
            "--set",
            "optimizer.sgd.eta=0.002",
            "--seed",
            "2"
        ]) != other
    );
}

#[test]
fn a_damaged_record_is_named_and_refused() {
    let folder = folder();
    kramers(folder.path()).args(RUN).assert().success();
    let samples = format!("samples.{}", table::EXTENSION);
    for name in [samples.as_str(), "verdicts.json", "manifest.json"] {
        let path = folder.path().join("out/small").join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        bytes.truncate(whole.len() / 2);
        std::fs::write(&path, &bytes).unwrap();
        for command in [&[RUN, &["--resume"]].concat()[..], &["report", "out"]] {
            kramers(folder.path())
                .args(command)
                .assert()
                .code(1)
                .stdout("")
                .stderr(predicate::str::contains(name).and(predicate::str::contains("damaged")));
        }
        assert_eq!(
            std::fs::read(&path).unwrap(),
            bytes,
            "it is left for the person"
        );
        std::fs::write(&path, whole).unwrap();
    }
    kramers(folder.path())
        .args(RUN)
        .arg("--resume")
        .assert()
        .success();
}

#[test]
fn a_damaged_checkpoint_is_named_and_refused_only_under_resume() {
    let folder = folder();
    let cells = folder.path().join("out/small/cells");
    let key = format!("{:016x}", cell_key("small/sgd/C=20000"));
    checkpoint::save(&cells, &key, "identity", &1).unwrap();
    let path = cells.join(format!("{key}.json"));
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    kramers(folder.path())
        .args(RUN)
        .arg("--resume")
        .assert()
        .code(1)
        .stdout("")
        .stderr(predicate::str::contains(&key).and(predicate::str::contains("damaged")));
    assert!(!folder.path().join("out/small/manifest.json").exists());
    kramers(folder.path()).args(RUN).assert().success();
}
