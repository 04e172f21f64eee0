//! The list of noises: what a file may say in `[noise]`.

use serde::Serialize;

use crate::parameter::Parameter;

/// A noise as users see it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Name in experiment files.
    pub name: &'static str,
    /// The stochastic gradient.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its keys in `[noise]`.
    pub parameters: &'static [Parameter],
}

const BATCH: Parameter = Parameter::required("batch", "B, the batch size");
const LAW: Parameter = Parameter::required(
    "law",
    "\"normal\" (if left out), \"uniform\" or \"student\"",
);
const DEGREES: Parameter = Parameter::new("degrees_of_freedom", 5.0, "ν of Student's law, above 2");
const DATA: Parameter =
    Parameter::required("variance", "variance of each coordinate of a sample x");

/// Every noise.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "gaussian",
        formula: "g = ∇L(θ) + C^½ξ",
        source: "additive noise of constant covariance",
        parameters: &[
            Parameter::required("variance", "C of one coordinate, in place of a covariance"),
            Parameter::required("covariance", "C, a symmetric positive definite matrix"),
            Parameter::required(
                "frame",
                "\"theta\" (if left out), or \"sharpened\": C_θ = kC, as data noise scales",
            ),
        ],
    },
    Entry {
        name: "hessian",
        formula: "g = ∇L(θ) + C(θ)^½ξ, C = (|∇²L(θ)| + δI)/B",
        source: "the papers' assumption C ≈ H/B, with a floor",
        parameters: &[
            BATCH,
            Parameter::required("floor", "δ, in units of the unsharpened Hessian"),
        ],
    },
    Entry {
        name: "stable",
        formula: "g = ∇L(θ) + σS, S symmetric α-stable: E e^{iuS} = e^{−|u|^α}",
        source: "Chambers, Mallows and Stuck 1976",
        parameters: &[
            Parameter::required("alpha", "α, at most 2; 2 is Gaussian of variance 2σ²"),
            Parameter::required("scale", "σ"),
        ],
    },
    Entry {
        name: "minibatch",
        formula: "g = (1/B) Σ_{j ∈ batch} ∇f(θ − x_j), x_1 … x_n a pool",
        source: "SGD on L(θ) = mean_j f(θ − x_j)",
        parameters: &[
            Parameter::required("samples", "n, the size of the pool"),
            BATCH,
            LAW,
            DEGREES,
            DATA,
            Parameter::required("replacement", "true (if left out), or false for epochs"),
        ],
    },
    Entry {
        name: "fresh",
        formula: "g = (1/B) Σ_b ∇f(θ − x_b), every x_b new",
        source: "SGD on an infinite pool",
        parameters: &[BATCH, LAW, DEGREES, DATA],
    },
];
