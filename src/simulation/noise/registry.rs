//! The list of noises: what a file may say in `[noise]`.

use serde::Serialize;

use super::laws::{self, Named};
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
    /// The law of its numbers, where it is one that is drawn and added.
    #[serde(skip)]
    pub law: Option<Named>,
}

/// The entry of a name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
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
    laws::GAUSSIAN,
    laws::STUDENT,
    laws::LAPLACE,
    laws::TWO_POINT,
    laws::STABLE,
    Entry {
        name: "hessian",
        formula: "g = ∇L(θ) + C(θ)^½ξ, C = (|∇²L(θ)| + δI)/B",
        source: "the papers' assumption C ≈ H/B, with a floor",
        parameters: &[
            BATCH,
            Parameter::required("floor", "δ, in units of the unsharpened Hessian"),
        ],
        law: None,
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
        law: None,
    },
    Entry {
        name: "fresh",
        formula: "g = (1/B) Σ_b ∇f(θ − x_b), every x_b new",
        source: "SGD on an infinite pool",
        parameters: &[BATCH, LAW, DEGREES, DATA],
        law: None,
    },
];
