//! The works that experiments rest on, and BibTeX made from their fields.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// A work that records cite by its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The key in [`crate::manifest::Manifest::cites`], and of the BibTeX entry.
    pub key: String,
    /// Its title; what braces enclose keeps its capitals.
    pub title: String,
    /// Family name, comma, given names.
    pub authors: Vec<String>,
    /// When it appeared.
    pub year: u64,
    /// Where it appeared.
    pub published: Published,
    /// Whatever else is known of it, by the names that BibTeX has: `volume`, `number`, `pages`, `doi`, `eprint`.
    pub more: Vec<(String, String)>,
}

/// Where a work appeared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Published {
    /// At a conference.
    Venue(String),
    /// In a journal.
    Journal(String),
    /// Nowhere else than where `eprint` or `doi` lead.
    Elsewhere,
}

impl Work {
    /// Its title as people read it.
    pub fn plain_title(&self) -> String {
        self.title.replace(['{', '}'], "")
    }

    /// Its BibTeX entry.
    pub fn bibtex(&self) -> String {
        let (kind, place) = match &self.published {
            Published::Venue(name) => ("inproceedings", Some(("booktitle", name))),
            Published::Journal(name) => ("article", Some(("journal", name))),
            Published::Elsewhere => ("misc", None),
        };
        let mut fields = vec![
            ("author", self.authors.join(" and ")),
            ("title", self.title.clone()),
        ];
        fields.extend(place.map(|(field, name)| (field, name.clone())));
        for (field, value) in &self.more {
            fields.push((field, value.replace('–', "--")));
            if field == "eprint" {
                fields.push(("archiveprefix", "arXiv".into()));
            }
        }
        fields.push(("year", self.year.to_string()));
        let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut entry = format!("@{kind}{{{}", self.key);
        for (name, value) in fields {
            let value = match name {
                "doi" | "eprint" => value,
                _ => literal(&value),
            };
            let _ = write!(entry, ",\n  {name:width$} = {{{value}}}");
        }
        entry + "\n}"
    }
}

/// Text in which nothing is a command of LaTeX's.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        if "&%#_$".contains(character) {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> Work {
        Work {
            key: "kramers-1940".into(),
            title: "{Brownian} Motion & Reactions".into(),
            authors: vec!["Kramers, Hendrik Anthony".into(), "Hänggi, Peter".into()],
            year: 1940,
            published: Published::Journal("Physica".into()),
            more: vec![
                ("volume".into(), "7".into()),
                ("pages".into(), "284–304".into()),
                ("doi".into(), "10.1016/a_b".into()),
            ],
        }
    }

    #[test]
    fn an_entry_has_every_field() {
        assert_eq!(
            work().bibtex(),
            "@article{kramers-1940,\n  author  = {Kramers, Hendrik Anthony and Hänggi, Peter},\n  \
             title   = {{Brownian} Motion \\& Reactions},\n  journal = {Physica},\n  volume  = {7},\n  \
             pages   = {284--304},\n  doi     = {10.1016/a_b},\n  year    = {1940}\n}"
        );
        assert_eq!(work().plain_title(), "Brownian Motion & Reactions");
    }

    #[test]
    fn what_appeared_nowhere_else_is_known_by_its_number() {
        let preprint = Work {
            published: Published::Elsewhere,
            more: vec![("eprint".into(), "2103.17182".into())],
            ..work()
        };
        let entry = preprint.bibtex();
        assert!(entry.starts_with("@misc{kramers-1940,"), "{entry}");
        assert!(entry.contains("archiveprefix = {arXiv}"), "{entry}");
    }
}
