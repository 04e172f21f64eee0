//! For tests: files that must not run.

use super::load::Experiment;
use super::vocabulary::Vocabulary;

/// `file` with each `(old, new, reason)` in turn: the old text stands in it, and with the new one it is refused with a
/// message that holds the reason.
/// # Panics
/// A file is not refused, or for another reason.
pub fn refused(file: &str, changes: &[(&str, &str, &str)]) {
    refused_with(&Vocabulary::default(), file, changes);
}

/// The same, where files may name what `vocabulary` has.
/// # Panics
/// A file is not refused, or for another reason.
pub fn refused_with(vocabulary: &Vocabulary, file: &str, changes: &[(&str, &str, &str)]) {
    for (old, new, reason) in changes {
        assert!(file.contains(old), "{old}");
        let text = file.replacen(old, new, 1);
        let message = Experiment::parse_with("file.toml", &text, "standard", &[], vocabulary)
            .unwrap_err()
            .to_string();
        assert!(message.contains(reason), "{new} | {message}");
    }
}
