//! Studies from the command line: a seed of the file's own, taking up what was finished, refusals.

use std::path::Path;

use predicates::prelude::predicate;

use super::kramers;

fn written(at: &Path) -> String {
    kramers(at)
        .args(["new", "experiment", "mine"])
        .assert()
        .success();
    std::fs::read_to_string(at.join("mine.toml")).unwrap()
}

fn run(at: &Path, more: &[&str]) -> Vec<u8> {
    let out = more.last().unwrap();
    kramers(at)
        .args(["run", "mine.toml", "--scale", "smoke"])
        .args(more)
        .assert()
        .success();
    let samples = kramers::report::table::path_of(&at.join(out).join("mine/samples"));
    std::fs::read(samples).unwrap()
}

#[test]
fn a_file_may_ask_for_its_seed_and_the_command_line_goes_first() {
    let here = tempfile::tempdir().unwrap();
    let at = here.path();
    let text = written(at);
    let given = run(at, &["--seed", "5", "--out", "a"]);
    assert_ne!(given, run(at, &["--out", "b"]));
    let own = text.replacen("protocol = \"study\"", "seed = 5\nprotocol = \"study\"", 1);
    std::fs::write(at.join("mine.toml"), own).unwrap();
    assert_eq!(given, run(at, &["--out", "c"]));
    assert_ne!(given, run(at, &["--seed", "6", "--out", "d"]));
    assert_eq!(given, run(at, &["--resume", "--out", "c"]));
}

#[test]
fn what_is_wrong_is_refused_before_anything_runs() {
    let here = tempfile::tempdir().unwrap();
    let at = here.path();
    let text = written(at);
    for (old, new, what) in [
        (
            "log(rate)",
            "log(rats)",
            "mine.toml:26:23: `claim.quantity`: unknown name `rats`",
        ),
        ("1/temperature)", "1/eta0)", "unknown name `eta0`"),
        ("within = \"30 %\"", "", "how close?"),
        ("eta = [0.05, 0.06, 0.08, 0.1]", "eta = [0.05]", "slope"),
        (
            "until = \"x > x_saddle\"",
            "until = \"x > x_sadle\"",
            "did you mean `x_saddle`",
        ),
    ] {
        assert!(text.contains(old), "{old}");
        std::fs::write(at.join("mine.toml"), text.replacen(old, new, 1)).unwrap();
        kramers(at)
            .args(["run", "mine.toml"])
            .assert()
            .code(2)
            .stderr(predicate::str::contains(what));
        assert!(!at.join("results").exists());
    }
}
