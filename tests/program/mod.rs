//! The program as a user starts it, and an experiment that takes it a fraction of a second.

use std::path::Path;

use assert_cmd::Command;

/// SGD leaves a valley of Styblinski–Tang after some 200 steps.
pub const SMALL: &str = r#"name     = "small"
protocol = "escape"
source   = "a test"

[landscape]
name = "styblinski-tang"

[noise]
name = "gaussian"
variance = 20_000.0

[[optimizer]]
name = "sgd"
eta = 0.003

[ensemble]
particles = 64
max_steps = 10_000

[scale.smoke]
ensemble.particles = 32
"#;

/// `kramers`, working in `folder`.
pub fn kramers(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kramers"));
    command.current_dir(folder);
    command
}
