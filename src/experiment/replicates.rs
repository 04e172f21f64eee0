//! Training runs of one cell, seed by seed, kept on disk as soon as all of them are finished.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use super::context::{Context, Progress};
use super::kept::{Come, Piece, kept_parts};
use base::error::Result;

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
    let run = |replicate| Ok(cell.run(context, replicate));
    kept_parts(piece, context, progress, folder, run, |runs| {
        Ok(Come::Whole(runs))
    })
}
