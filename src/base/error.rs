//! What can go wrong, and the exit status that says so.

use std::path::PathBuf;

use crate::shown::numbers;

/// Every failure the lab reports. Each message says what was wrong, where, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The user's input cannot be used; nothing was run. Exit status 2.
    #[error("{}", numbers(.0))]
    Input(String),
    /// The computation failed, or its self-check refuted it. Exit status 1.
    #[error("{}", numbers(.0))]
    Failed(String),
    /// A file or folder could not be read or written. Exit status 1.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was being done: "cannot write", "cannot read".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// Stopped by Ctrl-C; what was finished is on disk, and the run can go on. Exit status 75.
    #[error("{0}")]
    Interrupted(String),
    /// The cell of this name is another share's: nothing went wrong.
    #[error("{0} belongs to another share of the experiment")]
    Elsewhere(String),
}

impl Error {
    /// The process's exit status: 2 for unusable input, 75 for a run that was stopped and can go on, 1 for
    /// everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Input(_) => 2,
            Error::Interrupted(_) => STOPPED,
            _ => 1,
        }
    }
}

/// Exit status of a run that was stopped and can go on: `EX_TEMPFAIL` of sysexits.h.
pub const STOPPED: u8 = 75;

/// The crate's result type.
pub type Result<T> = std::result::Result<T, Error>;
