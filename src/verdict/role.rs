//! What a ruling is for.

use serde::{Deserialize, Serialize};

/// What a ruling is for. Only those that decide count in a claim's overall verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It decides the claim.
    #[default]
    Decides,
    /// It asks the same of a system that the paper does not speak of.
    Analogue,
    /// It shows that the lab would see a difference where there is one, or none where there is none.
    Control,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 3] = [Role::Decides, Role::Analogue, Role::Control];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Decides => "decides",
            Role::Control => "control",
            Role::Analogue => "analogue",
        }
    }
}
