//! Ctrl-C and termination: within two seconds, with status 75, and nothing that was finished is lost.
#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kramers::report::table;
use tempfile::TempDir;

use super::kramers;
use super::program::SMALL;

/// The shell's `kill`, which is on every system that has signals.
fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_kramers"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// As [`start`], and it heeds signals already, where the system tells: before that, a signal ends any program.
fn heeding(folder: &Path, arguments: &[&str]) -> Child {
    let child = start(folder, arguments);
    heeds(&child);
    child
}

/// Waits until a program heeds signals.
fn heeds(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    let caught = || {
        let text = std::fs::read_to_string(&status).ok()?;
        let mask = text.lines().find_map(|l| l.strip_prefix("SigCgt:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    };
    // Signals are counted from 1: SIGINT is 2, SIGTERM 15.
    let both = 1 << 1 | 1 << 14;
    let clock = Instant::now();
    while caught().is_some_and(|mask| mask & both != both) {
        assert!(clock.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Its status and what it said, once it has ended by itself after a signal.
fn stopped(child: Child, name: &str) -> (Option<i32>, String) {
    let clock = Instant::now();
    signal(&child, name);
    let output = child.wait_with_output().unwrap();
    // Against a program that goes on: the machine may be as busy as it likes.
    assert!(clock.elapsed() < Duration::from_secs(60));
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// One cell of particles that take a while: nothing is a finished cell before all of it is.
fn long(dim: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = SMALL
        .replace("variance = 20_000.0", "variance = 4000.0")
        .replace(
            "name = \"styblinski-tang\"",
            &format!("name = \"styblinski-tang\"\ndim = {dim}"),
        )
        .replace("particles = 64", "particles = 4000")
        .replace("max_steps = 10_000", "max_steps = 20_000_000");
    std::fs::write(folder.path().join("small.toml"), text).unwrap();
    folder
}

#[test]
fn the_finished_particles_of_a_single_cell_are_kept() {
    let folder = long("1");
    let at = folder.path();
    let run = ["run", "small.toml", "--out", "out"];
    let child = heeding(at, &run);
    std::thread::sleep(Duration::from_millis(300));
    let (status, said) = stopped(child, "TERM");
    assert_eq!(status, Some(75), "{said}");
    assert!(
        said.contains(" of its 4000 parts; what is finished is in out/small/cells"),
        "{said}"
    );
    assert!(
        said.contains("run the same command with --resume to go on"),
        "{said}"
    );
    let begun = || {
        std::fs::read_dir(at.join("out/small/cells"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_string_lossy().ends_with("-begun.json"))
    };
    assert!(begun().is_some(), "{said}");
    kramers(at).args(run).arg("--resume").assert().success();
    assert!(!at.join("out/small/cells").exists());
    kramers(at)
        .args(["run", "small.toml", "--out", "whole"])
        .assert()
        .success();
    let samples = |out: &str| {
        std::fs::read(
            at.join(out)
                .join(format!("small/samples.{}", table::EXTENSION)),
        )
        .unwrap()
    };
    assert!(samples("out") == samples("whole"), "the same bytes");
    assert_eq!(
        result(&at.join("out/small")),
        result(&at.join("whole/small"))
    );
}

/// The manifest, checksums of all other files among it, without what it says of the run itself.
fn result(record: &Path) -> serde_json::Value {
    let text = std::fs::read(record.join("manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let fields = manifest.as_object_mut().unwrap();
    for own in [
        "threads",
        "started",
        "ended",
        "seconds",
        "useful_lane_fraction",
        "host_features",
        "seal",
    ] {
        assert!(fields.remove(own).is_some(), "{own}");
    }
    assert!(fields["files"].as_object().unwrap().len() == 5);
    manifest
}

/// Where a computation does not look at the flag, the program ends by itself.
#[test]
fn a_stop_is_heeded_wherever_the_program_is() {
    let folder = tempfile::tempdir().unwrap();
    let only = ["reproduce", "--only", "calibration", "--scale", "paper"];
    for name in ["INT", "TERM"] {
        let child = heeding(folder.path(), &[&only[..], &["--out", name]].concat());
        std::thread::sleep(Duration::from_millis(500));
        let (status, said) = stopped(child, name);
        assert_eq!(status, Some(75), "{said}");
        assert!(said.contains("--resume to go on"), "{said}");
        assert!(
            said.contains(" of its 1000 parts; what is finished is in"),
            "{said}"
        );
    }
}

/// A prediction has nothing to keep, and ends with the same status.
#[test]
fn a_prediction_is_stopped_too() {
    let folder = tempfile::tempdir().unwrap();
    let endless = ["predict", "weak", "alpha=0", "eta=1e-8", "horizon=1"];
    for name in ["INT", "TERM"] {
        let child = heeding(folder.path(), &endless);
        std::thread::sleep(Duration::from_millis(300));
        let (status, said) = stopped(child, name);
        assert_eq!(status, Some(75), "{said}");
        assert!(
            said.contains("stopped; run the same command again"),
            "{said}"
        );
    }
}

/// A second signal ends the program at once, and the message says what is there, which may be nothing.
#[test]
fn a_stop_at_once_says_what_is_kept() {
    let folder = long("1");
    let at = folder.path();
    let run = ["run", "small.toml", "--out", "out"];
    let twice = || {
        let child = heeding(at, &run);
        std::thread::sleep(Duration::from_millis(300));
        signal(&child, "TERM");
        stopped(child, "TERM")
    };
    let (status, said) = twice();
    assert_eq!(status, Some(75), "{said}");
    let nothing = "stopped; nothing was finished and nothing is kept; run the same command";
    // Where the first signal was heeded before the second came.
    let begun = "parts; what is finished is in out/small/cells";
    // Where the second came between the two: the part was on the disk, and the message not yet.
    let part = "stopped; 1 part of a cell in out, and nothing else, is kept; run the same command";
    let known = [nothing, begun, part];
    assert!(known.iter().any(|text| said.contains(text)), "{said}");
    assert!(said.contains(nothing) || at.join("out/small/cells").is_dir());
}

/// The second run of the same name is told who writes there, and the first one's record is whole.
#[test]
fn two_runs_at_once_do_not_mix() {
    let folder = long("1");
    let at = folder.path();
    let first = heeding(at, &["run", "small.toml", "--out", "out"]);
    let lock = at.join("out/.small.lock");
    while !lock.exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    let holder = format!("out/small is being written by process {} on ", first.id());
    for arguments in [
        &["run", "small.toml", "--out", "out", "--seed", "2"][..],
        &["run", "small.toml", "--out", "out", "--force"],
        &["run", "small.toml", "--out", "out", "--resume"],
    ] {
        let assert = kramers(at)
            .args(arguments)
            .assert()
            .code(2)
            .stdout(predicates::str::is_empty());
        let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(said.contains(&holder), "{said}");
    }
    signal(&first, "KILL");
    first.wait_with_output().unwrap();
    assert!(lock.exists(), "the lock of a dead process");
    kramers(at)
        .args(["run", "small.toml", "--out", "out", "--scale", "smoke"])
        .args(["--set", "ensemble.particles=2"])
        .assert()
        .success();
    assert!(!lock.exists());
}

/// A run under `nohup` outlives its terminal, and still ends as a run does.
#[test]
#[cfg(target_os = "linux")]
fn what_is_ignored_at_the_start_stays_ignored() {
    let folder = long("1");
    let mut child = Command::new("env")
        .arg("--ignore-signal=HUP")
        .args([
            env!("CARGO_BIN_EXE_kramers"),
            "run",
            "small.toml",
            "--out",
            "out",
        ])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    heeds(&child);
    signal(&child, "HUP");
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none());
    let (status, said) = stopped(child, "TERM");
    assert_eq!(status, Some(75), "{said}");
}
