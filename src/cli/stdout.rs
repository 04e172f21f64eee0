//! Standard output whose reader may go away.

use std::fmt;
use std::io::{ErrorKind, Write};

use base::shown;

/// Writes to standard output. A reader that has gone away (`| head`) ends the process quietly; any
/// other failure is said, with exit status 1.
pub fn write(text: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let text = text.to_string();
    let written = out.write_all(shown::lines(&text).as_bytes());
    if let Err(error) = written.and_then(|()| out.flush()) {
        if error.kind() == ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        eprintln!(
            "kramers: cannot write to standard output: {error}; free some space or redirect it"
        );
        std::process::exit(1);
    }
}

/// Prints a line to standard output by way of [`write`].
macro_rules! say {
    ($($text:tt)*) => {
        $crate::stdout::write(format_args!("{}\n", format_args!($($text)*)))
    };
}
pub(super) use say;
