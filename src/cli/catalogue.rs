//! The experiments and papers that ship with the program, which carries them.

use base::error::Result;
use experiment::paper::{FILE, Papers};

/// A file.
pub struct Shipped {
    /// Its path below `experiments/`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Shipped {
    /// What an experiment's file says under one of the keys at its top.
    fn key(&self, key: &str) -> &'static str {
        let line = self.text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split('"').nth(1)).unwrap_or("")
    }

    /// Whether it is on a data set of the user's, whose folder it leaves open.
    fn wants_data(&self) -> bool {
        let open = |line: &str| line.split_whitespace().take(3).eq(["folder", "=", "\"\""]);
        self.text.lines().any(open)
    }
}

/// The experiments and papers that ship with the program.
pub struct Catalogue {
    /// The papers, in the order in which they appeared; before them those that never did.
    pub papers: Papers,
    /// The experiments of the default build, in the order in which `reproduce` runs them: paper by paper, as its claims
    /// name them, and then by name.
    pub experiments: Vec<&'static Shipped>,
    /// Those on real networks, which feature `torch` adds to them.
    pub networks: Vec<&'static Shipped>,
    /// Those on a data set of the user's, which `run` takes with its folder.
    pub on_your_data: Vec<&'static Shipped>,
}

impl Catalogue {
    /// Sorts the files that a program carries.
    ///
    /// # Errors
    /// A paper among them cannot be read.
    pub fn of(files: &'static [Shipped]) -> Result<Self> {
        let is_paper = |file: &&Shipped| file.path.rsplit('/').next() == Some(FILE);
        let (papers, mut experiments): (Vec<&Shipped>, Vec<&Shipped>) =
            files.iter().partition(is_paper);
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
            (place, claimed.unwrap_or(last), file.path)
        });
        let (on_your_data, others): (Vec<&Shipped>, Vec<&Shipped>) =
            experiments.into_iter().partition(|file| file.wants_data());
        let (networks, experiments) = others
            .into_iter()
            .partition(|file| file.key("protocol").starts_with("network-"));
        Ok(Catalogue {
            papers,
            experiments,
            networks,
            on_your_data,
        })
    }

    /// Every experiment, in the order of `reproduce`.
    pub fn all(&self) -> impl Iterator<Item = &'static Shipped> {
        let all = [&self.experiments, &self.networks, &self.on_your_data];
        all.into_iter().flatten().copied()
    }

    /// Where an experiment of that name stands in the order of `reproduce`; after all of them where it is none of them.
    pub fn place(&self, name: &str) -> usize {
        self.all()
            .position(|shipped| shipped.key("name") == name)
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
