//! `run --export npz`: the arrays beside the record.

use predicates::prelude::*;

use super::kramers;
use super::program::SMALL;

const STUDY: &str = r#"
name = "looks"
protocol = "study"
[landscape]
name = "quadratic"
h = 1.0
[noise]
name = "gaussian"
variance = 1.0
[start]
at = 0.0
[[sweep]]
eta = [0.1, 0.2]
[[process]]
optimizer = "sgd"
[[observe]]
label = "x/x"
name = "moment"
of = ["x", "x^2"]
steps = [0, 5, 10]
[[observe]]
name = "law"
of = "x"
to = "sgd[eta=0.1]"
steps = 5
[ensemble]
particles = 50
"#;

#[test]
fn what_a_study_saw_lies_beside_its_record() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("looks.toml"), STUDY).unwrap();
    let run = |more: &[&str]| {
        let mut command = kramers(folder.path());
        command.args(["run", "looks.toml"]).args(more).assert()
    };
    run(&[]).success();
    let arrays = folder.path().join("results/looks/arrays.npz");
    assert!(!arrays.exists());
    let nothing = predicate::str::contains("and no arrays.npz; run it again with --force");
    run(&["--export", "npz", "--resume"])
        .code(2)
        .stderr(nothing);

    run(&["--export", "npz", "--force"]).success();
    let bytes = std::fs::read(&arrays).unwrap();
    let has = |part: &str| bytes.windows(part.len()).any(|own| own == part.as_bytes());
    for name in [
        "x%2Fx.npy",
        "x%2Fx/axes.npy",
        "x%2Fx/step.npy",
        "law.npy",
        "law/cell.npy",
    ] {
        assert!(has(name), "{name}");
    }
    assert!(has("'shape': (2, 3, 50, 2,)") && has("'shape': (2, 1, 50, 1,)"));
    run(&["--export", "npz", "--force", "--threads", "1"]).success();
    assert!(
        std::fs::read(&arrays).unwrap() == bytes,
        "the same bytes again"
    );

    // They would be another run's.
    run(&["--force", "--seed", "2"]).success();
    assert!(!arrays.exists());
}

#[test]
fn arrays_of_what_does_not_look_are_refused_before_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), SMALL).unwrap();
    let mut command = kramers(folder.path());
    let why = predicate::str::contains("small: arrays are what a study");
    command
        .args(["run", "small.toml", "--export", "npz"])
        .assert()
        .code(2)
        .stderr(why);
    assert!(!folder.path().join("results/small").exists());
}
