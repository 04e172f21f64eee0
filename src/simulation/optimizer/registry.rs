//! The list of update rules: names, formulas, hyper-parameters, sources, and how to make one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::block::{BlockOptimizer, Configured};
use super::{
    Rule, WeightDecay, adai::Adai, adam::Adam, heavy_ball::HeavyBall, momentum::Momentum, pnm::Pnm,
    sgd::Sgd, sgdm::Sgdm,
};

/// A hyper-parameter: its name in experiment files, default, allowed range and meaning.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Key in experiment files.
    pub name: &'static str,
    /// Value where the file is silent; `None` means that the file must give it.
    pub default: Option<f64>,
    /// Least allowed value.
    pub low: f64,
    /// Greatest allowed value.
    pub high: f64,
    /// What it does.
    pub meaning: &'static str,
}

const fn parameter(
    name: &'static str,
    default: Option<f64>,
    low: f64,
    high: f64,
    meaning: &'static str,
) -> Parameter {
    Parameter {
        name,
        default,
        low,
        high,
        meaning,
    }
}

const ETA: Parameter = parameter("eta", None, 0.0, 1e6, "η, learning rate");
const L2: Parameter = parameter("l2", Some(0.0), 0.0, 1e6, "λ, L2 penalty added to g");
const DECOUPLED: Parameter = parameter(
    "decoupled_decay",
    Some(0.0),
    0.0,
    1e6,
    "λ, decoupled weight decay",
);
const BELOW_ONE: f64 = 1.0 - f64::EPSILON;
const BETA1: Parameter = parameter(
    "beta1",
    Some(0.9),
    0.0,
    BELOW_ONE,
    "β₁, decay of the momentum",
);

/// An update rule as users see it.
#[derive(Serialize)]
pub struct Entry {
    /// Name in experiment files.
    pub name: &'static str,
    /// The update in the papers' symbols.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its hyper-parameters.
    pub parameters: &'static [Parameter],
    #[serde(skip)]
    build: fn(&Values) -> Box<dyn BlockOptimizer>,
    /// Largest ηh at which the rule is stable on ½hθ², where it has a linear stability limit.
    #[serde(skip)]
    pub stability_limit: Option<fn(&Values) -> f64>,
}

/// Resolved hyper-parameters of one optimizer.
pub type Values = BTreeMap<String, f64>;

fn configured<R: Rule>(rule: R, v: &Values) -> Box<dyn BlockOptimizer> {
    let (l2, decoupled) = (v["l2"], v["decoupled_decay"]);
    let decay = if l2 > 0.0 {
        WeightDecay::L2(l2)
    } else if decoupled > 0.0 {
        WeightDecay::Decoupled(decoupled)
    } else {
        WeightDecay::None
    };
    let eta = v["eta"];
    Box::new(Configured { rule, eta, decay })
}

/// Every update rule of the lab.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "sgd",
        formula: "θ ← θ − ηg",
        source: "Robbins and Monro 1951",
        parameters: &[ETA, L2, DECOUPLED],
        build: |v| configured(Sgd, v),
        stability_limit: Some(|_| 2.0),
    },
    Entry {
        name: "sgdm",
        formula: "m ← β₁m + (1 − β₁)g;  θ ← θ − ηm",
        source: "Wang et al. 2024, Def. 3.3",
        parameters: &[ETA, BETA1, L2, DECOUPLED],
        build: |v| configured(Sgdm { beta1: v["beta1"] }, v),
        stability_limit: Some(|v| 2.0 * (1.0 + v["beta1"]) / (1.0 - v["beta1"])),
    },
    Entry {
        name: "heavy-ball",
        formula: "m ← β₁m + β₃g;  θ ← θ − ηm",
        source: "Polyak 1964; Xie et al. 2021 (PNM), eq. 2",
        parameters: &[
            ETA,
            BETA1,
            parameter(
                "beta3",
                Some(1.0),
                0.0,
                1e6,
                "β₃, weight of the fresh gradient",
            ),
            L2,
            DECOUPLED,
        ],
        build: |v| {
            let (beta1, beta3) = (v["beta1"], v["beta3"]);
            configured(HeavyBall { beta1, beta3 }, v)
        },
        stability_limit: Some(|v| 2.0 * (1.0 + v["beta1"]) / v["beta3"]),
    },
    Entry {
        name: "momentum",
        formula: "b₁ = g₁, b ← μb + (1 − τ)g;  θ ← θ − ηb, or η(g + μb) with nesterov",
        source: "torch.optim.SGD",
        parameters: &[
            ETA,
            parameter("mu", Some(0.9), 0.0, BELOW_ONE, "μ, decay of the buffer"),
            parameter("tau", Some(0.0), 0.0, 1.0, "τ, dampening"),
            parameter("nesterov", Some(0.0), 0.0, 1.0, "1 for Nesterov's form"),
            L2,
            DECOUPLED,
        ],
        build: |v| {
            let (mu, tau, nesterov) = (v["mu"], v["tau"], v["nesterov"] != 0.0);
            configured(Momentum { mu, tau, nesterov }, v)
        },
        stability_limit: None,
    },
    Entry {
        name: "pnm",
        formula: "m_t = β₁²m_{t−2} + (1 − β₁²)g;  θ ← θ − η[(1 + β₀)m_t − β₀m_{t−1}]/√((1 + β₀)² + β₀²)",
        source: "Xie et al. 2021 (PNM), Algorithm 2, and the authors' code",
        parameters: &[
            ETA,
            BETA1,
            parameter(
                "beta0",
                Some(1.0),
                -0.999,
                1e3,
                "β₀, weight of the negative momentum",
            ),
            L2,
            DECOUPLED,
        ],
        build: |v| {
            let (beta1, beta0) = (v["beta1"], v["beta0"]);
            configured(Pnm { beta1, beta0 }, v)
        },
        stability_limit: None,
    },
    Entry {
        name: "adam",
        formula: "m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²;  θ ← θ − η m̂/(√v̂ + ε)",
        source: "Kingma and Ba 2015; Reddi et al. 2018; torch.optim.Adam",
        parameters: &[
            ETA,
            BETA1,
            parameter(
                "beta2",
                Some(0.999),
                0.0,
                BELOW_ONE,
                "β₂, decay of the second moment",
            ),
            parameter("epsilon", Some(1e-8), 0.0, 1e6, "ε, beside the root"),
            parameter("amsgrad", Some(0.0), 0.0, 1.0, "1 for AMSGrad's maximum"),
            L2,
            DECOUPLED,
        ],
        build: |v| {
            let (beta1, beta2, epsilon) = (v["beta1"], v["beta2"], v["epsilon"]);
            let amsgrad = v["amsgrad"] != 0.0;
            configured(
                Adam {
                    beta1,
                    beta2,
                    epsilon,
                    amsgrad,
                },
                v,
            )
        },
        stability_limit: None,
    },
    Entry {
        name: "adai",
        formula: "v ← β₂v + (1 − β₂)g², β₁ = clip(1 − β₀v̂/v̄, 0, 1 − ε), m ← β₁m + (1 − β₁)g;  θ ← θ − η m/(1 − Πβ₁)",
        source: "Xie et al. 2022 (Adai), Algorithm 2, and the authors' code",
        parameters: &[
            ETA,
            parameter("beta0", Some(0.1), 0.0, 1e3, "β₀, scale of 1 − β₁"),
            parameter(
                "beta2",
                Some(0.99),
                0.0,
                BELOW_ONE,
                "β₂, decay of the second moment",
            ),
            parameter("epsilon", Some(1e-3), 0.0, 1.0, "ε, least value of 1 − β₁"),
            L2,
            DECOUPLED,
        ],
        build: |v| {
            let (beta0, beta2, epsilon) = (v["beta0"], v["beta2"], v["epsilon"]);
            configured(
                Adai {
                    beta0,
                    beta2,
                    epsilon,
                },
                v,
            )
        },
        stability_limit: None,
    },
];

impl Entry {
    /// The rule with resolved hyper-parameters: every parameter of the entry must be present.
    pub fn build(&self, values: &Values) -> Box<dyn BlockOptimizer> {
        (self.build)(values)
    }
}

/// The entry of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|e| e.name == name)
}
