//! What a claim is, the rule that decides claims, and the verdicts.

mod advice;
pub mod claim;
pub mod forecast;
pub mod overall;
pub mod power;
pub mod question;
pub mod range;
pub mod rival;
pub mod role;

pub use claim::{Claim, Status};
pub use range::Range;
pub use rival::Rival;
pub use role::Role;

use serde::{Deserialize, Serialize};

pub mod decide;

use measurement::Estimate;

/// What the numbers say of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The interval lies within the claim's tolerance.
    Confirmed,
    /// The interval lies wholly outside the claim's tolerance.
    Refuted,
    /// The interval straddles the tolerance: more particles or seeds are needed.
    Inconclusive,
    /// A condition of the theory itself fails at these parameters.
    OutOfScope,
    /// The experiment leaves the claim to others: none of its cases lies in the regime that the paper states.
    NotDecidedHere,
}

impl Verdict {
    /// Every verdict, in the order in which one of a case decides the whole.
    pub const ALL: [Verdict; 5] = [
        Verdict::Refuted,
        Verdict::Inconclusive,
        Verdict::Confirmed,
        Verdict::OutOfScope,
        Verdict::NotDecidedHere,
    ];

    /// The word for it, the same wherever people read it; files have it with hyphens.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Confirmed => "confirmed",
            Verdict::Refuted => "refuted",
            Verdict::Inconclusive => "inconclusive",
            Verdict::OutOfScope => "out of scope",
            Verdict::NotDecidedHere => "not decided here",
        }
    }
}

/// One decided row: a claim, or one cell of a claim, with everything the verdict rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// The claim's id, e.g. `adai.prop2`.
    pub id: String,
    /// Which part of the claim this row decides, e.g. `Adam, d = 1`.
    pub case: String,
    /// What it is for: only rows that decide count in the claim's overall verdict.
    pub role: Role,
    /// What the numbers say.
    pub verdict: Verdict,
    /// One sentence: why.
    pub why: String,
    /// The claim's tolerance δ, relative.
    pub tolerance: f64,
    /// What is measured, in words with its unit.
    pub quantity: String,
    /// What the paper predicts.
    pub paper: Option<f64>,
    /// What rival theories predict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<Rival>,
    /// The exact reference.
    pub exact: Option<f64>,
    /// What was measured.
    pub measured: Option<Estimate>,
    /// The range that the claim allows, where one estimate is held against one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Range>,
}

impl Ruling {
    /// Whether it counts in the claim's overall verdict.
    pub fn decides(&self) -> bool {
        self.role == Role::Decides
    }
}

/// The lab held against an exact reference: a failed self-check is a bug of the lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// Experiment and cell.
    pub id: String,
    /// Whether measured and exact agree; `None` where there are not enough data to tell.
    pub passed: Option<bool>,
    /// (measured − exact) in standard errors, less what is allowed beside chance; `None` where no chance is involved,
    /// or not enough is known of it.
    pub z: Option<f64>,
    /// The probability of a difference so large or larger, if the lab is right.
    pub p: Option<f64>,
    /// One sentence with the numbers.
    pub why: String,
}

impl SelfCheck {
    /// Whether it refutes the lab.
    pub fn failed(&self) -> bool {
        self.passed == Some(false)
    }
}
