//! Text as it may be shown: what would act on a terminal or a page stands there as its escape.

use std::borrow::Cow;

/// Whether a character acts on what shows it, instead of standing there: control characters, those that reorder
/// what is around them, and those that are no characters.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// On one line: `\u{1b}` for an escape, `\u{a}` for a line break.
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
            safe.extend(c.escape_unicode());
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
        assert_eq!(line("a\u{1b}[31m\r\nb"), "a\\u{1b}[31m\\u{d}\\u{a}b");
        assert_eq!(lines("a\n\tb\u{202e}\u{7f}"), "a\n\tb\\u{202e}\\u{7f}");
    }
}
