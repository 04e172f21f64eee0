//! The experiments and papers that ship with the program, which carries them.

/// A file.
pub struct Shipped {
    /// Its path below `experiments/`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Shipped {
    /// The name that its record bears.
    fn name(&self) -> &str {
        let line = self.text.lines().find(|line| line.starts_with("name"));
        line.and_then(|line| line.split('"').nth(1)).unwrap_or("")
    }
}

/// The experiments and papers that ship with the program.
#[derive(Clone, Copy)]
pub struct Catalogue {
    /// The papers, in the order in which they are listed.
    pub papers: &'static [Shipped],
    /// Those of the default build, in the order in which `reproduce` runs them.
    pub experiments: &'static [Shipped],
    /// Those on real networks, which feature `torch` adds to them.
    pub networks: &'static [Shipped],
    /// Those on a data set of the user's, which `run` takes with its folder.
    pub on_your_data: &'static [Shipped],
}

impl Catalogue {
    /// Every experiment, in the order of `reproduce`.
    pub fn all(&self) -> impl Iterator<Item = &'static Shipped> + use<> {
        let all = [self.experiments, self.networks, self.on_your_data];
        all.into_iter().flatten()
    }

    /// Where an experiment of that name stands in the order of `reproduce`; after all of them where it is none of them.
    pub fn place(&self, name: &str) -> usize {
        self.all()
            .position(|shipped| shipped.name() == name)
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
