//! The seeds of a cell, trained side by side.

use rayon::prelude::*;

use crate::error::Result;
use crate::experiment::context::Context;
use crate::network::device::guarded;

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
