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
fn a_finished_experiment_is_skipped_under_resume_and_run_again_under_force() {
    let folder = folder();
    let run = |extra: &[&str]| {
        let mut command = kramers(folder.path());
        command.args(RUN).args(extra).assert().success();
        manifest(folder.path())
    };
    let first = run(&[]);
    assert!(run(&["--resume"]) == first);
    assert!(run(&["--force", "--resume"]) == first);
    assert!(run(&["--force"]) != first);
    let other = run(&["--resume", "--force", "--seed", "2"]);
    assert!(run(&["--resume", "--seed", "2"]) == other);
}

/// Another seed, scale, setting or file of the same name; with --resume and without.
#[test]
fn a_record_is_not_overwritten_without_force() {
    let folder = folder();
    kramers(folder.path()).args(RUN).assert().success();
    let record = folder.path().join("out/small");
    let listed = |at: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(at)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), std::fs::read(path).unwrap_or_default()))
            .collect();
        names.sort();
        names
    };
    let before = (listed(&record), listed(&folder.path().join("out")));
    let other = SMALL.replace("0.003", "0.002");
    std::fs::write(folder.path().join("other.toml"), other).unwrap();
    let with = |file, extra: &[&'static str]| [&["run", file, "--out", "out"], extra].concat();
    for (command, wanted) in [
        (
            with("small.toml", &[]),
            "the finished record of this very run",
        ),
        (with("small.toml", &["--seed", "2"]), "seed 1, here 2"),
        (
            with("small.toml", &["--scale", "smoke"]),
            "scale standard, here smoke",
        ),
        (
            with("small.toml", &["--set", "noise.variance=1e4"]),
            "other settings",
        ),
        (with("other.toml", &[]), "other settings"),
    ] {
        for resume in [&[][..], &["--resume"]] {
            if wanted.contains("this very run") && !resume.is_empty() {
                continue;
            }
            kramers(folder.path())
                .args(&command)
                .args(resume)
                .assert()
                .code(2)
                .stdout(predicates::str::is_empty())
                .stderr(
                    predicate::str::contains(wanted)
                        .and(predicate::str::contains("out/small holds"))
                        .and(predicate::str::contains("--force"))
                        .and(predicate::str::contains("--out")),
                );
            let after = (listed(&record), listed(&folder.path().join("out")));
            assert!(before == after, "nothing is written");
        }
    }
}

/// Figures that only the earlier record had do not stay behind.
#[test]
fn a_record_takes_the_place_of_the_other_with_its_figures() {
    let folder = folder();
    let at = folder.path();
    kramers(at).args(RUN).assert().success();
    let record = at.join("out/small");
    assert!(record.join("exit-time.svg").is_file());
    std::fs::write(record.join("notes.txt"), "mine").unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/pnm/noise-variance.toml");
    let other = std::fs::read_to_string(file).unwrap();
    let other = other.replacen("\"momentum-noise\"", "\"small\"", 1);
    std::fs::write(at.join("other.toml"), other).unwrap();
    let run = ["run", "other.toml", "--out", "out", "--scale", "smoke"];
    kramers(at).args(run).assert().code(2);
    kramers(at).args(run).arg("--force").assert().success();
    assert!(!record.join("exit-time.svg").exists());
    assert!(!record.join("exit-time.png").exists());
    assert!(record.join("notes.txt").is_file());
}

/// The advice that comes with every damage is what mends it.
#[test]
fn the_advice_mends_what_is_damaged() {
    let folder = folder();
    let at = folder.path();
    kramers(at).args(RUN).assert().success();
    let samples = format!("samples.{}", table::EXTENSION);
    let estimates = format!("estimates.{}", table::EXTENSION);
    for name in [
        samples.as_str(),
        estimates.as_str(),
        "verdicts.json",
        "figures.json",
        "text.json",
        "manifest.json",
    ] {
        std::fs::write(at.join("out/small").join(name), "x").unwrap();
        for command in [&["report", "out"][..], &[RUN, &["--resume"]].concat()] {
            kramers(at)
                .args(command)
                .assert()
                .code(1)
                .stderr(predicate::str::contains(
                    "run the experiment again with --force",
                ));
        }
        kramers(at).args(RUN).arg("--force").assert().success();
        kramers(at).args(["report", "out"]).assert().success();
    }
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
                .stdout(predicates::str::is_empty())
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
        .stdout(predicates::str::is_empty())
        .stderr(predicate::str::contains(&key).and(predicate::str::contains("damaged")));
    assert!(!folder.path().join("out/small/manifest.json").exists());
    // What was finished is not dropped unasked, damaged or not.
    let kept = predicate::str::contains("go on with it by --resume, drop it with --force");
    kramers(folder.path())
        .args(RUN)
        .assert()
        .code(2)
        .stdout(predicates::str::is_empty())
        .stderr(kept);
    let forced = [RUN, &["--force"]].concat();
    kramers(folder.path()).args(forced).assert().success();
}

#[test]
fn files_of_a_user_are_not_taken_for_a_record() {
    let folder = folder();
    let own = folder.path().join("out/small");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("text.json"), "mine").unwrap();
    let said = predicate::str::contains("out/small/text.json is there already")
        .and(predicate::str::contains("--force"));
    kramers(folder.path())
        .args(RUN)
        .assert()
        .code(2)
        .stderr(said);
    assert_eq!(std::fs::read(own.join("text.json")).unwrap(), b"mine");
}
