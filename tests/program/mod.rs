//! The program as a user starts it, and an experiment that takes it a fraction of a second.

#![allow(dead_code, reason = "every test program uses its own part")]

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use predicates::Predicate;

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
pub fn kramers(folder: &Path) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kramers"));
    command.current_dir(folder).stdin(Stdio::null());
    Program(command)
}

/// A command whose outcome is asserted.
pub struct Program(Command);

impl Program {
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.0.arg(arg);
        self
    }

    pub fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.0.args(args);
        self
    }

    /// Ended from outside after `seconds`, by the system's `timeout`.
    pub fn timeout(&mut self, seconds: u32) -> &mut Self {
        let mut limited = Command::new("timeout");
        limited.arg(seconds.to_string()).arg(self.0.get_program());
        limited.args(self.0.get_args()).stdin(Stdio::null());
        limited.current_dir(self.0.get_current_dir().unwrap_or(Path::new(".")));
        self.0 = limited;
        self
    }

    /// Runs it to its end.
    pub fn assert(&mut self) -> Ended {
        let output = self.0.output().expect("the program starts");
        Ended {
            what: format!("{:?}", self.0),
            output,
        }
    }
}

/// How a command ended.
pub struct Ended {
    what: String,
    output: Output,
}

impl Ended {
    #[track_caller]
    fn hold(self, holds: bool, what: &str) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = &self.output;
        assert!(
            holds,
            "{}: not {what}\n{status}\n{}\n{}",
            self.what,
            String::from_utf8_lossy(stdout),
            String::from_utf8_lossy(stderr)
        );
        self
    }

    #[track_caller]
    pub fn success(self) -> Self {
        let holds = self.output.status.success();
        self.hold(holds, "a success")
    }

    #[track_caller]
    pub fn failure(self) -> Self {
        let holds = !self.output.status.success();
        self.hold(holds, "a failure")
    }

    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        let holds = self.output.status.code() == Some(code);
        self.hold(holds, &format!("status {code}"))
    }

    #[track_caller]
    pub fn stdout(self, text: impl Predicate<str>) -> Self {
        let holds = text.eval(&String::from_utf8_lossy(&self.output.stdout));
        self.hold(holds, &format!("stdout {text}"))
    }

    #[track_caller]
    pub fn stderr(self, text: impl Predicate<str>) -> Self {
        let holds = text.eval(&String::from_utf8_lossy(&self.output.stderr));
        self.hold(holds, &format!("stderr {text}"))
    }

    pub fn get_output(&self) -> &Output {
        &self.output
    }
}
