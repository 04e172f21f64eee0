//! The `kramers` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    match kramers::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kramers: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
