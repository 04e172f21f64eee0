//! What a claim is: an id, a paper, a statement, and where it is decided.

use serde::Serialize;

/// A claim of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// The paper's key and the claim's name in it, e.g. `adai.prop2`.
    pub id: String,
    /// The folder of its paper.
    pub paper: String,
    /// Where in the paper it stands; empty where a file states it itself.
    pub place: String,
    /// What the paper says, in its own symbols.
    pub statement: String,
    /// Of a statement that the paper does not print: from what it is derived, and how.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub derived: String,
    /// What holds exactly in its place or beside it, from theory; empty where nothing is known.
    pub exact: String,
    /// Where the paper's statement holds, in words.
    pub regime: String,
    /// The value it predicts, as a formula.
    pub predicts: Option<String>,
    /// What a rival theory predicts in its place, as a formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rival: Option<String>,
    /// The function of the library that says it, where that is a matrix or has no formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theory: Option<String>,
    /// The theory's own conditions, as formulas.
    pub holds: Vec<String>,
    /// Whether it can be decided.
    pub status: Status,
    /// Why it is not decided in full.
    pub why: String,
    /// The experiment file that decides it; `None` where there is none.
    pub experiment: Option<String>,
    /// Further files that decide it beside that one.
    pub also: Vec<String>,
    /// Optional parts of the build without which it cannot be decided.
    pub needs: Vec<String>,
}

/// Whether a claim can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Status {
    /// An experiment decides it.
    #[serde(rename = "decided")]
    Decided,
    /// An experiment decides a part of it.
    #[serde(rename = "decided in part")]
    DecidedInPart,
    /// It is about data that the laboratory does not carry.
    #[serde(rename = "needs data")]
    NeedsData,
    /// Nothing that one could measure follows from it.
    #[serde(rename = "no testable content")]
    NoTestableContent,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 4] = [
        Status::Decided,
        Status::DecidedInPart,
        Status::NeedsData,
        Status::NoTestableContent,
    ];

    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Status::Decided => "decided",
            Status::DecidedInPart => "decided in part",
            Status::NeedsData => "needs data",
            Status::NoTestableContent => "no testable content",
        }
    }

    /// Whether an experiment must decide it.
    pub fn decided(self) -> bool {
        matches!(self, Status::Decided | Status::DecidedInPart)
    }
}

impl Claim {
    /// The files that decide it.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.experiment.iter().chain(&self.also).map(String::as_str)
    }
}
