//! One thing that is said of a rule: a number, with its interval where it was measured, or why there is none.

use serde::Serialize;

use measurement::Estimate;

/// Digits of a number that is exact, and of one that was measured or summed up from a path.
const EXACT: i32 = 10;
const SUMMED: i32 = 6;

/// Every fact: its name, and what it is. h = 1 and σ² = 1 where nothing is said.
pub const FACTS: &[(&str, &str)] = &[
    (
        "memory",
        "order of the memory: numbers of a coordinate that later updates depend on",
    ),
    (
        "degree",
        "p of u(sg) = sᵖu(g), s > 0: how the update scales with the gradient",
    ),
    ("first_update", "u/η of the first gradient, of 1"),
    (
        "steady_update",
        "u/η in the long run, of gradients that are 1 at every step",
    ),
    ("impulse", "Σu/η of one gradient of 1 and none behind it"),
    (
        "coasting",
        "Σu/η after 1,000 gradients of 1, with none behind them",
    ),
    (
        "zero_gradient",
        "u/η of gradients that are 0 from the first step on",
    ),
    (
        "effective_rate",
        "effective learning rate over η: mean update over ηḡ for gradients of mean ḡ; of a rule that is not linear at ḡ = 0.1 under noise of σ = 1",
    ),
    (
        "lag",
        "ℓ, mean lag in steps of the response to one gradient among others",
    ),
    (
        "effective_momentum",
        "β of the average that lags as much: ℓ/(1 + ℓ)",
    ),
    (
        "noise_power",
        "power of u/η at frequency 0 for white gradients of variance 1",
    ),
    ("stability_limit", "the ηh from which ½hθ² is unstable"),
    (
        "stationary_variance",
        "stationary variance of θ on ½θ² over that of SGD at equal ηh",
    ),
    (
        "saddle_growth",
        "growth of ln|θ| per step on −½θ², over that of SGD",
    ),
    (
        "saddle_spread",
        "E θ² after 2/η steps from the saddle of −½θ², over that of SGD",
    ),
    (
        "temperature",
        "temperature at which the double well is left: ηsσ²/2, or Var θ on ½θ²",
    ),
    (
        "escape",
        "mean time from −1 to 1 in θ⁴/4 − θ²/2, over the exact mean time of the SDE at this temperature",
    ),
    ("escape_exact", "the same, from the exact discrete chain"),
    ("sde", "the SDE that it follows as η falls"),
];

/// One thing that is said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    /// Its name.
    pub name: &'static str,
    /// The number, where there is one.
    pub value: Option<f64>,
    /// Its interval, where it was measured.
    pub interval: Option<[f64; 2]>,
    /// Coverage of the interval.
    pub confidence: Option<f64>,
    /// How it was found, or why there is no number.
    pub how: String,
}

impl Fact {
    /// A number that is exact.
    pub fn exact(name: &'static str, value: f64, how: &str) -> Self {
        Self::number(name, value, EXACT, how)
    }

    /// A number that was summed up along a path without chance.
    pub fn summed(name: &'static str, value: f64, how: &str) -> Self {
        Self::number(name, value, SUMMED, how)
    }

    fn number(name: &'static str, value: f64, digits: i32, how: &str) -> Self {
        if !value.is_finite() {
            return Self::none(name, "it is no finite number");
        }
        Fact {
            value: Some(rounded(value, digits)),
            ..Self::none(name, how)
        }
    }

    /// A number that was measured.
    pub fn measured(name: &'static str, found: &Estimate, how: &str) -> Self {
        let (Some(value), true) = (found.value, found.has_interval()) else {
            return Self::none(name, &found.method);
        };
        Fact {
            interval: Some([found.ci_low, found.ci_high].map(|x| rounded(x, SUMMED))),
            confidence: Some(found.confidence),
            ..Self::number(name, value, SUMMED, how)
        }
    }

    /// What cannot be said, and why.
    pub fn none(name: &'static str, why: &str) -> Self {
        Fact {
            name,
            value: None,
            interval: None,
            confidence: None,
            how: why.to_string(),
        }
    }

    /// What it is.
    pub fn meaning(&self) -> &'static str {
        let own = FACTS.iter().find(|(name, _)| *name == self.name);
        own.map_or("", |(_, meaning)| *meaning)
    }
}

/// To so many significant digits: two ways to the same number differ in their rounding.
pub fn rounded(x: f64, digits: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    format!("{x:.*e}", digits as usize - 1).parse().unwrap_or(x)
}

/// A curve's number.
pub fn drawn(x: f64) -> f64 {
    rounded(x, SUMMED)
}
