//! Training runs of one cell, seed by seed, kept on disk as soon as all of them are finished.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::context::{Context, Progress};
use super::kept::{Come, Piece, kept_from};
use crate::error::Result;

/// A cell that is run once per seed.
pub trait Replicated: Serialize + Sync {
    /// What a run comes to.
    type Run: Serialize + DeserializeOwned + Send;

    /// Its unique and stable name.
    fn label(&self) -> &str;

    /// How many runs it has.
    fn seeds(&self) -> u64;

    /// The run of one seed; `None` where Ctrl-C was pressed.
    fn run(&self, context: &Context, replicate: u64) -> Option<Self::Run>;
}

/// The runs of a cell: those kept from before, if there are any and they may be used, or new ones.
///
/// # Errors
/// Ctrl-C, or a file that cannot be written or is damaged.
pub fn runs<C: Replicated>(
    cell: &C,
    context: &Context,
    progress: &dyn Progress,
    folder: &Path,
) -> Result<Vec<C::Run>> {
    let piece = Piece::of(cell.label(), cell, cell.seeds());
    let compute = |begun: Option<Vec<Option<C::Run>>>, counter: &AtomicU64| {
        let mut begun = begun.unwrap_or_default();
        begun.resize_with(cell.seeds() as usize, || None);
        let run = |(replicate, before): (usize, Option<C::Run>)| {
            let run = before.or_else(|| cell.run(context, replicate as u64));
            if run.is_some() {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            run
        };
        let all = || begun.into_par_iter().enumerate().map(run).collect();
        let runs: Vec<Option<C::Run>> = context.pool.install(all);
        if runs.iter().all(Option::is_some) {
            return Ok(Come::Whole(runs.into_iter().flatten().collect()));
        }
        Ok(Come::Stopped(Some(runs)))
    };
    kept_from(piece, context, progress, folder, compute)
}
