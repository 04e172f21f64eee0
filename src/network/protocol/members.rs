//! The seeds of a cell, trained side by side.

use std::path::Path;
use std::sync::atomic::Ordering;

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::schooling::Schooling;
use crate::device::guarded;
use base::error::Result;
use experiment::context::{Context, Progress};
use experiment::kept::{Piece, kept};

/// The trainings of all seeds of the cell called `label`, kept on disk as one: those of before, if they may be used, or
/// what `train` makes of each group of seeds.
///
/// # Errors
/// Ctrl-C, a file that cannot be written or is damaged, or whatever `train` or libtorch fails with.
pub fn seeds_of<T: Serialize + DeserializeOwned + Send>(
    (label, cell, schooling): (&str, &impl Serialize, &Schooling),
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
    train: impl Fn(&[u64]) -> Result<Option<Vec<T>>> + Sync,
) -> Result<Vec<T>> {
    let piece = Piece::of(label, cell, schooling.seeds);
    kept(piece, context, progress, folder, |counter| {
        in_groups(context, schooling.seeds, schooling.together, |group| {
            let runs = train(group)?;
            counter.fetch_add(group.len() as u64, Ordering::Relaxed);
            Ok(runs)
        })
    })
}

/// What `work` makes of the seeds 0, 1, …, `seeds` − 1, `together` of them at a time as one computation; groups run on
/// all workers. Which seeds are together is part of the experiment, not of the machine: sums over a batch depend on it
/// in their last digits. `None` where Ctrl-C was pressed.
///
/// # Errors
/// Whatever `work` or libtorch fails with.
pub fn in_groups<T: Send>(
    context: &Context,
    seeds: u64,
    together: u64,
    work: impl Fn(&[u64]) -> Result<Option<Vec<T>>> + Sync,
) -> Result<Option<Vec<T>>> {
    let all: Vec<u64> = (0..seeds).collect();
    let groups: Vec<&[u64]> = all.chunks(together.max(1) as usize).collect();
    let run = |group: &&[u64]| guarded(|| work(group));
    let found: Vec<Result<Option<Vec<T>>>> = context
        .pool
        .install(|| groups.par_iter().map(run).collect());
    let mut values = Vec::new();
    for group in found {
        match group? {
            Some(own) => values.extend(own),
            None => return Ok(None),
        }
    }
    Ok(Some(values))
}
