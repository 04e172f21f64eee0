//! The experiments, papers and rules that ship with the program, which carries them.

use base::error::Result;
use experiment::paper::{FILE, Papers};

/// A file.
pub struct Shipped {
    /// Its path below `experiments/`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// What an experiment's file says under one of the keys at its top.
fn key<'a>(text: &'a str, key: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(key));
    line.and_then(|line| line.split('"').nth(1)).unwrap_or("")
}

/// Whether an experiment is on a data set of the user's, whose folder its file leaves open.
pub fn wants_data(text: &str) -> bool {
    let open = |line: &str| line.split_whitespace().take(3).eq(["folder", "=", "\"\""]);
    text.lines().any(open)
}

/// Whether an experiment is on real networks.
pub fn on_networks(text: &str) -> bool {
    key(text, "protocol").starts_with("network-")
}

/// The experiments, papers and rules that ship with the program.
pub struct Catalogue {
    /// The papers, in the order in which they appeared; before them those that never did.
    pub papers: Papers,
    /// Files of update rules by formula, by their paths.
    pub rules: Vec<&'static Shipped>,
    /// The experiments, in the order in which `reproduce` runs them: paper by paper, as its claims name them, and then by
    /// name. Those on real networks come after all others, and last those on a data set of the user's.
    pub experiments: Vec<&'static Shipped>,
}

impl Catalogue {
    /// Sorts the files that a program carries.
    ///
    /// # Errors
    /// A paper among them cannot be read.
    pub fn of(files: &'static [Shipped]) -> Result<Self> {
        let is_paper = |file: &&Shipped| file.path.rsplit('/').next() == Some(FILE);
        let (papers, others): (Vec<&Shipped>, Vec<&Shipped>) = files.iter().partition(is_paper);
        // An experiment names its protocol.
        let (mut experiments, rules): (Vec<&Shipped>, Vec<&Shipped>) = others
            .into_iter()
            .partition(|file| !key(file.text, "protocol").is_empty());
        let papers: Vec<_> = papers
            .iter()
            .map(|paper| (format!("experiments/{}", paper.path), paper.text))
            .collect();
        let papers = Papers::carried(papers.iter().map(|(path, text)| (path.as_str(), *text)))?;
        experiments.sort_by_key(|file| {
            let folder = file.path.split('/').next().unwrap_or_default();
            let mut all = papers.all().enumerate();
            let paper = all.find(|(_, paper)| paper.folder == folder);
            let claimed = paper.and_then(|(_, paper)| {
                let mut named = paper.claims.iter().flat_map(|claim| claim.files());
                named.position(|named| named == file.path)
            });
            let last = usize::MAX;
            let place = paper.map_or(last, |(place, _)| place);
            let apart = (wants_data(file.text), on_networks(file.text));
            (apart, place, claimed.unwrap_or(last), file.path)
        });
        Ok(Catalogue {
            papers,
            rules,
            experiments,
        })
    }

    /// Where an experiment of that name stands in the order of `reproduce`; after all of them where it is none of them.
    pub fn place(&self, name: &str) -> usize {
        self.experiments
            .iter()
            .position(|shipped| key(shipped.text, "name") == name)
            .unwrap_or(usize::MAX)
    }
}

/// Whether `text` matches a pattern in which `*` stands for any run of characters and `?` for one.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // reach[j]: the pattern so far matches the first j characters.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for p in pattern {
        let mut next = vec![false; text.len() + 1];
        if p == '*' {
            let mut any = false;
            for (j, r) in reach.iter().enumerate() {
                any |= *r;
                next[j] = any;
            }
        } else {
            for j in 0..text.len() {
                next[j + 1] = reach[j] && (p == '?' || p == text[j]);
            }
        }
        reach = next;
    }
    reach[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("adai/*", "adai/fig6.toml", true),
            ("*fig6*", "adai/fig6-wide.toml", true),
            ("fig?", "fig6", true),
            ("fig?", "fig", false),
            ("fig6", "fig66", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
