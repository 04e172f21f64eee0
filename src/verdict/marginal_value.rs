//! The claims of *The Marginal Value of Momentum for Small Learning Rate SGD* (Wang, Malladi, Wang, Lyu, Li, ICLR 2024).

use super::claim::{Claim, claim, network};

const PAPER: &str = "marginal-value";

/// In the order of the paper.
pub const CLAIMS: &[Claim] = &[
    claim(
        "mv.lemma3.4",
        PAPER,
        "In one step of SGD, E ΔL = −η|∇L|² + ½η²(tr HC + ∇LᵀH∇L) up to terms of higher order.",
        Some("marginal-value/descent-quadratic.toml"),
    ),
    claim(
        "mv.sec4.1",
        PAPER,
        "Momentum lowers the variance of a single step by (1 − β)/(1 + β), but hardly that of the end point.",
        Some("marginal-value/noise-of-momentum.toml"),
    ),
    claim(
        "mv.thm4.5",
        PAPER,
        "SGDM and SGD are order-(1 − α)/2 weak approximations of each other over O(1/η) steps.",
        Some("marginal-value/weak-approximation.toml"),
    ),
    claim(
        "mv.thm5.5",
        PAPER,
        "SGDM and SGD follow the same slow SDE near a manifold of minima over O(1/η²) steps.",
        Some("marginal-value/slow-manifold.toml"),
    ),
    claim(
        "mv.def6.1",
        PAPER,
        "SVAG keeps the mean of the stochastic gradient and scales its covariance by l.",
        Some("marginal-value/svag.toml"),
    ),
    claim(
        "mv.lemmaA.2",
        PAPER,
        "The formulations of SGDM are equivalent.",
        Some("marginal-value/formulations.toml"),
    ),
    claim(
        "mv.appB2",
        PAPER,
        "At α = 1 the limit is another one, underdamped.",
        Some("marginal-value/weak-approximation.toml"),
    ),
    network(
        "mv.fig2",
        PAPER,
        "Under SVAG, trainings by SGD and by SGDM approach each other.",
    ),
    network(
        "mv.fig1",
        PAPER,
        "On ImageNet, SGD and SGDM reach the same accuracy at small learning rates.",
    ),
    network(
        "mv.table1",
        PAPER,
        "Fine-tuning RoBERTa, SGD and SGDM do equally well.",
    ),
];
