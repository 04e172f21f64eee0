//! What every protocol can do, whatever it measures.

use std::fmt::Debug;
use std::path::Path;

use super::context::{Context, Progress};
use super::finding::Finding;
use super::plan::Planned;
use base::error::Result;

/// A resolved experiment of one protocol.
pub trait Protocol: Debug + Send + Sync {
    /// Its cells, in the order in which they run.
    fn plan(&self) -> Vec<Planned>;

    /// How many cells it has.
    fn cells(&self) -> usize {
        self.plan().len()
    }

    /// About how many bytes it holds at once, beside what any experiment does.
    fn memory(&self) -> u64 {
        0
    }

    /// The key of the file that its memory grows with.
    fn counted(&self) -> &'static str {
        "ensemble.particles"
    }

    /// The resolved specification, for the manifest.
    fn to_json(&self) -> serde_json::Value;

    /// Runs every cell and decides every claim. `folder` is where finished cells are kept.
    ///
    /// # Errors
    /// Ctrl-C (what is finished stays on disk), or a file that cannot be written.
    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding>;
}
