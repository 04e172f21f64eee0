//! The command line as a user types it: what each command prints, where, and with which exit status.

#[path = "../program/mod.rs"]
mod program;

mod check;
mod export;
mod kill;
mod listing;
#[cfg(not(feature = "torch"))]
mod network;
mod papers;
mod predict;
mod record;
mod replay;
mod report;
mod resume;
mod run;
mod shard;
mod stop;
mod studies;

use std::path::Path;

use program::kramers;

/// Runs `kramers` in `folder`, wants success, and parses its standard output as one JSON document.
fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let output = kramers(folder).args(arguments).assert().success();
    let output = output.get_output();
    assert!(output.stderr.is_empty(), "a quiet run says nothing beside");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The keys of an object, sorted.
fn keys(value: &serde_json::Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// Wants every one of `wanted` among the keys of `value`.
fn has(value: &serde_json::Value, wanted: &[&str]) {
    for key in wanted {
        assert!(keys(value).contains(key), "{key} is missing in {value}");
    }
}
