//! The claims of *Positive-Negative Momentum* (Xie, Yuan, Zhu, Sugiyama, ICML 2021).

use super::claim::{Claim, claim, network};

const PAPER: &str = "pnm";

/// In the order of the paper.
pub const CLAIMS: &[Claim] = &[
    claim(
        "pnm.eq4",
        PAPER,
        "The variance of the momentum's noise is about σ².",
        Some("pnm/noise-variance.toml"),
    ),
    claim(
        "pnm.eq9",
        PAPER,
        "The variance of PNM's noise is γσ², γ = (1 + β₀)² + β₀².",
        Some("pnm/noise-variance.toml"),
    ),
    claim(
        "pnm.thm4.1",
        PAPER,
        "SGD's stationary covariance solves ΣH + HΣ = ηC.",
        Some("pnm/posterior-rotated.toml"),
    ),
    claim(
        "pnm.eq15",
        PAPER,
        "Σ_sgd = (η/2B) I.",
        Some("pnm/posterior-sgd.toml"),
    ),
    claim(
        "pnm.eq17",
        PAPER,
        "Σ_hb = β₃/(1 − β₁) · (η/2B) I.",
        Some("pnm/posterior-momentum.toml"),
    ),
    claim(
        "pnm.eq19",
        PAPER,
        "Σ_pnm = γ(η/2B) I.",
        Some("pnm/posterior-pnm.toml"),
    ),
    claim(
        "pnm.half",
        PAPER,
        "β₀ = −1/2 recovers conventional momentum.",
        Some("pnm/posterior-pnm.toml"),
    ),
    claim(
        "pnm.thm3.1",
        PAPER,
        "min E‖∇f‖² ≤ C/√t at η of order 1/√t.",
        Some("pnm/convergence.toml"),
    ),
    claim(
        "pnm.eq22",
        PAPER,
        "The KL term of the PAC-Bayes bound falls with γ on [1, 2B/(ηλ)].",
        Some("pnm/pac-bayes.toml"),
    ),
    claim(
        "pnm.thm4.3",
        PAPER,
        "PNM's PAC-Bayes bound is tighter than SGD's.",
        Some("pnm/pac-bayes.toml"),
    ),
    network(
        "pnm.fig4",
        PAPER,
        "PNM memorises fewer noisy labels than SGD with momentum.",
    ),
    network(
        "pnm.fig7",
        PAPER,
        "Generalisation improves over a wide range of β₀ > 0.",
    ),
    network(
        "pnm.fig11",
        PAPER,
        "The noise covariance is proportional to the Hessian.",
    ),
    network("pnm.fig12", PAPER, "Minibatch gradient noise is Gaussian."),
    network(
        "pnm.table1",
        PAPER,
        "Test errors of ten optimizers on CIFAR: PNM and AdaPNM generalise best.",
    ),
];
