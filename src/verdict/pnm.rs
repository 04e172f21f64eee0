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
    )
    .known(
        "(1 − β₁)/(1 + β₁) σ² is the variance of one step's noise. What equals σ² is the power at zero frequency, which sets the diffusion over many steps.",
        "For β₁ → 0 in a step; for every β₁ over times long against 1/(1 − β₁).",
    ),
    claim(
        "pnm.eq9",
        PAPER,
        "The variance of PNM's noise is γσ², γ = (1 + β₀)² + β₀².",
        Some("pnm/noise-variance.toml"),
    )
    .known(
        "γ(1 − β₁²)/(1 + β₁²) σ² before the algorithm divides its learning rate by √γ, (1 − β₁²)/(1 + β₁²) σ² after: no γ is left. The power at zero frequency is σ².",
        "At β₁ = 0 and without the normalisation of the learning rate.",
    ),
    claim(
        "pnm.thm4.1",
        PAPER,
        "SGD's stationary covariance solves ΣH + HΣ = ηC.",
        Some("pnm/posterior-rotated.toml"),
    )
    .known(
        "ΣH + HΣ − ηHΣH = ηC for SGD; without the third term for its SDE.",
        "To first order in ηH, whether H and C commute or not; for the SDE at every η.",
    ),
    claim(
        "pnm.eq15",
        PAPER,
        "Σ_sgd = (η/2B) I.",
        Some("pnm/posterior-sgd.toml"),
    )
    .known(
        "Var θ = (η/2B)/(1 − ηh/2) along an eigenvector of curvature h, with C = H/B.",
        "For ηh ≪ 1: within 5 % below ηh = 0.1. The covariance is isotropic in that limit only.",
    ),
    claim(
        "pnm.eq17",
        PAPER,
        "Σ_hb = β₃/(1 − β₁) · (η/2B) I.",
        Some("pnm/posterior-momentum.toml"),
    )
    .known(
        "Var θ = β₃/(1 − β₁) · (η/2B)/(1 − ηβ₃h/(2(1 + β₁))) where H and C commute. Where they do not, the lag ηβ₁/(1 − β₁) mixes their directions; the discrete Lyapunov equation holds.",
        "H and C commute and ηβ₃h ≪ 1 + β₁; otherwise ηβ₁h ≪ 1 − β₁.",
    ),
    claim(
        "pnm.eq19",
        PAPER,
        "Σ_pnm = γ(η/2B) I.",
        Some("pnm/posterior-pnm.toml"),
    )
    .known(
        "Σ_pnm → η/(2B√γ) I for ηh → 0, smaller than SGD's. PNM's extra noise lies at the highest frequency, where it telescopes and does not spread θ; the learning rate is divided by √γ.",
        "For two fresh batches a step (eq. 5) at a learning rate that is not normalised, or for an SDE into which γC is put by hand; not for the algorithm.",
    ),
    claim(
        "pnm.half",
        PAPER,
        "β₀ = −1/2 recovers conventional momentum.",
        Some("pnm/posterior-pnm.toml"),
    )
    .known(
        "β₀ = −β₁/(1 + β₁) is momentum step by step, with the learning rate divided by √γ. At β₀ = −½ the noise of a step is (1 + β₁)²/(2(1 + β₁²)) of momentum's, and the normalisation makes the learning rate √2 times as large.",
        "For β₁ → 1, at a learning rate divided by √2.",
    ),
    claim(
        "pnm.thm3.1",
        PAPER,
        "min E‖∇f‖² ≤ C/√t at η of order 1/√t.",
        Some("pnm/convergence.toml"),
    )
    .known(
        "On a quadratic min E‖∇f‖² at η = C/√t is known by recursion at every step. A bound of the theorem's form is proved here for PNM; the rate is decided, and not the paper's constant.",
        "At every t that was run; the least of the looks falls at least as fast as 1/√t.",
    ),
    claim(
        "pnm.eq22",
        PAPER,
        "The KL term of the PAC-Bayes bound falls with γ on [1, 2B/(ηλ)].",
        Some("pnm/pac-bayes.toml"),
    )
    .known(
        "KL(γ) = (n/2)(γκ − 1 − ln γκ) + (λ/2)|θ*|² with κ = λη/(2B) falls on (0, 2B/(ηλ)), where the posterior's covariance meets the prior's. The paper's number .039 is η/(2Bλ), which belongs to a prior of covariance λI.",
        "On the whole interval, for a posterior whose covariance is γκ/λ · I.",
    ),
    claim(
        "pnm.thm4.3",
        PAPER,
        "PNM's PAC-Bayes bound is tighter than SGD's.",
        Some("pnm/pac-bayes.toml"),
    )
    .known(
        "PNM's covariance is about that of SGD over √γ, so that for small κ its divergence from the prior is larger by (n/4) ln γ, and the bound looser for β₀ > 0.",
        "For the two-batch estimator of eq. 5, whose covariance is γ times SGD's; a larger η does as much.",
    ),
    network(
        "pnm.fig4",
        PAPER,
        "PNM memorises fewer noisy labels than SGD with momentum.",
        Some("pnm/fig4.toml"),
    )
    .known(
        "PNM at β₀ moves on average as SGD with momentum at η/√γ, since it divides its learning rate by √γ, γ = (1 + β₀)² + β₀²; the rest of its noise is of the highest frequency.",
        "As stated, at the same η. At the same drift, η/√γ for SGD with momentum, half (β₀ = 1) to nine tenths (β₀ = 6) of the difference is gone.",
    ),
    network(
        "pnm.fig7",
        PAPER,
        "Generalisation improves over a wide range of β₀ > 0.",
        Some("pnm/fig7.toml"),
    )
    .known(
        "As for the memorised labels, β₀ acts through the learning rate η/√γ that PNM really uses; over β₀ in [−1, 0] γ falls to ½ and rises again, and so does the test error.",
        "As stated, at the same η. SGD with momentum at η/√γ gains as much, so that a learning rate that is tuned does.",
    ),
    network(
        "pnm.fig11",
        PAPER,
        "The noise covariance is proportional to the Hessian.",
        None,
    ),
    network(
        "pnm.fig12",
        PAPER,
        "Minibatch gradient noise is Gaussian.",
        None,
    ),
    network(
        "pnm.table1",
        PAPER,
        "Test errors of ten optimizers on CIFAR: PNM and AdaPNM generalise best.",
        Some("pnm/table1.toml"),
    ),
];
