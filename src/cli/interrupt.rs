//! Ctrl-C: the first one stops cleanly, the second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::interrupt;

/// Sets `stop`, and the flag of [`interrupt`], at the first Ctrl-C (or termination signal); a second one ends the
/// process.
///
/// # Errors
/// The handler cannot be installed.
pub fn install(stop: Arc<AtomicBool>) -> Result<()> {
    ctrlc::set_handler(move || {
        stop.store(true, Ordering::Relaxed);
        if interrupt::request() {
            std::process::exit(1);
        }
        eprintln!("stopping; press Ctrl-C again to stop at once");
    })
    .map_err(|e| Error::Failed(format!("cannot watch for Ctrl-C: {e}")))
}
