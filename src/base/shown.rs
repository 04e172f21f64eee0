//! Text as it may be shown: what would act on a terminal or a page stands there as its escape.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write;

/// What is not seen, or is seen in others only, by Unicode's properties: Cf (format), Zl and Zp (separators of lines and
/// paragraphs), `Default_Ignorable_Code_Point`. Source: Unicode 16, `DerivedGeneralCategory.txt` and
/// `DerivedCoreProperties.txt`.
const UNSEEN: [(char, char); 25] = [
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{600}', '\u{605}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{6DD}', '\u{6DD}'),
    ('\u{70F}', '\u{70F}'),
    ('\u{890}', '\u{891}'),
    ('\u{8E2}', '\u{8E2}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{2028}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFFB}'),
    ('\u{110BD}', '\u{110BD}'),
    ('\u{110CD}', '\u{110CD}'),
    ('\u{13430}', '\u{1343F}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

/// Whether a character acts on what shows it, instead of standing there, or cannot be seen: control characters, those
/// that reorder or join what is around them, invisible ones, and those that are no characters.
pub fn acts(c: char) -> bool {
    let unseen = || {
        UNSEEN
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&c))
    };
    let none = || matches!(c, '\u{FDD0}'..='\u{FDEF}') || c as u32 & 0xFFFE == 0xFFFE;
    // Most characters are ASCII.
    c.is_control() || !c.is_ascii() && (unseen() || none())
}

/// On one line: `\u001b` for an escape, `\u000a` for a line break.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

/// On several lines: line breaks and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| acts(c) && c != '\n' && c != '\t')
}

/// The numbers from one to another: `[0, 1]`, and `(0, 1]` where the least only keeps out 0.
pub fn interval(low: f64, high: f64) -> String {
    let left = match low > 0.0 && low < 1e-9 {
        true => "(0".to_string(),
        false => format!("[{}", number(low)),
    };
    format!("{left}, {}]", number(high))
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
            // As in JSON, which may be what the text is: beyond sixteen bits two escapes are one character.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// A word of a command as a shell reads it: what was typed comes back, whatever characters are in it, or bytes that are
/// none. In quotes only where it has to be.
pub fn word(text: &OsStr) -> String {
    let bytes = text.as_encoded_bytes();
    // An argument that begins with a dash would be taken for an option.
    let dash = if bytes.starts_with(b"-") { "./" } else { "" };
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(b);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return format!("{dash}{}", text.display());
    }
    match text.to_str() {
        Some(text) if !text.contains(acts) => format!("'{dash}{}'", text.replace('\'', r"'\''")),
        // The form of bash, ksh and zsh in which a control character can be written.
        _ => {
            let mut quoted = format!("$'{dash}");
            for chunk in bytes.utf8_chunks() {
                for c in chunk.valid().chars() {
                    match c {
                        '\'' | '\\' => quoted.extend(['\\', c]),
                        c if acts(c) => octal(&mut quoted, c.encode_utf8(&mut [0; 4]).as_bytes()),
                        c => quoted.push(c),
                    }
                }
                octal(&mut quoted, chunk.invalid());
            }
            quoted + "'"
        }
    }
}

fn octal(into: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(into, "\\{byte:03o}");
    }
}

/// A number as a sentence has it, which has no word for what is none.
pub fn number(x: f64) -> String {
    match x {
        x if x.is_nan() => "no number".into(),
        f64::INFINITY => "more than the largest double".into(),
        f64::NEG_INFINITY => "less than the least double".into(),
        x if x == 0.0 || (1e-5..1e16).contains(&x.abs()) => format!("{x}"),
        x => format!("{x:e}"),
    }
}

/// A relative accuracy, with two digits.
pub fn accuracy(error: f64) -> String {
    if error.is_finite() {
        format!("{error:.1e}")
    } else {
        "more than 1".into()
    }
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

    /// One of every range, its ends among them, and what stands beside the ranges.
    #[test]
    fn what_cannot_be_seen_acts() {
        for c in "\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200d}\u{200f}\u{2029}\u{2060}\u{2064}\u{206f}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{fffb}\u{110cd}\u{1d173}\u{e0001}\u{e007f}\u{e01ef}\u{e0fff}\u{fdd0}\u{fffe}\u{1ffff}\u{10ffff}".chars() {
            assert!(acts(c), "{:x}", c as u32);
        }
        for c in
            "\u{ac}\u{ae}\u{a0}\u{301}\u{606}\u{2010}\u{2027}\u{202f}\u{fffc}\u{fffd}\u{1d172}𝜃△Ω"
                .chars()
        {
            assert!(!acts(c), "{:x}", c as u32);
        }
        assert!(UNSEEN.is_sorted() && UNSEEN.iter().all(|(first, last)| first <= last));
        assert_eq!(line("a\u{e0041}b\u{200b}"), "a\\udb40\\udc41b\\u200b");
    }

    /// What `sh` makes of a word is what it was made from.
    #[cfg(unix)]
    #[test]
    fn a_word_survives_a_shell() {
        use std::os::unix::ffi::OsStrExt;
        let words: [&[u8]; 12] = [
            b"plain/file-1.toml",
            b"",
            b"with space",
            b"it's \"quoted\"",
            b"$HOME `id` $(id) \\n !x",
            b"a;b&c|d>e*?[x]{1,2}~#",
            "η = 0.1".as_bytes(),
            b"line\nbreak",
            b"esc\x1b[31m'\\7",
            "zero\u{200b}width".as_bytes(),
            b"not \xff utf-8",
            b"\xc3",
        ];
        for text in words {
            let word = word(OsStr::from_bytes(text));
            assert!(!word.contains(acts), "{word:?}");
            let shell = if word.starts_with('$') { "bash" } else { "sh" };
            let said = std::process::Command::new(shell)
                .args(["-c", &format!("printf %s {word}")])
                .output();
            // Not every system has bash.
            let Ok(said) = said else { continue };
            assert_eq!(said.stdout, text, "{word}");
        }
        assert_eq!(word(OsStr::new("-x.toml")), "./-x.toml");
    }

    /// What a JSON document holds is escaped in its own way, and stays a document.
    #[test]
    fn a_document_stays_one() {
        let value = serde_json::json!({ "a": "x\u{1b}\u{7f}\u{202e}\u{e0041}\n" });
        let shown = lines(&format!("{value:#}")).into_owned();
        assert!(!shown.contains(|c| acts(c) && c != '\n'));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
