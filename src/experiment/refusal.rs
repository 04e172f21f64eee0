//! For tests: files that must not run.

use super::load::Experiment;

/// `file` with each `(old, new, reason)` in turn: the old text stands in it, and with the new one it is refused with a
/// message that holds the reason.
pub fn refused(file: &str, changes: &[(&str, &str, &str)]) {
    for (old, new, reason) in changes {
        assert!(file.contains(old), "{old}");
        let text = file.replacen(old, new, 1);
        let message = Experiment::parse("file.toml", &text, "standard", &[])
            .unwrap_err()
            .to_string();
        assert!(message.contains(reason), "{new} | {message}");
    }
}
