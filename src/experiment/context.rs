//! What a run needs beside its file: seed, threads, the folder it writes to, the way to stop it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::{Error, Result};
use crate::simulation::device::Device;

/// Settings of a run, the same for every experiment of it.
pub struct Context {
    /// Root seed.
    pub seed: u64,
    /// `smoke`, `standard` or `paper`.
    pub scale: String,
    /// Folder of the records.
    pub out: PathBuf,
    /// Skip what is finished.
    pub resume: bool,
    /// Lanes in a block, where not left to the ensemble; no result depends on it.
    pub lanes: Option<usize>,
    /// The share of the cells that is run here; all where there is none.
    pub share: Option<Share>,
    /// Where networks are computed.
    pub device: Device,
    /// Set by Ctrl-C.
    pub stop: Arc<AtomicBool>,
    /// Workers.
    pub pool: rayon::ThreadPool,
}

/// Every so-manieth cell of an experiment, counted in the order in which they are run.
#[derive(Debug)]
pub struct Share {
    index: u64,
    of: u64,
    asked: AtomicU64,
}

impl Share {
    /// Cells `index`, `index + of`, …
    pub fn new(index: u64, of: u64) -> Self {
        Share {
            index,
            of,
            asked: AtomicU64::new(0),
        }
    }

    /// Whether the next cell belongs to it.
    pub fn takes_next(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) % self.of == self.index
    }

    /// How many cells are its own, and how many there were.
    pub fn counted(&self) -> (u64, u64) {
        let all = self.asked.load(Ordering::Relaxed);
        ((all + self.of - 1 - self.index) / self.of, all)
    }
}

/// Told how far an experiment has come.
pub trait Progress: Sync {
    /// A cell begins: its label, number of particles, and the counter that counts those that ended.
    fn cell(&self, label: &str, particles: u64, finished: &Arc<AtomicU64>);
    /// A cell is finished.
    fn cell_done(&self);
}

/// Progress that nobody watches.
pub struct Quiet;

impl Progress for Quiet {
    fn cell(&self, _: &str, _: u64, _: &Arc<AtomicU64>) {}
    fn cell_done(&self) {}
}

impl Context {
    /// A context with `threads` workers; 0 takes as many as the machine has.
    ///
    /// # Errors
    /// The workers cannot be started.
    pub fn new(seed: u64, scale: &str, out: PathBuf, threads: usize) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|e| Error::Failed(format!("cannot start {threads} threads: {e}")))?;
        Ok(Context {
            seed,
            scale: scale.to_string(),
            out,
            resume: false,
            lanes: None,
            share: None,
            device: Device::default(),
            stop: Arc::default(),
            pool,
        })
    }

    /// True once Ctrl-C was pressed.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
