//! What went wrong, as one of the package's exceptions.

use kramers::error::Error;
use pyo3::prelude::*;

/// What went wrong, in a form that can be told more than once.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The name of its exception in `kramers_lab.errors`.
    kind: &'static str,
    message: String,
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A fault of the lab itself: what a computation panicked with.
    pub fn bug(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let said = text.or(panic.downcast_ref::<&str>().copied());
        Failure {
            kind: "BugError",
            message: format!(
                "this is a bug of the lab, please report it: {}",
                said.unwrap_or("a panic without words")
            ),
        }
    }

    /// Input that cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Failure {
            kind: "InputError",
            message: message.into(),
        }
    }
}

/// The program's options, and what they are called here.
const OPTIONS: [(&str, &str); 4] = [
    ("--resume", "resume=True"),
    ("--force", "force=True"),
    ("--out", "out"),
    ("--set ", "set "),
];

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Input(_) => "InputError",
            Error::Io { .. } => "FileError",
            Error::Interrupted(_) => "StoppedError",
            _ => "FailedError",
        };
        let said = error.to_string();
        Failure {
            kind,
            message: OPTIONS
                .iter()
                .fold(said, |said, (option, here)| said.replace(option, here)),
        }
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| {
            let exception = py
                .import("kramers_lab.errors")
                .and_then(|errors| errors.getattr(failure.kind))
                .and_then(|kind| kind.call1((failure.message,)));
            exception.map_or_else(|error| error, PyErr::from_value)
        })
    }
}
