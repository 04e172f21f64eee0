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
    )
    .known(
        "The error of a step is η²(½H∇L) in the mean: order 1, with C of any dependence on θ.",
        "For smooth L and C, at times ηk that stay fixed as η → 0.",
    ),
    claim(
        "sme.order2",
        PAPER,
        "dθ = −∇(L + (η/4)|∇L|²)dt + √(ηC) dW is one of order 2.",
        Some("modified-equations/weak-error.toml"),
    )
    .known(
        "Mean and covariance of a step agree to η²; what the slope of C adds to them is of order η³.",
        "For smooth L and C; averaged over starts about a maximum of L only below η of 10⁻³, since the constant grows with powers of e^T there.",
    ),
];
