//! What a run needs beside its file: seed, threads, the folder it writes to, the way to stop it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::error::{Error, Result};
use base::interrupt;
use simulation::device::Device;

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
    /// Replace the record of another run.
    pub force: bool,
    /// The git revision of the program, where there is one.
    pub revision: Option<String>,
    /// Keep finished cells on disk, until the record of all stands there.
    pub keep: bool,
    /// Write the paths too, as arrays beside the record.
    pub arrays: bool,
    /// How a run that was stopped goes on.
    pub again: &'static str,
    /// Lanes in a block, where not left to the ensemble; no result depends on it.
    pub lanes: Option<usize>,
    /// The share of the cells that is run here; all where there is none.
    pub share: Option<Share>,
    /// Experiments whose cells were all gathered from shares: none is computed.
    pub gathered: Vec<Gathered>,
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

/// The cells of an experiment that was run in shares.
#[derive(Debug)]
pub struct Gathered {
    /// Where they lie.
    pub cells: PathBuf,
    /// The command that runs the rest of each share, in order.
    pub again: Vec<String>,
    /// How many cells were asked for.
    pub asked: AtomicU64,
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

/// How far an experiment has come, for whoever asks, from any thread.
#[derive(Debug, Default)]
pub struct Advance(Mutex<Current>);

/// The cell under way, and how many are finished.
#[derive(Debug, Default)]
struct Current {
    label: String,
    done: u64,
    finished: Arc<AtomicU64>,
    particles: u64,
}

impl Advance {
    /// How many cells are finished; that under way counts by its particles that ended.
    pub fn cells(&self) -> f64 {
        let current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let finished = current.finished.load(Ordering::Relaxed);
        let part = match current.particles {
            0 => 0.0,
            particles => finished.min(particles) as f64 / particles as f64,
        };
        current.done as f64 + part
    }

    /// The cell under way, or the last that was.
    pub fn label(&self) -> String {
        let current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.label.clone()
    }
}

impl Progress for Advance {
    fn cell(&self, label: &str, particles: u64, finished: &Arc<AtomicU64>) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.label = label.to_string();
        current.finished = finished.clone();
        current.particles = particles;
    }

    fn cell_done(&self) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.done += 1;
        current.particles = 0;
    }
}

/// `threads` workers, 0 as many as the machine has, all of which stop where `stop` is set.
///
/// # Errors
/// They cannot be started.
pub fn workers(threads: usize, stop: &Arc<AtomicBool>) -> Result<rayon::ThreadPool> {
    let stop = stop.clone();
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .start_handler(move |_| interrupt::watch(stop.clone()))
        .build()
        .map_err(|e| Error::Failed(format!("cannot start {threads} threads: {e}")))
}

impl Context {
    /// A context with `threads` workers; 0 takes as many as the machine has.
    ///
    /// # Errors
    /// The workers cannot be started.
    pub fn new(seed: u64, scale: &str, out: PathBuf, threads: usize) -> Result<Self> {
        let stop = Arc::default();
        let pool = workers(threads, &stop)?;
        Ok(Context {
            seed,
            scale: scale.to_string(),
            out,
            resume: false,
            force: false,
            revision: None,
            keep: true,
            arrays: false,
            again: "run the same command with --resume to go on",
            lanes: None,
            share: None,
            gathered: Vec::new(),
            device: Device::default(),
            stop,
            pool,
        })
    }

    /// Another run beside this one, of another seed: it is stopped together with this one, and keeps nothing.
    ///
    /// # Errors
    /// The workers cannot be started.
    pub fn aside(&self, seed: u64) -> Result<Self> {
        Ok(Context {
            seed,
            scale: self.scale.clone(),
            out: PathBuf::new(),
            resume: false,
            force: false,
            revision: None,
            keep: false,
            arrays: false,
            again: self.again,
            lanes: self.lanes,
            share: None,
            gathered: Vec::new(),
            device: self.device,
            stop: self.stop.clone(),
            pool: workers(self.pool.current_num_threads(), &self.stop)?,
        })
    }

    /// The command that runs the share to which the next cell in this folder belongs, if cells were gathered.
    pub fn share_of_next(&self, cells: &Path) -> Option<&str> {
        let gathered = self.gathered.iter().find(|g| g.cells == cells)?;
        let asked = gathered.asked.fetch_add(1, Ordering::Relaxed) as usize;
        gathered
            .again
            .get(asked % gathered.again.len())
            .map(String::as_str)
    }

    /// True once Ctrl-C was pressed.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_under_way_counts_by_its_particles() {
        let (advance, finished) = (Advance::default(), Arc::default());
        assert_eq!((advance.cells(), advance.label()), (0.0, String::new()));
        advance.cell("sgd", 4, &finished);
        finished.store(3, Ordering::Relaxed);
        assert_eq!((advance.cells(), advance.label()), (0.75, "sgd".into()));
        advance.cell_done();
        assert_eq!(advance.cells(), 1.0);
        advance.cell("pnm", 2, &finished);
        assert_eq!(advance.cells(), 2.0);
    }
}
