//! Work off the interpreter's back: it goes on, other threads of Python run, and Ctrl-C stops the work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use kramers::base::interrupt;
use pyo3::prelude::*;

use crate::failure::{Failure, Result};

/// How often the interpreter is asked whether Ctrl-C was pressed.
const SLICE: Duration = Duration::from_millis(50);

/// Work in a thread of its own, and what it came to.
pub struct Work<T> {
    stop: Arc<AtomicBool>,
    done: Arc<(Mutex<Option<Result<T>>>, Condvar)>,
}

impl<T: Send + 'static> Work<T> {
    /// Begins; a panic is a failure. What the work asks by [`interrupt::requested`] is `stop`.
    pub fn begin(stop: Arc<AtomicBool>, work: impl FnOnce() -> Result<T> + Send + 'static) -> Self {
        let done: Arc<(Mutex<Option<Result<T>>>, Condvar)> = Arc::default();
        let (watched, told) = (stop.clone(), done.clone());
        std::thread::spawn(move || {
            interrupt::watch(watched);
            let came = catch_unwind(AssertUnwindSafe(work))
                .unwrap_or_else(|panic| Err(Failure::bug(&*panic)));
            let (came_to, ended) = &*told;
            *came_to.lock().unwrap_or_else(PoisonError::into_inner) = Some(came);
            ended.notify_all();
        });
        Work { stop, done }
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// What it came to, for good, if it has ended.
    fn take(&self) -> Option<Result<T>> {
        let (came_to, _) = &*self.done;
        let mut came_to = came_to.lock().unwrap_or_else(PoisonError::into_inner);
        came_to.take()
    }

    /// What it came to, if it has ended.
    pub fn ended(&self) -> Option<Result<T>>
    where
        T: Clone,
    {
        let (came_to, _) = &*self.done;
        let came_to = came_to.lock().unwrap_or_else(PoisonError::into_inner);
        came_to.clone()
    }

    /// Waits so long at most; true once it has ended.
    ///
    /// # Errors
    /// What a signal raises, Ctrl-C for one.
    pub fn wait(&self, py: Python<'_>, most: Duration) -> PyResult<bool> {
        let begun = std::time::Instant::now();
        loop {
            let left = most.saturating_sub(begun.elapsed());
            let ended = py.detach(|| self.pause(left.min(SLICE)));
            if ended || left.is_zero() {
                return Ok(ended);
            }
            py.check_signals()?;
        }
    }

    fn pause(&self, most: Duration) -> bool {
        let (came_to, ended) = &*self.done;
        let came_to = came_to.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = ended.wait_timeout_while(came_to, most, |came_to| came_to.is_none());
        let (came_to, _) = waited.unwrap_or_else(PoisonError::into_inner);
        came_to.is_some()
    }
}

/// Does the work while the interpreter is free for others, and stops it at a signal.
///
/// # Errors
/// What went wrong, or what the signal raises.
pub fn attended<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&Arc<AtomicBool>) -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let stop: Arc<AtomicBool> = Arc::default();
    let own = stop.clone();
    let work = Work::begin(stop, move || work(&own));
    loop {
        match work.wait(py, Duration::from_secs(1)) {
            Ok(false) => {}
            Ok(true) => break,
            Err(signal) => {
                work.cancel();
                return Err(signal);
            }
        }
    }
    match work.take() {
        Some(came) => Ok(came?),
        None => Err(Failure::bug(&"work that ended without a word").into()),
    }
}
