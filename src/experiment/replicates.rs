//! Training runs of one cell, seed by seed, kept on disk as soon as all of them are finished.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::context::{Context, Progress};
use crate::error::{Error, Result};
use crate::report::checkpoint;
use crate::simulation::random::cell_key;

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
    let key = format!("{:016x}", cell_key(cell.label()));
    let identity = serde_json::json!({ "cell": cell, "seed": context.seed }).to_string();
    if context.resume
        && let Some(kept) = checkpoint::load(folder, &key, &identity)?
    {
        progress.cell_done();
        return Ok(kept);
    }
    let counter = Arc::new(AtomicU64::new(0));
    progress.cell(cell.label(), cell.seeds(), &counter);
    let found = context.pool.install(|| {
        (0..cell.seeds())
            .into_par_iter()
            .map(|replicate| {
                let run = cell.run(context, replicate);
                counter.fetch_add(1, Ordering::Relaxed);
                run
            })
            .collect::<Option<Vec<_>>>()
    });
    let Some(found) = found else {
        return Err(Error::Interrupted(format!(
            "stopped in {}; finished cells are in {}; run the same command with --resume to go on",
            cell.label(),
            folder.display()
        )));
    };
    checkpoint::save(folder, &key, &identity, &found)?;
    progress.cell_done();
    Ok(found)
}
