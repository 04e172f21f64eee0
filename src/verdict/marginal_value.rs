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
    )
    .known(
        "On a quadratic the lemma leaves nothing out. Elsewhere the remainder is −(η³/6) E[L‴(g + ξ)³] and smaller.",
        "At every η on a quadratic; elsewhere where η|L‴|(|g|² + 3C)|g| is small against |H|(|g|² + C).",
    ),
    claim(
        "mv.sec4.1",
        PAPER,
        "Momentum lowers the variance of a single step by (1 − β)/(1 + β), but hardly that of the end point.",
        Some("marginal-value/noise-of-momentum.toml"),
    )
    .known(
        "Var x_n = η²σ²[n − 2β(1 − βⁿ)/(1 − β²)] from a stationary buffer, which falls short of SGD's nη²σ² by at most η²σ²/(1 − β).",
        "At every n and β from a stationary buffer. From an empty one the deficit is larger, 2β/(1 − β) − β²/(1 − β²) in the end.",
    ),
    claim(
        "mv.thm4.5",
        PAPER,
        "SGDM and SGD are order-(1 − α)/2 weak approximations of each other over O(1/η) steps.",
        Some("marginal-value/weak-approximation.toml"),
    )
    .known(
        "The distance is the lag ηβ/(1 − β) = η^{1−α}/c − η times a constant: the weak order is 1 − α, and (1 − α)/2 is the order of the paths.",
        "As a bound for every α < 1, for η so small that the lag is; at α = .75 that means far below 2⁻⁸.",
    ),
    claim(
        "mv.thm5.5",
        PAPER,
        "SGDM and SGD follow the same slow SDE near a manifold of minima over O(1/η²) steps.",
        Some("marginal-value/slow-manifold.toml"),
    )
    .known(
        "In the valley Y ~ N(y₀e^{−sτ/2}, σ²(1 − e^{−sτ})/s) under noise that follows the Hessian, √W(y₀²e^{y₀² − sτ}) under constant noise; on the ring the angle is a Brownian motion. The bias is of order η and of order ηβ/(1 − β).",
        "For η → 0 and α < 1. With one normal direction α = 1 passes too, since the lag does not change E x².",
    ),
    claim(
        "mv.def6.1",
        PAPER,
        "SVAG keeps the mean of the stochastic gradient and scales its covariance by l.",
        Some("marginal-value/svag.toml"),
    )
    .known(
        "The weights add up to 1 and their squares to l, so that mean and covariance are exact. Skewness is multiplied by (3l − 1)/(2l√l), which tends to 0, excess kurtosis by (l² + 2l − 1)/(2l²), which tends to one half.",
        "Everywhere. A single SVAG gradient does not become Gaussian; the sum of l of them does.",
    ),
    claim(
        "mv.lemmaA.2",
        PAPER,
        "The formulations of SGDM are equivalent.",
        Some("marginal-value/formulations.toml"),
    )
    .known(
        "One path to rounding: the heavy ball of η(1 − β), the libraries' rule without dampening, the two-point form, and θ ← βθ + (1 − β)y with y ← y − ηg(θ).",
        "For constant η and β and an empty buffer. The libraries' rule with dampening is another: its first buffer is g₁.",
    ),
    claim(
        "mv.appB2",
        PAPER,
        "At α = 1 the limit is another one, underdamped.",
        Some("marginal-value/weak-approximation.toml"),
    )
    .known(
        "dX = −M dt, dM = c(∇L(X) − M) dt + cΣ^½ dW, an underdamped Langevin equation.",
        "For every c, over times of order 1/c. On a quadratic with isotropic noise the stationary law of X is SGD's: the limits differ in the transient.",
    ),
    network(
        "mv.fig2",
        PAPER,
        "Under SVAG, trainings by SGD and by SGDM approach each other.",
        Some("marginal-value/fig2.toml"),
    )
    .known(
        "No closed form for a network. Both rules are order-1 weak approximations of one SDE in η/l. Once η/l is stable for SGD, its loss differs from that of SGDM by as much as those of two trainings by SGD on different batches; below, it does not learn at all.",
        "For l at which η/l times the largest curvature is below 2, the bound of SGD; that of SGDM is (1 + β)/(1 − β) times as high.",
    ),
    network(
        "mv.fig1",
        PAPER,
        "On ImageNet, SGD and SGDM reach the same accuracy at small learning rates.",
        Some("marginal-value/fig1.toml"),
    ),
    network(
        "mv.table1",
        PAPER,
        "Fine-tuning RoBERTa, SGD and SGDM do equally well.",
        None,
    ),
];
