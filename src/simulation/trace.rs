//! What ensembles are asked for and come to: a test holds the bits of all shipped experiments by it.
//!
//! Nothing is noted unless [`begin`] was called; then every driver notes once a run, never once a step.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::random::Stream;

/// A stream that was made, or a run of a driver.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noted {
    /// The key of a stream: a function of the root seed and the cell's name.
    Stream(u64),
    /// What one driver did.
    Run {
        /// Its name.
        driver: &'static str,
        /// The key of its stream.
        stream: u64,
        /// How many particles it had.
        particles: u64,
        /// The steps looked at, or the last one allowed.
        steps: Vec<u64>,
        /// Normals a particle takes a step.
        normals: u64,
        /// FNV-1a of how the particles ended, in their order.
        end: u64,
    },
}

static ON: AtomicBool = AtomicBool::new(false);
static NOTES: Mutex<Vec<Noted>> = Mutex::new(Vec::new());

/// Notes from now on.
pub fn begin() {
    ON.store(true, Ordering::Relaxed);
}

/// What was noted since this was last asked, in ascending order: threads note in any order.
pub fn take() -> Vec<Noted> {
    let mut notes = std::mem::take(&mut *NOTES.lock().unwrap_or_else(PoisonError::into_inner));
    notes.sort();
    notes
}

/// Notes `what`, if anybody wants to know.
pub(super) fn note(what: impl FnOnce() -> Noted) {
    if ON.load(Ordering::Relaxed) {
        let mut notes = NOTES.lock().unwrap_or_else(PoisonError::into_inner);
        notes.push(what());
    }
}

/// Notes a run of a driver.
pub(super) fn run(
    driver: &'static str,
    stream: &Stream,
    particles: u64,
    steps: &[u64],
    normals: usize,
    end: impl IntoIterator<Item = u64>,
) {
    note(|| Noted::Run {
        driver,
        stream: stream.key(),
        particles,
        steps: steps.to_vec(),
        normals: normals as u64,
        end: fnv_1a(end.into_iter().flat_map(u64::to_le_bytes)),
    });
}

/// The bits of a number; one pattern stands for all that are not a number.
pub(super) fn bits(x: f64) -> u64 {
    if x.is_nan() { u64::MAX } else { x.to_bits() }
}

/// The 64-bit hash of Fowler, Noll and Vo, variant 1a.
pub(super) fn fnv_1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}
