//! What a folder with a share of an experiment says of itself, so that shares can be put together.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::place::is_link;
use super::{atomic, checkpoint, name, seal};
use base::error::{Error, Result};
use base::shown;

/// Its file, beside the finished cells.
pub const FILE: &str = "shard.json";

/// Where finished cells are kept until the record is complete.
pub const CELLS: &str = "cells";

/// Most shares of an experiment.
pub const MOST: u64 = 1_000_000;

/// One of the shares of an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Name of the experiment.
    pub name: String,
    /// The path of its file, for messages.
    pub path: String,
    /// The text of that file.
    pub text: String,
    /// The text of the user's paper that it belongs to, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<String>,
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
    /// Writes it to the experiment's folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let sealed = seal::json(self)
            .map_err(|reason| Error::Failed(format!("cannot encode {FILE}: {reason}")))?;
        atomic::write(&folder.join(FILE), &sealed)
    }

    /// What the folder of an experiment says, if it holds a share.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, is of another version of the lab, or was not written by it.
    pub fn load(folder: &Path) -> Result<Option<Shard>> {
        let file = folder.join(FILE);
        if std::fs::symlink_metadata(&file).is_err() {
            return Ok(None);
        }
        let bytes = atomic::read(&file)?;
        let damaged = |what: String| {
            Error::Failed(format!(
                "{} is damaged: {what}; run that share again, into another folder",
                file.display()
            ))
        };
        seal::check(&bytes).map_err(damaged)?;
        let shard: Shard = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        let refused = |what: String| {
            Error::Input(format!(
                "{}: {what}; this is no share that kramers wrote",
                file.display()
            ))
        };
        name::experiment(&shard.name).map_err(refused)?;
        if !(1..=MOST).contains(&shard.of) || shard.index >= shard.of {
            return Err(refused(format!(
                "share {} of {}: there are 1 to {MOST} shares, numbered from 0",
                shard.index, shard.of
            )));
        }
        if shard.version != env!("CARGO_PKG_VERSION") {
            return Err(Error::Input(format!(
                "{} is of kramers {}, and this is {}, whose numbers may differ; use one version for all shares and to merge them",
                file.display(),
                shard.version,
                env!("CARGO_PKG_VERSION")
            )));
        }
        Ok(Some(shard))
    }

    /// All that lie in `out`, one for each experiment, with their folders.
    ///
    /// # Errors
    /// The folder holds none, or one cannot be used.
    pub fn all(out: &Path) -> Result<Vec<(PathBuf, Shard)>> {
        let entries = std::fs::read_dir(out).map_err(|source| {
            Error::Input(format!(
                "cannot read the folder {}: {source}; give the folders that `kramers shard` wrote to with --out",
                out.display()
            ))
        })?;
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && let Some(shard) = Shard::load(&entry.path())? {
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

    /// The command that runs the rest of it, in the folder `experiment` of its `--out`, as a shell reads it.
    pub fn again(&self, experiment: &Path) -> String {
        let out = experiment
            .parent()
            .filter(|out| !out.as_os_str().is_empty());
        let set = |set: &String| format!(" --set {}", shown::word(set.as_ref()));
        format!(
            "kramers shard {} --index {} --of {} --seed {} --scale {}{} --out {} --resume",
            shown::word(self.path.as_ref()),
            self.index,
            self.of,
            self.seed,
            self.scale,
            self.assignments.iter().map(set).collect::<String>(),
            shown::word(out.unwrap_or(Path::new(".")).as_os_str())
        )
    }
}

/// Copies the finished cells of a share from its folder `from` to the folder `cells`.
///
/// # Errors
/// One is damaged, or a file cannot be read or written.
pub fn gather(shard: &Shard, from: &Path, cells: &Path) -> Result<()> {
    let own = from.join(CELLS);
    if is_link(&own) {
        return Err(Error::Input(format!(
            "{} is a symbolic link, and no share that kramers wrote",
            own.display()
        )));
    }
    let Ok(entries) = std::fs::read_dir(&own) else {
        // A share without a cell of its own.
        return Ok(());
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !checkpoint::is_cell(&name) {
            continue;
        }
        let path = entry.path();
        let bytes = atomic::read(&path)?;
        checkpoint::verify(&bytes).map_err(|what| {
            Error::Failed(format!(
                "{} is damaged: {what}; delete it, run `{}`, and merge again",
                path.display(),
                shard.again(from)
            ))
        })?;
        atomic::write(&cells.join(name), &bytes)?;
    }
    Ok(())
}
