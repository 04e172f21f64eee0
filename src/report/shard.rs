//! What a folder with a share of an experiment says of itself, so that shares can be put together.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic;
use crate::error::{Error, Result};

/// Its file, beside the finished cells.
const FILE: &str = "shard.json";

/// Where finished cells are kept until the record is complete.
pub const CELLS: &str = "cells";

/// One of the shares of an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Name of the experiment.
    pub name: String,
    /// The path of its file, for messages.
    pub path: String,
    /// The text of that file.
    pub text: String,
    /// What was set on top of it.
    pub assignments: Vec<String>,
    /// `smoke`, `standard` or `paper`.
    pub scale: String,
    /// Root seed.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
    /// Which share, from 0.
    pub index: u64,
    /// Of how many.
    pub of: u64,
}

impl Shard {
    /// Writes it to the experiment's folder in `out`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, out: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        atomic::write(&out.join(&self.name).join(FILE), text.as_bytes())
    }

    /// All that lie in `out`, one for each experiment, with their folders.
    ///
    /// # Errors
    /// The folder holds none, or a file cannot be read.
    pub fn all(out: &Path) -> Result<Vec<(PathBuf, Shard)>> {
        let entries = std::fs::read_dir(out).map_err(|source| Error::Io {
            action: "cannot read the folder",
            path: out.to_path_buf(),
            source,
        })?;
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let file = entry.path().join(FILE);
            if file.is_file() {
                let shard = serde_json::from_slice(&atomic::read(&file)?)
                    .map_err(|e| atomic::damaged(&file, e))?;
                found.push((entry.path(), shard));
            }
        }
        if found.is_empty() {
            return Err(Error::Input(format!(
                "{} holds no share of an experiment; give the folders that `kramers shard` wrote to with --out",
                out.display()
            )));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Whether the other is a share of the same whole.
    pub fn belongs_with(&self, other: &Shard) -> bool {
        let whole = |s: &Shard| Shard {
            index: 0,
            path: String::new(),
            ..s.clone()
        };
        whole(self) == whole(other)
    }
}

/// Copies the finished cells of the experiment's folder `from` to that of `to`.
///
/// # Errors
/// A file cannot be read or written.
pub fn gather(from: &Path, to: &Path) -> Result<()> {
    let cells = from.join(CELLS);
    let Ok(entries) = std::fs::read_dir(&cells) else {
        // A share without a cell of its own.
        return Ok(());
    };
    for entry in entries.flatten() {
        let bytes = atomic::read(&entry.path())?;
        atomic::write(&to.join(CELLS).join(entry.file_name()), &bytes)?;
    }
    Ok(())
}
