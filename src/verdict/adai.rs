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
    )
    .known(
        "With labels drawn from the model itself C₁ is the Fisher information, and E C₁ = H(1 − 1/n) for softmax regression on n examples. With the labels of the data it is the empirical Fisher information: the shape of C₁ follows H, its size falls with the loss.",
        "While the labels are distributed as the model says: labels drawn from it, or data that it describes and has not fitted.",
    ),
    network(
        "adai.fig1",
        PAPER,
        "On networks C(θ) and H(θ) are proportional, element by element in H's eigenbasis.",
        None,
    ),
    claim(
        "adai.thm1",
        PAPER,
        "SGD's variance along an escape direction of a saddle grows as |H|η/(2B|H|)(e^{2|H|t} − 1).",
        Some("adai/saddle-sgd.toml"),
    )
    .known(
        "SGD: Var θ_T = ηC((1 + ηa)^{2T} − 1)/(a(2 + ηa)) with a = |H|. The SDE: ηC(e^{2aηT} − 1)/(2a), which is the theorem.",
        "For the SDE exactly; for SGD where ηa ≪ 1 and (ηa)²T ≪ 1.",
    ),
    claim(
        "adai.thm2",
        PAPER,
        "Momentum adds a drift term to saddle escape.",
        Some("adai/saddle-momentum.toml"),
    )
    .known(
        "The linear recursion of (θ, m). From an empty or a stationary buffer the mean square lies below SGD's at every time: momentum lags. In the long run it grows by the larger root of z² − (1 + β₁ + ηβ₃a)z + β₁ = 0 per step, which is below 1 + ηa for β₃ = 1 − β₁.",
        "To 5 % where T ≫ 40/(1 − β₁), 4ηa ≪ 1 − β₁ and η²a²T ≪ 1 − β₁: there the drift that the theorem adds is itself negligible.",
    ),
    claim(
        "adai.prop1",
        PAPER,
        "Adam's saddle escape does not depend on the Hessian.",
        Some("adai/saddle-adam.toml"),
    )
    .known(
        "With the preconditioner frozen at 1/√C the mean square is η²[T − 2β₁(1 − β₁ᵀ)/(1 − β₁) + β₁²(1 − β₁²ᵀ)/(1 − β₁²)] as long as √(aB) ηT ≪ 1. It does not depend on H, but the correction to η²T is negative where the proposition adds one.",
        "Independence of the Hessian where √(aB) ηT ≪ 1; the value only for T ≫ 1/(1 − β₁), where the correction no longer matters.",
    ),
    claim(
        "adai.prop3",
        PAPER,
        "Adai's saddle escape is fast and does not depend on the Hessian.",
        Some("adai/saddle-adai.toml"),
    )
    .known(
        "The linear recursion with β₁,ᵢ = 1 − β₀aᵢ/mean(a). The flattest direction has the largest inertia and lags most: there Adai leaves the saddle later than SGD of the same η, not sooner.",
        "In a direction whose relaxation time 1/(1 − β₁,ᵢ) = mean(a)/(β₀aᵢ) is short against T; that is the steep directions, not the flat ones it is about.",
    ),
    claim(
        "adai.thm3",
        PAPER,
        "Momentum's mean escape time is τ = π[√(1 + 4|H_be|/(γ²M)) + 1]/|H_be| · exp[(2γMBΔL/η)(s/H_ae + (1 − s)/|H_be|)].",
        Some("adai/thm3-two-temperatures.toml"),
    )
    .known(
        "In one dimension the exact first-passage time. In the two-temperature model the prefactor of an Itô SDE, which is the limit of SGD, is 2π√(D_b/(D_a H_a |H_b|)); the theorem's is that of the anti-Itô reading. For momentum the factor ½(1 + √(1 + 4|H_b|/γ²M)) is Kramers' for moderate to strong friction. The Klein–Kramers equation has the rate at every friction: it turns over where γΔL is about ω_a T, below which the theorem's rate is too high without bound, and first passage of the saddle itself takes up to 1.8 of half an escape. On a smooth loss with C = |H|/B and no floor the SDE never escapes, since its noise vanishes at the inflection point.",
        "The exponent in the two-temperature model; the prefactor for additive noise, ΔL/T ≫ 1, friction above about half of √|H_b|, exits counted beyond the saddle, and γM = 1.",
    ),
    claim(
        "adai.prop2",
        PAPER,
        "Adam escapes with log τ = O(2√B ΔL/(η√H_ae)): log Γ is linear in 1/√k.",
        Some("adai/prop2-adam.toml"),
    )
    .known(
        "Adam at sharpness k and learning rate η is Adam at sharpness 1 and √k η, step by step (ε = 0), so that log τ depends on √k η alone. Under additive noise τ ∝ e^{A/√k}/√k fits on a true double well.",
        "Noise that does not vanish on the way. Under the paper's own C ∝ |H|, floored, the discrete steps jump the dead zone and 1/k fits better.",
    ),
    claim(
        "adai.prop4",
        PAPER,
        "Adai escapes with log τ = O(2BΔL/(ηH_ae)): log Γ is linear in 1/k.",
        Some("adai/forms-additive-noise.toml"),
    )
    .known(
        "Adai at sharpness k and learning rate η is Adai at sharpness 1 and kη, step by step, so that log τ depends on kη alone; τ ∝ e^{A/k}/k is what a barrier makes of that.",
        "A true double well, once the transient of the start is over; for any noise of minibatches, proportional to the Hessian or not.",
    ),
    claim(
        "adai.fig6",
        PAPER,
        "On 10-D Styblinski–Tang with minibatches, −log Γ is linear in 1/k for SGD, momentum and Adai, and linear in 1/√k for Adam, where k scales the sharpness.",
        Some("adai/fig6-wide-data.toml"),
    )
    .known(
        "The sweep of k is a sweep of η: paths at (k, η) are those at (1, kη), or (1, √k η) for Adam. Linearity in 1/k or 1/√k follows for every loss and noise of this form and cannot test C = H/B. With x ~ N(0, 4I) the averaged loss has a single minimum and no barrier at all.",
        "SGD shows 1/k in the paper's set-up. Momentum and Adai show it on a true double well started at its minimum; in the paper's set-up the transient of the start hides it.",
    ),
    claim(
        "adai.thm4",
        PAPER,
        "Adai converges: min E‖∇L‖² is bounded by O(1/√t).",
        Some("adai/convergence.toml"),
    )
    .known(
        "On a quadratic min E‖∇L‖² at η = C/√t is known by recursion at every step. What is decided here is the rate 1/√t, not the theorem's constant.",
        "At every t that was run; the least of the looks falls at least as fast as 1/√t.",
    ),
    network(
        "adai.fig7",
        PAPER,
        "Adai's minima are flatter than Adam's: smaller top Hessian eigenvalues.",
        Some("adai/fig7.toml"),
    )
    .known(
        "With the cross-entropy the Hessian vanishes as the network fits: λ₁ follows the training loss first, then η, then the rule. Flatness can be compared at equal training loss only.",
        "At equal training loss on small digits, where it depends on how inputs are scaled; at equal epochs Adai has trained further.",
    ),
    network(
        "adai.fig8",
        PAPER,
        "Minibatch noise is Gaussian, not Lévy.",
        None,
    ),
    network(
        "adai.fig14",
        PAPER,
        "Adai's minima have a smaller expected sharpness than Adam's.",
        Some("adai/fig7.toml"),
    )
    .known(
        "As for λ₁: the expected sharpness follows the training loss.",
        "",
    ),
    network(
        "adai.table2",
        PAPER,
        "Test errors of eleven optimizers on CIFAR: Adai generalises best.",
        Some("adai/table2.toml"),
    ),
];
