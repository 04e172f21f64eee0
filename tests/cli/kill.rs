//! Kills at any moment: there is always one whole record, the old or the new one.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kramers::report::record::Record;
use kramers::simulation::random::{Purpose, Stream};

use super::kramers;
use super::program::SMALL;

/// What stands in the folder: the seed of its whole record, with its figures, if there is one.
fn standing(folder: &Path) -> Option<u64> {
    let record = folder.join("out/small");
    if !record.join("manifest.json").exists() {
        return None;
    }
    let loaded = Record::load(&record).unwrap();
    for figure in &loaded.figures {
        for suffix in ["svg", "png"] {
            assert!(record.join(format!("{}.{suffix}", figure.name)).is_file());
        }
    }
    Some(loaded.manifest.seed)
}

/// Starts a run with a new seed over whatever is there, and kills it after a random part of the time that a run
/// takes: over a finished record, over an unfinished one, and over what earlier kills left.
fn kills(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("small.toml"), SMALL).unwrap();
    let run = |seed: u64| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kramers"));
        command
            .args([
                "run",
                "small.toml",
                "--out",
                "out",
                "--force",
                "--seed",
                &seed.to_string(),
            ])
            .current_dir(at)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let clock = Instant::now();
    let mut child = run(1).spawn().unwrap();
    while !at.join("out/.small.new").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let computing = clock.elapsed();
    assert!(child.wait().unwrap().success());
    let mut takes = clock.elapsed();
    let mut changing = takes - computing;
    let stream = Stream::new(1, 0);
    let (mut before, mut killed, mut replaced) = (Some(1), 0, 0);
    for i in 0..count {
        if i % 10 == 9 {
            // Over nothing but what an unfinished run left.
            std::fs::remove_dir_all(at.join("out")).unwrap();
            before = None;
        }
        let seed = 2 + i;
        let mut child = run(seed).spawn().unwrap();
        let part = stream.uniform(Purpose::Start, i, 0, 0);
        let mut clock = Instant::now();
        let mut wait = |until: &dyn Fn(Duration) -> bool, clock: Instant| loop {
            let ended = child.try_wait().unwrap().is_some();
            if ended || until(clock.elapsed()) {
                return ended;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let limit = if i % 2 == 0 {
            // While files are written and change places.
            wait(&|_| at.join("out/.small.new").exists(), clock);
            clock = Instant::now();
            &mut changing
        } else {
            &mut takes
        };
        let last = limit.mul_f64(1.1 * part);
        // The machine may be less busy, or busier, than it was.
        if wait(&|elapsed| elapsed >= last, clock) {
            *limit = clock.elapsed();
        } else {
            *limit = limit.mul_f64(1.02);
            killed += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = standing(at);
        assert!(
            now == before || now == Some(seed),
            "kill {i}: {before:?}, then {now:?}"
        );
        replaced += u64::from(now == Some(seed));
        if i % 10 == 8 && now.is_some() {
            let report = ["report", "out", "--out", "page"];
            kramers(at).args(report).assert().success();
        }
        before = now;
    }
    assert!(
        killed > count / 3,
        "{killed} of {count} were killed in time"
    );
    eprintln!(
        "{killed} of {count} runs killed under way; {replaced} had put their record in place"
    );
    // What the last one left does not stand in the way, and is cleared away.
    assert!(run(1).status().unwrap().success());
    assert_eq!(standing(at), Some(1));
    let mut left: Vec<String> = std::fs::read_dir(at.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["report.html", "report.md", "small"]);
}

#[test]
fn a_killed_run_leaves_one_whole_record() {
    kills(10);
}

/// `cargo test --release --test cli -- --ignored three_hundred --nocapture`
#[test]
#[ignore = "slow: three minutes"]
fn three_hundred_kills_leave_one_whole_record_each() {
    kills(300);
}
