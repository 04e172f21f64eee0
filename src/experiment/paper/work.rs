//! The fields of a work, wherever in `paper.toml` they stand.

use crate::spec::Section;
use base::error::Result;
use report::bibliography::{Published, Work};
use report::name;

/// What a work may have beside its title, authors, year and place: the key in the file, and BibTeX's.
const MORE: [(&str, &str); 5] = [
    ("volume", "volume"),
    ("number", "number"),
    ("pages", "pages"),
    ("doi", "doi"),
    ("arxiv", "eprint"),
];

/// Reads the fields of the work `key`; `None` where the section has neither authors nor a year, so that nothing appeared.
///
/// # Errors
/// A field is missing or of the wrong kind, or would break its BibTeX entry.
pub fn read(section: &Section<'_>, key: &str) -> Result<Option<Work>> {
    let text = |key: &'static str| -> Result<Option<String>> {
        let Some(_) = section.get(key) else {
            return Ok(None);
        };
        let text = section.label(key, None)?;
        match breaks(&text) {
            Some(what) => Err(section.error(key, what)),
            None => Ok(Some(text)),
        }
    };
    let title = text("title")?;
    let authors = section.texts("authors")?;
    let mut more = Vec::new();
    for (key, field) in MORE {
        more.extend(text(key)?.map(|value| (field.to_string(), value)));
    }
    let published = match (text("venue")?, text("journal")?) {
        (Some(venue), None) => Published::Venue(venue),
        (None, Some(journal)) => Published::Journal(journal),
        (None, None) => Published::Elsewhere,
        (Some(_), Some(_)) => {
            let what = "a work has a `venue` (a conference) or a `journal`; leave one out";
            return Err(section.error("journal", what));
        }
    };
    let appeared = section.get("year").is_some();
    if authors.is_empty() && !appeared && more.is_empty() && published == Published::Elsewhere {
        return Ok(None);
    }
    if authors.is_empty() {
        let what = "a work has authors: authors = [\"Family, Given\"]";
        return Err(section.error("authors", what));
    }
    for author in &authors {
        let empty = author.trim().is_empty();
        let nobody = empty.then_some("an author without a name; write \"Family, Given\"");
        let wrong = nobody.or(breaks(author));
        if let Some(what) = wrong {
            return Err(section.error("authors", what));
        }
    }
    Ok(Some(Work {
        key: key.to_string(),
        title: title.unwrap_or_default(),
        authors,
        year: section.integer("year", None, 1600..=2200, "the year in which it appeared")?,
        published,
        more,
    }))
}

/// The key of a paper or a work, which BibTeX must take too.
///
/// # Errors
/// It is missing, or has other characters than letters, digits, - and _.
pub fn key(section: &Section<'_>, key: &'static str) -> Result<String> {
    let name = section.label(key, None)?;
    match name::experiment(&name) {
        Ok(()) => Ok(name),
        Err(_) => {
            let what = format!("`{name}` is no key; use letters, digits, - and _");
            Err(section.error(key, what))
        }
    }
}

/// What in a text would break a BibTeX entry.
fn breaks(text: &str) -> Option<&'static str> {
    const BRACES: &str = "the braces do not match; they enclose what keeps its capitals: {SGD}";
    let mut depth = 0_u32;
    for character in text.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(BRACES),
            '}' => depth -= 1,
            '\\' => return Some("write the letter itself in place of LaTeX: é, not \\'e"),
            _ => {}
        }
    }
    (depth > 0).then_some(BRACES)
}
