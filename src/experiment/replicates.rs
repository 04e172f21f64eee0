//! Training runs of one cell, seed by seed, kept on disk as soon as all of them are finished.

use std::path::Path;
use std::sync::atomic::Ordering;

use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::context::{Context, Progress};
use super::kept::{Piece, kept};
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
    kept(piece, context, progress, folder, |counter| {
        let run = |replicate| {
            let run = cell.run(context, replicate);
            counter.fetch_add(1, Ordering::Relaxed);
            run
        };
        let all = || (0..cell.seeds()).into_par_iter().map(run).collect();
        Ok(context.pool.install(all))
    })
}
