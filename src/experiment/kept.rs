//! What is finished stays on disk, and is taken from there under `--resume`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::context::{Context, Progress};
use crate::error::{Error, Result};
use crate::report::checkpoint;
use crate::simulation::random::cell_key;

/// What is run at a time, and kept as one.
pub struct Piece<'a> {
    /// Unique and stable name.
    pub label: &'a str,
    /// All that its result depends on, beside its name and the seed.
    pub settings: serde_json::Value,
    /// What its counter counts up to.
    pub parts: u64,
}

impl<'a> Piece<'a> {
    /// The piece that a cell is.
    pub fn of(label: &'a str, cell: &impl Serialize, parts: u64) -> Self {
        Piece {
            label,
            settings: serde_json::to_value(cell).unwrap_or_default(),
            parts,
        }
    }
}

/// The piece's result as it lies in `folder`, if it is of the same settings and seed and the run resumes; else
/// what `compute` gives, which is then kept. `compute` counts the parts that it has finished, and returns `None`
/// where Ctrl-C stopped it.
///
/// # Errors
/// Ctrl-C, a damaged file, a file that cannot be written, whatever `compute` fails with, or
/// [`Error::Elsewhere`] for a piece of another share.
pub fn kept<T: Serialize + DeserializeOwned>(
    piece: Piece<'_>,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
    compute: impl FnOnce(&AtomicU64) -> Result<Option<T>>,
) -> Result<T> {
    let label = piece.label;
    if context
        .share
        .as_ref()
        .is_some_and(|share| !share.takes_next())
    {
        progress.cell_done();
        return Err(Error::Elsewhere(label.to_string()));
    }
    let key = format!("{:016x}", cell_key(label));
    let identity = serde_json::json!({ "cell": label, "of": piece.settings, "seed": context.seed })
        .to_string();
    let share = context.share_of_next(folder);
    if (context.resume || share.is_some())
        && let Some(done) = checkpoint::load(folder, &key, &identity)?
    {
        progress.cell_done();
        return Ok(done);
    }
    if let Some(again) = share {
        return Err(Error::Input(format!(
            "the shares lack the cell {label}; run `{again}`, and merge again"
        )));
    }
    let counter = Arc::new(AtomicU64::new(0));
    progress.cell(label, piece.parts, &counter);
    let stopped = || {
        let done = if folder.is_dir() {
            format!("what is finished is in {}", folder.display())
        } else {
            "no cell was finished".to_string()
        };
        Error::Interrupted(format!("stopped in {label}; {done}; {}", context.again))
    };
    if context.stopped() {
        return Err(stopped());
    }
    let done = compute(&counter)?.ok_or_else(stopped)?;
    checkpoint::save(folder, &key, &identity, &done)?;
    progress.cell_done();
    Ok(done)
}

/// What `finish` makes of every cell, in order. Where cells belong to another share, those of one's own are
/// finished before that is said.
///
/// # Errors
/// Whatever `finish` fails with.
pub fn each<C, T>(
    cells: impl IntoIterator<Item = C>,
    mut finish: impl FnMut(C) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    let mut elsewhere = None;
    for cell in cells {
        match finish(cell) {
            Ok(done) => all.push(done),
            Err(error @ Error::Elsewhere(_)) => elsewhere = Some(error),
            Err(error) => return Err(error),
        }
    }
    elsewhere.map_or(Ok(all), Err)
}

/// A number, or NaN where JSON has none.
///
/// # Errors
/// It is neither.
pub fn known<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(from)?.unwrap_or(f64::NAN))
}

/// The same of several numbers.
///
/// # Errors
/// One of them is neither.
pub fn known_all<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Vec<f64>, D::Error> {
    let numbers = Vec::<Option<f64>>::deserialize(from)?;
    Ok(numbers.into_iter().map(|x| x.unwrap_or(f64::NAN)).collect())
}

/// What is not finite, as NaN: it comes back so from disk.
pub fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}
