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
        .stdout(predicates::str::is_empty())
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

fn share(at: &std::path::Path, index: &str, extra: &[&str]) {
    kramers(at)
        .args(["shard", "small.toml", "--index", index, "--of", "2"])
        .args(["--out", &format!("share{index}")])
        .args(extra)
        .assert()
        .success();
}

/// Changes a share's file; sealed again, as by somebody who can.
fn rewrite(at: &std::path::Path, change: impl Fn(&mut serde_json::Value)) {
    let path = at.join("share0/small/shard.json");
    let mut value: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    let zeros = "kramers-crc32:00000000";
    value["seal"] = zeros.into();
    let text = value.to_string();
    let sum = format!("kramers-crc32:{:08x}", crc32fast::hash(text.as_bytes()));
    std::fs::write(&path, text.replace(zeros, &sum)).unwrap();
}

/// Damage, other versions, names that lead elsewhere, counts that no memory holds.
#[test]
fn a_share_is_sealed_and_checked_as_an_experiment_is() {
    let folder = folder();
    let at = folder.path();
    share(at, "0", &[]);
    share(at, "1", &[]);
    let path = at.join("share0/small/shard.json");
    let whole = std::fs::read(&path).unwrap();
    let merge = ["merge", "share0", "share1", "--out", "merged"];
    let refused = |code: i32, wanted: &str| {
        kramers(at)
            .args(merge)
            .assert()
            .code(code)
            .stdout(predicates::str::is_empty())
            .stderr(predicate::str::contains("shard.json").and(predicate::str::contains(wanted)));
        assert!(!at.join("merged").exists() && !at.join("x").exists());
    };
    let text = String::from_utf8(whole.clone()).unwrap();
    assert!(text.contains("0.003"), "{text}");
    std::fs::write(&path, text.replace("0.003", "0.004")).unwrap();
    refused(1, "is damaged");
    std::fs::write(&path, &whole).unwrap();
    rewrite(at, |share| share["version"] = "9.9.9".into());
    refused(2, "is of kramers 9.9.9");
    std::fs::write(&path, &whole).unwrap();
    for name in ["../x", "/tmp/x"] {
        rewrite(at, |share| share["name"] = name.into());
        refused(2, "names a file or folder");
        std::fs::write(&path, &whole).unwrap();
    }
    rewrite(at, |share| share["of"] = 100_000_000_000_000_000u64.into());
    refused(2, "there are 1 to 1000000 shares");
    std::fs::write(&path, &whole).unwrap();
    rewrite(at, |share| share["index"] = 2.into());
    refused(2, "numbered from 0");
    std::fs::write(&path, &whole).unwrap();
    kramers(at).args(merge).assert().success();
}

/// A cell that a share lacks, or that is damaged, is named with the command that makes it; and that command helps.
#[test]
fn what_a_share_lacks_is_not_computed_silently() {
    let folder = folder();
    let at = folder.path();
    share(at, "0", &[]);
    share(at, "1", &[]);
    let cells = at.join("share1/small/cells");
    let cell = || {
        std::fs::read_dir(&cells)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path()
    };
    let merge = ["merge", "share0", "share1", "--out", "merged"];
    let again =
        "kramers shard small.toml --index 1 --of 2 --seed 1 --scale standard --out share1 --resume";
    std::fs::remove_file(cell()).unwrap();
    kramers(at).args(merge).assert().code(1).stderr(
        predicate::str::contains("the shares lack the cell").and(predicate::str::contains(again)),
    );
    let follow = || {
        let arguments: Vec<&str> = again.split(' ').skip(1).collect();
        kramers(at).args(arguments).assert().success();
    };
    follow();
    std::fs::write(cell(), "00000000\n{}").unwrap();
    let name = cell().file_name().unwrap().to_string_lossy().into_owned();
    kramers(at).args(merge).assert().code(1).stderr(
        predicate::str::contains(again)
            .and(predicate::str::contains(format!(
                "share1/small/cells/{name} is damaged"
            )))
            .and(predicate::str::contains("delete it")),
    );
    std::fs::remove_file(cell()).unwrap();
    follow();
    kramers(at).args(merge).assert().success();
}

/// The command of the advice, given to a shell as it stands, is what is meant, whatever is in the names.
#[cfg(unix)]
#[test]
fn the_advice_can_be_pasted() {
    let folder = folder();
    let at = folder.path();
    let (file, of) = ("it's $HOME `x` \"y\".toml", ["--of", "2"]);
    std::fs::rename(at.join("small.toml"), at.join(file)).unwrap();
    let share = |index: &str| format!("-share {index}'s & co");
    for index in ["0", "1"] {
        kramers(at)
            .args(["shard", file, "--index", index])
            .args(of)
            .args(["--set", "source=\"it's; $PATH\""])
            .arg(format!("--out={}", share(index)))
            .assert()
            .success();
    }
    let cells = at.join(share("1")).join("small/cells");
    std::fs::remove_dir_all(&cells).unwrap();
    let shares = ["0", "1"].map(|index| format!("./{}", share(index)));
    let merge = || {
        let mut command = kramers(at);
        command.arg("merge").args(&shares).args(["--out", "merged"]);
        command
    };
    let assert = merge().assert().code(1);
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let begin = said.find("run `").unwrap() + "run `".len();
    let end = said.rfind("`, and merge again").unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_kramers"));
    let status = std::process::Command::new("/bin/sh")
        .args(["-c", &said[begin..end]])
        .current_dir(at)
        .env("PATH", program.parent().unwrap())
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success(), "{said}");
    assert_eq!(std::fs::read_dir(cells).unwrap().count(), 1);
    merge().assert().success();
}

/// Neither a record nor a share is lost to a share, nor a share to a run.
#[test]
fn a_share_overwrites_nothing() {
    let folder = folder();
    let at = folder.path();
    share(at, "0", &[]);
    let other = [
        "shard",
        "small.toml",
        "--index",
        "0",
        "--of",
        "2",
        "--out",
        "share0",
    ];
    kramers(at)
        .args(other)
        .args(["--seed", "2"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains(
            "holds another share (0 of 2, seed 1",
        ));
    kramers(at).args(other).arg("--resume").assert().success();
    kramers(at)
        .args(["run", "small.toml", "--out", "share0"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("holds share 0 of 2"));
    kramers(at)
        .args(["run", "small.toml", "--out", "whole"])
        .assert()
        .success();
    kramers(at)
        .args([
            "shard",
            "small.toml",
            "--index",
            "0",
            "--of",
            "2",
            "--out",
            "whole",
        ])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("holds a finished record"));
}

/// Reading a pipe that nobody writes to never ends.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_refused() {
    let folder = folder();
    let at = folder.path();
    let run = ["run", "small.toml", "--out", "out"];
    let pipe = |path: &std::path::Path| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(path);
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    };
    let refused = |command: &[&str], name: &str| {
        kramers(at)
            .args(command)
            .timeout(20)
            .assert()
            .failure()
            .stderr(
                predicate::str::contains(name).and(predicate::str::contains("not a regular file")),
            );
    };
    share(at, "1", &[]);
    let own = at.join("share1/small/cells");
    let name = std::fs::read_dir(&own)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    share(at, "0", &[]);
    pipe(&name);
    refused(
        &["merge", "share0", "share1", "--out", "merged"],
        "share1/small/cells",
    );
    kramers(at).args(run).assert().success();
    let samples = format!("out/small/samples.{}", table::EXTENSION);
    pipe(&at.join(&samples));
    refused(&["report", "out"], &samples);
    pipe(&at.join("out/small/manifest.json"));
    refused(&["report", "out"], "manifest.json");
}
