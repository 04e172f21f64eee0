//! The claims of *Adaptive Inertia* (Xie, Wang, Zhang, Sato, Sugiyama, ICML 2022).

use super::claim::{Claim, claim, network};

const PAPER: &str = "adai";

/// In the order of the paper.
pub const CLAIMS: &[Claim] = &[
    claim(
        "adai.eq3",
        PAPER,
        "C(θ) ≈ H(θ)/B: the noise covariance of minibatch gradients is the Hessian over the batch size.",
        Some("adai/gradient-noise.toml"),
    ),
    network(
        "adai.fig1",
        PAPER,
        "On networks C(θ) and H(θ) are proportional, element by element in H's eigenbasis.",
    ),
    claim(
        "adai.thm1",
        PAPER,
        "SGD's variance along an escape direction of a saddle grows as |H|η/(2B|H|)(e^{2|H|t} − 1).",
        Some("adai/saddle-sgd.toml"),
    ),
    claim(
        "adai.thm2",
        PAPER,
        "Momentum adds a drift term to saddle escape.",
        Some("adai/saddle-momentum.toml"),
    ),
    claim(
        "adai.prop1",
        PAPER,
        "Adam's saddle escape does not depend on the Hessian.",
        Some("adai/saddle-adam.toml"),
    ),
    claim(
        "adai.prop3",
        PAPER,
        "Adai's saddle escape is fast and does not depend on the Hessian.",
        Some("adai/saddle-adai.toml"),
    ),
    claim(
        "adai.thm3",
        PAPER,
        "Momentum's mean escape time is τ = π[√(1 + 4|H_be|/(γ²M)) + 1]/|H_be| · exp[(2γMBΔL/η)(s/H_ae + (1 − s)/|H_be|)].",
        Some("adai/thm3-two-temperatures.toml"),
    ),
    claim(
        "adai.prop2",
        PAPER,
        "Adam escapes with log τ = O(2√B ΔL/(η√H_ae)): log Γ is linear in 1/√k.",
        Some("adai/prop2-adam.toml"),
    ),
    claim(
        "adai.prop4",
        PAPER,
        "Adai escapes with log τ = O(2BΔL/(ηH_ae)): log Γ is linear in 1/k.",
        Some("adai/forms-additive-noise.toml"),
    ),
    claim(
        "adai.fig6",
        PAPER,
        "On 10-D Styblinski–Tang with minibatches, −log Γ is linear in 1/k for SGD, momentum and Adai, and linear in 1/√k for Adam, where k scales the sharpness.",
        Some("adai/fig6-wide-data.toml"),
    ),
    claim(
        "adai.thm4",
        PAPER,
        "Adai converges: min E‖∇L‖² is bounded by O(1/√t).",
        Some("adai/convergence.toml"),
    ),
    network(
        "adai.fig7",
        PAPER,
        "Adai's minima are flatter than Adam's: smaller top Hessian eigenvalues.",
    ),
    network("adai.fig8", PAPER, "Minibatch noise is Gaussian, not Lévy."),
    network(
        "adai.fig14",
        PAPER,
        "Adai's minima have a smaller expected sharpness than Adam's.",
    ),
    network(
        "adai.table2",
        PAPER,
        "Test errors of eleven optimizers on CIFAR: Adai generalises best.",
    ),
];
