//! Whether a computation was asked to stop: one question that whatever may take long can ask.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static WATCHED: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// True once Ctrl-C was pressed or a termination signal came, or what this thread works for was asked to stop. Solvers and
/// searches look here between their steps, so that none goes on for more than a moment.
pub fn requested() -> bool {
    let watched = |flag: &RefCell<Option<Arc<AtomicBool>>>| {
        let flag = flag.borrow();
        flag.as_ref().is_some_and(|f| f.load(Ordering::Relaxed))
    };
    REQUESTED.load(Ordering::Relaxed) || WATCHED.with(watched)
}

/// Asks everything that looks at [`requested`] to stop; true where that was asked before.
pub fn request() -> bool {
    REQUESTED.swap(true, Ordering::Relaxed)
}

/// What this thread does from now on stops where `flag` is set, and no other thread does. A program that runs several
/// computations at once has a flag for each.
pub fn watch(flag: Arc<AtomicBool>) {
    WATCHED.with(|watched| *watched.borrow_mut() = Some(flag));
}

/// Asks what this thread works for to stop, where there is a flag for that.
pub fn stop_here() {
    WATCHED.with(|watched| {
        if let Some(flag) = &*watched.borrow() {
            flag.store(true, Ordering::Relaxed);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_stops_the_threads_that_watch_it() {
        let flag: Arc<AtomicBool> = Arc::default();
        let seen = |own: Option<Arc<AtomicBool>>| {
            let look = move || {
                own.into_iter().for_each(watch);
                requested()
            };
            std::thread::spawn(look).join().unwrap()
        };
        assert!(!seen(Some(flag.clone())));
        flag.store(true, Ordering::Relaxed);
        assert!(seen(Some(flag)));
        let own: Arc<AtomicBool> = Arc::default();
        let told = own.clone();
        let stop = move || {
            stop_here();
            watch(told);
            stop_here();
        };
        std::thread::spawn(stop).join().unwrap();
        assert!(own.load(Ordering::Relaxed));
        assert!(!seen(None) && !seen(Some(Arc::default())));
    }
}
