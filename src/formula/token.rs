//! The words and signs of a formula.

use std::fmt;

use crate::function::Comparison;
use crate::mistake::Mistake;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Name(String),
    Word(String),
    Sign(&'static str),
    Comparison(&'static str, Comparison),
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Number(x) => write!(f, "`{x}`"),
            Token::Name(name) => write!(f, "`{name}`"),
            Token::Word(word) => write!(f, "'{word}'"),
            Token::Sign(sign) | Token::Comparison(sign, _) => write!(f, "`{sign}`"),
            Token::End => f.write_str("the end"),
        }
    }
}

/// Digits as exponents, which are letters or numbers to Unicode.
const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁻";

/// Signs of one character.
const SIGNS: [&str; 12] = ["+", "-", "*", "/", "^", "(", ")", ",", "[", "]", ".", "="];

/// What to write instead of signs from elsewhere.
fn instead(rest: &[char]) -> Option<String> {
    match *rest {
        ['*', '*', ..] => Some("a power is written with ^, as in x^2, not with **".into()),
        [c, ..] if RAISED.contains(c) => Some(format!(
            "a power is written with ^, as in x^2, not as a raised `{c}`"
        )),
        [c @ ('·' | '×' | '∙' | '⋅'), ..] => {
            Some(format!("a product is written with *, not `{c}`"))
        }
        [c @ ('−' | '–'), ..] => Some(format!("minus is written as -, not `{c}`")),
        [c @ ('÷' | ':'), ..] => Some(format!("a quotient is written with /, not `{c}`")),
        ['≤', ..] => Some("at most is written with <=, not `≤`".into()),
        ['≥', ..] => Some("at least is written with >=, not `≥`".into()),
        ['{', ..] => Some("brackets are ( and ), not `{`".into()),
        ['&', ..] => Some("conditions that must all hold are written one by one in a list".into()),
        _ => None,
    }
}

/// The tokens of `text`, each with the number of characters before it; the last is the end.
pub(crate) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Mistake> {
    let wrong = |at: usize, what: String| Mistake {
        at,
        what,
        text: text.to_string(),
    };
    let chars: Vec<char> = text.chars().collect();
    let run = |from: usize, belongs: &dyn Fn(char) -> bool| {
        chars[from..].iter().take_while(|c| belongs(**c)).count()
    };
    let letter = |at: usize| {
        chars
            .get(at)
            .is_some_and(|c| c.is_alphabetic() || *c == '_')
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let begin = at;
        if c.is_whitespace() {
            at += 1;
        } else if c == '.' && letter(at + 1) {
            at += 1;
            found.push((begin, Token::Sign(".")));
        } else if c.is_ascii_digit() || c == '.' {
            at += run(at, &|c| c.is_ascii_digit() || c == '.' || c == '_');
            if matches!(chars.get(at), Some('e' | 'E')) {
                let sign = usize::from(matches!(chars.get(at + 1), Some('+' | '-')));
                let digits = chars
                    .get(at + 1 + sign..)
                    .map_or(0, |_| run(at + 1 + sign, &|c| c.is_ascii_digit()));
                if digits > 0 {
                    at += 1 + sign + digits;
                }
            }
            let written: String = chars[begin..at].iter().collect();
            let number: String = written.chars().filter(|c| *c != '_').collect();
            let value: f64 = number
                .parse()
                .map_err(|_| wrong(begin, format!("`{written}` is not a number")))?;
            if !value.is_finite() {
                return Err(wrong(
                    begin,
                    format!("{written} is beyond the range of numbers"),
                ));
            }
            found.push((begin, Token::Number(value)));
        } else if c.is_alphabetic() || c == '_' {
            at += run(at, &|c| {
                (c.is_alphanumeric() || c == '_') && !RAISED.contains(c)
            });
            let name = chars[begin..at].iter().collect();
            found.push((begin, Token::Name(name)));
        } else if c == '\'' || c == '"' {
            let length = run(at + 1, &|other| other != c);
            if at + 1 + length == chars.len() {
                return Err(wrong(begin, format!("this {c} is never closed")));
            }
            let word = chars[at + 1..][..length].iter().collect();
            at += length + 2;
            found.push((begin, Token::Word(word)));
        } else if let Some(instead) = instead(&chars[at..]) {
            return Err(wrong(begin, instead));
        } else {
            let rest: String = chars[at..].iter().take(2).collect();
            let compared = Comparison::SIGNS
                .iter()
                .find(|(sign, _)| rest.starts_with(sign));
            let token = match compared {
                Some((sign, comparison)) => Token::Comparison(sign, *comparison),
                None => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                    Some(sign) => Token::Sign(sign),
                    None => {
                        let what = format!(
                            "`{c}` has no meaning here; there are numbers, names, + - * / ^ ( ) and ,"
                        );
                        return Err(wrong(begin, what));
                    }
                },
            };
            at += match token {
                Token::Comparison(sign, _) => sign.len(),
                _ => 1,
            };
            found.push((begin, token));
        }
    }
    found.push((chars.len(), Token::End));
    Ok(found)
}
