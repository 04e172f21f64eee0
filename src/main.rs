//! The `kramers` program.

use std::process::ExitCode;

use kramers::base::shown;
use kramers::cli::Program;

fn main() -> ExitCode {
    let program = Program {
        revision: option_env!("KRAMERS_GIT_REVISION"),
        shipped: kramers::SHIPPED,
    };
    match kramers::cli::run(&program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kramers: {}", shown::lines(&error.to_string()));
            ExitCode::from(error.exit_code())
        }
    }
}
