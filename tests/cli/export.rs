//! `run --export npz`: the arrays beside the record.

use std::path::Path;

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

/// The files of a record but for the manifest, which says how many threads there were.
fn record(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name != "manifest.json" && file.is_file() {
            found.push((name, std::fs::read(&file).unwrap()));
        }
    }
    found.sort();
    found
}

/// Whole paths to the last look and to an exit: the same bytes for any threads and blocks, from shares, and taken up.
#[test]
fn whole_paths_are_a_table_of_the_same_bytes_however_they_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let keep = "keep = \"paths\"\npaths = 9\nevery = 3\n";
    let exit = "[[observe]]\nname = \"exit\"\nuntil = \"x > 0.5\"\n";
    std::fs::write(at.join("looks.toml"), format!("{STUDY}{keep}{exit}")).unwrap();
    let run = |words: &[&str]| {
        kramers(at).args(words).assert().success();
    };
    let export = ["--export", "npz"];
    run(&[
        &["run", "looks.toml", "--threads", "1", "--out", "one"][..],
        &export,
    ]
    .concat());
    let one = record(&at.join("one/looks"));
    let table = kramers::report::table::path_of(Path::new("paths"));
    let table = table.to_str().unwrap();
    let bytes = |of: &[(String, Vec<u8>)], name: &str| {
        let found = of.iter().find(|(own, _)| own == name);
        found.map(|(_, bytes)| bytes.clone()).unwrap()
    };
    assert!(!bytes(&one, table).is_empty());
    let arrays = bytes(&one, "arrays.npz");
    let has = |part: &str| arrays.windows(part.len()).any(|own| own == part.as_bytes());
    for part in [
        "paths of sgd, eta = 0.1.npy",
        "paths of sgd, eta = 0.2, exit/coordinate.npy",
        "'shape': (9, 1, 4,)",
    ] {
        assert!(has(part), "{part}");
    }
    let other = [
        "run",
        "looks.toml",
        "--threads",
        "2",
        "--block",
        "3",
        "--out",
        "two",
    ];
    run(&[&other[..], &export].concat());
    assert!(one == record(&at.join("two/looks")), "threads and blocks");
    for index in ["0", "1", "2"] {
        let out = format!("share{index}");
        run(&[
            "shard",
            "looks.toml",
            "--index",
            index,
            "--of",
            "3",
            "--out",
            &out,
        ]);
    }
    run(&["merge", "share0", "share1", "share2", "--out", "merged"]);
    let merged = record(&at.join("merged/looks"));
    assert!(bytes(&merged, table) == bytes(&one, table), "shares");
    // Without its note a share is what a run leaves that was stopped behind some of its cells.
    std::fs::remove_file(at.join("share1/looks/shard.json")).unwrap();
    let again = ["run", "looks.toml", "--out", "share1", "--resume"];
    run(&[&again[..], &export].concat());
    assert!(one == record(&at.join("share1/looks")), "taken up");
    // A report needs the record alone, and a damaged table is named.
    run(&["report", "one"]);
    let path = at.join("one/looks").join(table);
    let mut spoilt = bytes(&one, table);
    spoilt[10] ^= 1;
    std::fs::write(&path, spoilt).unwrap();
    let refusal = kramers(at).args(["report", "one"]).assert().code(1);
    refusal.stderr(predicate::str::contains(table).and(predicate::str::contains("is damaged")));
    // A record without paths leaves none of an earlier one behind.
    std::fs::write(at.join("looks.toml"), STUDY).unwrap();
    run(&["run", "looks.toml", "--out", "one", "--force"]);
    assert!(!path.exists());
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
