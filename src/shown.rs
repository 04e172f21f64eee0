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

/// Most characters of a number in a sentence: seventeen digits, a point and a few zeros.
const LONGEST: usize = 22;

/// A sentence with its numbers short: `1e300` in place of three hundred zeros. What is part of a word or of a path stays.
pub fn numbers(text: &str) -> Cow<'_, str> {
    let in_number = |c: char| c.is_ascii_digit() || c == '.';
    let in_word = |c: char| c.is_alphanumeric() || "_/\\".contains(c);
    let mut short = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(from) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let from = at + from;
        let length = text[from..].find(|c| !in_number(c));
        let to = length.map_or(text.len(), |length| from + length);
        at = to;
        let number = text[from..to].trim_end_matches('.');
        let alone = !text[..from].ends_with(in_word) && !text[to..].starts_with(in_word);
        if number.len() <= LONGEST || !alone {
            continue;
        }
        if let Some(x) = number.parse::<f64>().ok().filter(|x| x.is_finite()) {
            let _ = write!(short, "{}{x:e}", &text[copied..from]);
            copied = from + number.len();
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    Cow::Owned(short + &text[copied..])
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

    #[test]
    fn long_numbers_are_short_and_nothing_else_changes() {
        let said = format!("η = {}, c = {}; h = −{}.", 1e300, 1.25e-300, 3e40);
        assert_eq!(numbers(&said), "η = 1e300, c = 1.25e-300; h = −3e40.");
        let digits = "1".repeat(40);
        for same in [
            format!("cannot read /tmp/{digits}/a{digits}.toml: {digits}_b"),
            "v1.2.3 at 0.1234567890123456 of 18446744073709551615".into(),
            "no number".into(),
            format!("{digits}.{digits}.{digits}"),
        ] {
            assert_eq!(numbers(&same), same);
        }
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
