//! A disk that fills up while results are written: status 1, one sentence, no half-written file.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use super::program::SMALL;

/// Runs the shell `script` in a folder with `file.toml`, `$KRAMERS` being the program; what it prints
/// and its standard error.
fn shell(program: &str, arguments: &[&str], script: &str, folder: &Path) -> (String, String) {
    std::fs::write(folder.join("file.toml"), SMALL).unwrap();
    let output = Command::new(program)
        .args(arguments)
        .args(["-c", script])
        .env("KRAMERS", env!("CARGO_BIN_EXE_kramers"))
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Wants status 1 in one sentence, no temporary file, and no manifest: a record without one is none.
fn failed_whole(stdout: &str, stderr: &str) {
    assert!(stdout.starts_with("status 1\n"), "{stdout}{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("cannot write out/"), "{stderr}");
    for name in ["unfinished", "manifest.json", "report"] {
        assert!(!stdout.contains(name), "{name} in {stdout}");
    }
}

/// A file-size limit of 2 or 1 KiB (as the shell counts in blocks) makes writes fail as a full disk does, in the
/// middle of a file, whether its signal is ignored or would end the process.
#[test]
fn a_write_that_fails_midway_leaves_nothing_half_written() {
    for signal in ["trap '' XFSZ; ", ""] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "{signal}ulimit -f 2; \"$KRAMERS\" run file.toml --out out; echo \"status $?\"; find out"
        );
        let (stdout, stderr) = shell("sh", &[], &script, folder.path());
        failed_whole(&stdout, &stderr);
        assert!(stderr.contains("ulimit -f"), "{stderr}");
        // The finished cell fitted, so --resume need not compute it again.
        assert!(stdout.contains("out/small/cells/"), "{stdout}");
    }
}

/// A file system of 16 KiB in a mount namespace of its own. Where the system grants no such
/// namespace, the test above stands for it.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let namespace = ["--map-root-user", "--mount", "sh"];
    let mount = "mkdir -p out && mount -t tmpfs -o size=16k tmpfs out";
    let granted = Command::new("unshare")
        .args(namespace)
        .args(["-c", mount])
        .current_dir(folder.path())
        .status();
    if !granted.is_ok_and(|status| status.success()) {
        eprintln!("no mount namespace here: the full disk itself is not tested");
        return;
    }
    let script =
        format!("{mount} && \"$KRAMERS\" run file.toml --out out; echo \"status $?\"; find out");
    let (stdout, stderr) = shell("unshare", &namespace, &script, folder.path());
    failed_whole(&stdout, &stderr);
    assert!(stderr.contains("the disk is full"), "{stderr}");
    assert!(stderr.contains("--resume"), "{stderr}");
}
