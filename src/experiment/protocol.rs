//! What every protocol can do, whatever it measures.

use std::fmt::Debug;
use std::path::Path;

use super::context::{Context, Progress};
use super::finding::Finding;
use super::plan::Planned;
use base::error::Result;
use report::npz::Npz;
use report::table::Table;

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

    /// The chance of the right verdict for which a pilot is to choose the particles, where the file asks for that.
    fn power(&self) -> Option<f64> {
        None
    }

    /// Why errors of it do not fall with the number of particles, if some do not.
    fn without_particles(&self) -> Option<String> {
        None
    }

    /// It as one that hands out paths, if it keeps any.
    fn with_paths(&self) -> Option<&dyn Paths> {
        None
    }

    /// The resolved specification, for the manifest.
    fn to_json(&self) -> serde_json::Value;

    /// Runs every cell and decides every claim. `folder` is where finished cells are kept.
    ///
    /// # Errors
    /// Ctrl-C (what is finished stays on disk), or a file that cannot be written.
    fn run(&self, context: &Context, progress: &dyn Progress, folder: &Path) -> Result<Finding>;
}

/// What was seen of each particle.
#[derive(Default)]
pub struct Along {
    /// Whole paths as a table, where the file keeps them.
    pub table: Option<Table>,
    /// Everything as arrays, where the run is asked for them.
    pub arrays: Option<Npz>,
}

/// A protocol that hands out what it saw of each particle, beside what follows from it.
pub trait Paths {
    /// As [`Protocol::run`], with the paths.
    ///
    /// # Errors
    /// As [`Protocol::run`].
    fn run_for_paths(
        &self,
        context: &Context,
        progress: &dyn Progress,
        folder: &Path,
    ) -> Result<(Finding, Along)>;
}
