//! The claims of *Stochastic Modified Equations and Dynamics of Stochastic Gradient Algorithms* (Li, Tai, E, JMLR 2019).

use super::claim::{Claim, claim};

const PAPER: &str = "modified-equations";

/// In the order of the paper.
pub const CLAIMS: &[Claim] = &[
    claim(
        "sme.order1",
        PAPER,
        "dθ = −∇L dt + √(ηC) dW is a weak approximation of SGD of order 1 in η over O(1/η) steps.",
        Some("modified-equations/weak-error.toml"),
    ),
    claim(
        "sme.order2",
        PAPER,
        "dθ = −∇(L + (η/4)|∇L|²)dt + √(ηC) dW is one of order 2.",
        Some("modified-equations/weak-error.toml"),
    ),
];
