//! Ctrl-C and termination: a run stops within two seconds, wherever it is, and can go on.

use std::path::Path;
#[cfg(unix)]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::error::{Error, Result, STOPPED};
use base::interrupt;
use base::shown;
use experiment::context::Context;
use report::checkpoint::Content;
use report::{atomic, record, shard};

/// Whether a run heeds signals, so that what is finished is kept.
static HEEDED: AtomicBool = AtomicBool::new(false);

/// How long a run has to come to its end by itself, keeping what is finished.
const GRACE: Duration = Duration::from_millis(1500);

/// Sets `stop`, and the flag of [`interrupt`], at the first Ctrl-C (or termination signal). A computation that has not come to its end after a while
/// is ended from here, between two writes; a second signal ends it at once. Files appear whole or not at all, so
/// that either may happen at any moment.
///
/// # Errors
/// The handler cannot be installed.
pub fn install(context: &Context) -> Result<()> {
    #[cfg(unix)]
    limits_are_errors()?;
    let (stop, again, out) = (context.stop.clone(), context.again, context.out.clone());
    let end = move || {
        eprintln!("kramers: stopped; {}; {again}", kept(&out));
        std::process::exit(i32::from(STOPPED));
    };
    HEEDED.store(true, Ordering::Relaxed);
    on_signal(move || {
        stop.store(true, Ordering::Relaxed);
        if interrupt::request() {
            end();
        }
        eprintln!("stopping; press Ctrl-C again to stop at once");
        let end = end.clone();
        std::thread::spawn(move || {
            std::thread::sleep(GRACE);
            let _nothing_is_being_written = atomic::between_writes();
            end();
        });
    })
}

/// Calls `heed` at every signal that asks the program to end. A hangup that it was started to ignore, as under `nohup`, stays
/// ignored.
///
/// # Errors
/// The handler cannot be installed.
#[cfg(unix)]
fn on_signal(heed: impl Fn() + Send + 'static) -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let hangup = ignored.unwrap_or(0) & 1 << (SIGHUP - 1) == 0;
    let heeded = [SIGINT, SIGTERM]
        .into_iter()
        .chain(hangup.then_some(SIGHUP));
    let mut signals = signal_hook::iterator::Signals::new(heeded).map_err(cannot)?;
    std::thread::spawn(move || signals.forever().for_each(|_| heed()));
    Ok(())
}

/// Calls `heed` at every signal that asks the program to end.
///
/// # Errors
/// The handler cannot be installed.
#[cfg(not(unix))]
fn on_signal(heed: impl Fn() + Send + 'static) -> Result<()> {
    ctrlc::set_handler(heed).map_err(cannot)
}

/// Ends the program at the first signal, with the status of what was stopped, until a run heeds signals that keeps what is finished.
pub fn end_at_once() {
    // Without a handler the system ends it.
    let _installed = on_signal(|| {
        if HEEDED.load(Ordering::Relaxed) {
            return;
        }
        eprintln!("kramers: stopped; run the same command again");
        std::process::exit(i32::from(STOPPED));
    });
}

/// What of a run is on the disk that was ended from outside: of what it was at, nothing more is kept.
fn kept(out: &Path) -> String {
    let (mut records, mut found) = (0, Content::default());
    for entry in std::fs::read_dir(out).into_iter().flatten().flatten() {
        let folder = entry.path();
        records += usize::from(record::manifest(&folder).is_file());
        let own = Content::of(&folder.join(shard::CELLS));
        found.cells += own.cells;
        found.parts += own.parts;
    }
    let counted = [
        (records, "finished experiment"),
        (found.cells, "finished cell"),
        (found.parts, "part of a cell"),
    ];
    let there = counted.iter().filter(|(n, _)| *n > 0);
    let there: Vec<String> = there
        .map(|(n, what)| match (*n, *what) {
            (1, what) => format!("1 {what}"),
            (n, "part of a cell") => format!("{n} parts of cells"),
            (n, what) => format!("{n} {what}s"),
        })
        .collect();
    if there.is_empty() {
        return "nothing was finished and nothing is kept".into();
    }
    let out = out.display().to_string();
    format!(
        "{} in {}, and nothing else, is kept",
        there.join(", "),
        shown::line(&out)
    )
}

fn cannot(error: impl std::fmt::Display) -> Error {
    Error::Failed(format!("cannot watch for signals: {error}"))
}

/// A limit on the size of files is an error of the write that meets it, not the end of the process.
#[cfg(unix)]
fn limits_are_errors() -> Result<()> {
    let seen: Arc<AtomicBool> = Arc::default();
    let registered = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
    registered.map(drop).map_err(cannot)
}
