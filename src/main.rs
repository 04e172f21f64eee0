//! The `kramers` program.

use std::process::ExitCode;

use kramers::base::shown;

fn main() -> ExitCode {
    match kramers::cli::run(&kramers::PROGRAM) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kramers: {}", shown::lines(&error.to_string()));
            ExitCode::from(error.exit_code())
        }
    }
}
