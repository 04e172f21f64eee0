//! Text as it may be shown: what would act on a terminal or a page stands there as its escape.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character acts on what shows it, instead of standing there: control characters, those that reorder
/// what is around them, and those that are no characters.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// On one line: `\u001b` for an escape, `\u000a` for a line break.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

/// On several lines: line breaks and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| acts(c) && c != '\n' && c != '\t')
}

fn escaped(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) {
            // As in JSON, which may be what the text is: none of these is beyond sixteen bits.
            let _ = write!(safe, "\\u{:04x}", c as u32);
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_and_everything_else_stays() {
        let plain = "β₁ = 0.9, ‖Δc‖ √2 𝜋 — “x²”";
        assert_eq!(line(plain), plain);
        assert_eq!(line("a\u{1b}[31m\r\nb"), "a\\u001b[31m\\u000d\\u000ab");
        assert_eq!(lines("a\n\tb\u{202e}\u{7f}"), "a\n\tb\\u202e\\u007f");
    }

    /// What a JSON document holds is escaped in its own way, and stays a document.
    #[test]
    fn a_document_stays_one() {
        let value = serde_json::json!({ "a": "x\u{1b}\u{7f}\u{202e}\n" });
        let shown = lines(&format!("{value:#}")).into_owned();
        assert!(!shown.contains(|c| acts(c) && c != '\n'));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
