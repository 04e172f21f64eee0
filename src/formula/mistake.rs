//! What is wrong with a formula, shown at its character.

use std::fmt;

/// What is wrong with a formula, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Characters before the one that is wrong.
    pub at: usize,
    /// What is wrong with it.
    pub what: String,
    /// The formula.
    pub text: String,
}

impl Mistake {
    /// The line of the formula that is wrong, and under it a caret at the character.
    pub fn picture(&self) -> String {
        let before: Vec<char> = self.text.chars().take(self.at).collect();
        let start = before.iter().rposition(|c| *c == '\n').map_or(0, |n| n + 1);
        let line: String = self
            .text
            .chars()
            .skip(start)
            .take_while(|c| *c != '\n')
            .collect();
        format!("\n    {line}\n    {}^", " ".repeat(self.at - start))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "character {}: {}{}",
            self.at + 1,
            self.what,
            self.picture()
        )
    }
}
