//! Whether the program was asked to stop: one flag that whatever may take long can look at.

use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// True once Ctrl-C was pressed or a termination signal came. Solvers and searches look here between their steps, so
/// that none goes on for more than a moment.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Asks everything that looks at [`requested`] to stop; true where that was asked before.
pub fn request() -> bool {
    REQUESTED.swap(true, Ordering::Relaxed)
}
