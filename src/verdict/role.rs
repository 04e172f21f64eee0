//! What a ruling is for.

use serde::{Deserialize, Serialize};

/// What a ruling is for. Only those that decide count in a claim's overall verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It decides the claim.
    #[default]
    Decides,
    /// It shows that the lab would see a difference where there is one, or none where there is none.
    Control,
    /// It asks the same of a system that the paper does not speak of.
    Analogue,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 3] = [Role::Decides, Role::Control, Role::Analogue];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Decides => "decides",
            Role::Control => "control",
            Role::Analogue => "analogue",
        }
    }
}
