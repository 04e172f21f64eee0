//! What is finished stays on disk, and is taken from there under `--resume`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::context::{Context, Progress};
use base::error::{Error, Result};
use report::checkpoint::{self, Content};
use simulation::random::cell_key;

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

/// What the computation of a piece came to.
pub enum Come<T, P> {
    /// All of it.
    Whole(T),
    /// Ctrl-C stopped it; what was finished of it, if that can be taken up again.
    Stopped(Option<P>),
}

impl<T, P> Come<T, P> {
    /// From what can be finished, or stopped with a part.
    pub fn of(result: std::result::Result<T, P>) -> Self {
        match result {
            Ok(whole) => Come::Whole(whole),
            Err(part) => Come::Stopped(Some(part)),
        }
    }
}

/// [`kept_from`] for a piece of which no part can be taken up again: `compute` returns `None` where Ctrl-C stopped it.
///
/// # Errors
/// As [`kept_from`].
pub fn kept<T: Serialize + DeserializeOwned>(
    piece: Piece<'_>,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
    compute: impl FnOnce(&AtomicU64) -> Result<Option<T>>,
) -> Result<T> {
    kept_from(
        piece,
        context,
        progress,
        folder,
        |_: Option<()>, counter| Ok(compute(counter)?.map_or(Come::Stopped(None), Come::Whole)),
    )
}

/// The piece's result as it lies in `folder`, if it is of the same settings and seed and the run resumes; else
/// what `compute` gives, which is then kept. `compute` is given what was finished when it was stopped before, and counts
/// the parts that it has finished.
///
/// # Errors
/// Ctrl-C, a damaged file, a file that cannot be written, whatever `compute` fails with, or
/// [`Error::Elsewhere`] for a piece of another share.
pub fn kept_from<T: Serialize + DeserializeOwned, P: Serialize + DeserializeOwned>(
    piece: Piece<'_>,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
    compute: impl FnOnce(Option<P>, &AtomicU64) -> Result<Come<T, P>>,
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
        return Err(Error::Failed(format!(
            "the shares lack the cell {label}; run `{again}`, and merge again"
        )));
    }
    let counter = Arc::new(AtomicU64::new(0));
    progress.cell(label, piece.parts, &counter);
    let stopped = || {
        let finished = counter.load(Ordering::Relaxed);
        let begun = checkpoint::begun(folder, &key);
        let part = match begun {
            true => format!(" after {finished} of its {} parts", piece.parts),
            false => ", of which nothing is kept".into(),
        };
        let done = if begun || Content::of(folder).cells > 0 {
            format!("what is finished is in {}", folder.display())
        } else {
            "no cell was finished".to_string()
        };
        Error::Interrupted(format!(
            "stopped in {label}{part}; {done}; {}",
            context.again
        ))
    };
    if context.stopped() {
        return Err(stopped());
    }
    let begun = format!("{key}-begun");
    let before = if context.resume {
        checkpoint::load(folder, &begun, &identity)?
    } else {
        None
    };
    match compute(before, &counter)? {
        Come::Whole(done) if !context.keep => {
            progress.cell_done();
            Ok(done)
        }
        Come::Whole(done) => {
            checkpoint::save(folder, &key, &identity, &done)?;
            let _ = std::fs::remove_file(folder.join(format!("{begun}.json")));
            progress.cell_done();
            Ok(done)
        }
        Come::Stopped(Some(part)) if context.keep => {
            checkpoint::save(folder, &begun, &identity, &part)?;
            Err(stopped())
        }
        Come::Stopped(_) => Err(stopped()),
    }
}

/// [`kept_from`] for a piece whose parts have nothing to do with one another: they are computed side by side, each by
/// `part` from its number, which returns `None` where Ctrl-C stopped it. `whole` makes of all of them what is kept.
///
/// # Errors
/// As [`kept_from`].
pub fn kept_parts<T, P>(
    piece: Piece<'_>,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
    part: impl Fn(u64) -> Result<Option<P>> + Sync,
    whole: impl FnOnce(Vec<P>) -> Result<Come<T, Vec<P>>>,
) -> Result<T>
where
    T: Serialize + DeserializeOwned,
    P: Serialize + DeserializeOwned + Send,
{
    let count = piece.parts as usize;
    let compute = |begun: Option<Vec<Option<P>>>, counter: &AtomicU64| {
        let mut begun = begun.unwrap_or_default();
        begun.resize_with(count, || None);
        let one = |(i, before): (usize, Option<P>)| {
            let done = match before {
                None if context.stopped() => None,
                None => part(i as u64)?,
                before => before,
            };
            counter.fetch_add(u64::from(done.is_some()), Ordering::Relaxed);
            Ok(done)
        };
        let all = || begun.into_par_iter().enumerate().map(one).collect();
        let all: Vec<Option<P>> = context.pool.install(|| -> Result<_> { all() })?;
        if all.iter().any(Option::is_none) {
            return Ok(Come::Stopped(Some(all)));
        }
        Ok(match whole(all.into_iter().flatten().collect())? {
            Come::Whole(whole) => Come::Whole(whole),
            Come::Stopped(parts) => {
                Come::Stopped(parts.map(|parts| parts.into_iter().map(Some).collect()))
            }
        })
    };
    kept_from(piece, context, progress, folder, compute)
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
