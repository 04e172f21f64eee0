//! Unusable input: status 2, one sentence with the place and what was expected, and nothing written.

#[path = "program/mod.rs"]
mod program;

#[path = "bad_input/disk.rs"]
mod disk;
#[path = "bad_input/expression.rs"]
mod expression;
#[path = "bad_input/file.rs"]
mod file;
#[path = "bad_input/mutation.rs"]
mod mutation;
#[path = "bad_input/protocols.rs"]
mod protocols;
#[path = "bad_input/values.rs"]
mod values;

use std::path::Path;

use program::kramers;

/// Runs `kramers run file.toml` on `text` and returns the one sentence that refuses it.
fn refusal(text: &str, extra: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.toml"), text).unwrap();
    let mut arguments = vec!["run", "file.toml", "--out", "out"];
    arguments.extend(extra);
    let sentence = refused(folder.path(), &arguments);
    assert!(!folder.path().join("out").exists(), "nothing is written");
    sentence
}

/// Wants status 2, an empty standard output and one line on standard error, which it returns.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let assert = kramers(folder)
        .args(arguments)
        .assert()
        .code(2)
        .stdout(predicates::str::is_empty());
    let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let sentence = stderr.strip_prefix("kramers: ").unwrap();
    sentence.trim_end().to_string()
}

/// Line and column, from 1, of the first `needle` in `text`.
fn place(text: &str, needle: &str) -> String {
    let at = text.find(needle).unwrap();
    let line = text[..at].matches('\n').count() + 1;
    let column = at - text[..at].rfind('\n').map_or(0, |newline| newline + 1) + 1;
    format!("file.toml:{line}:{column}")
}
