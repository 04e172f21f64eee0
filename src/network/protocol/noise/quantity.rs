//! What claims on the noise may speak of.

use serde::Serialize;

use super::look::{Fourth, OfBatch, Sampled};

/// Over what the noise is a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// One parameter's, over minibatches: the law of the noise.
    Minibatches,
    /// Along a random direction, over minibatches.
    Projections,
    /// One minibatch's, over parameters.
    Parameters,
}

impl Over {
    /// Every one with its key, and what is sampled.
    pub const ALL: [(Over, &'static str, &'static str); 3] = [
        (
            Over::Minibatches,
            "minibatches",
            "one parameter across minibatches",
        ),
        (
            Over::Projections,
            "projections",
            "a random direction across minibatches",
        ),
        (
            Over::Parameters,
            "parameters",
            "one minibatch across parameters",
        ),
    ];

    /// The keys.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|(_, key, _)| *key).collect()
    }

    /// That of a key.
    pub fn find(key: &str) -> Option<Self> {
        let own = Self::ALL.iter().find(|(_, k, _)| *k == key);
        own.map(|(over, ..)| *over)
    }

    /// What is sampled.
    pub fn words(self) -> &'static str {
        let own = Self::ALL.iter().find(|(over, ..)| *over == self);
        own.map_or("", |(_, _, words)| words)
    }

    fn of(self, seen: &OfBatch) -> &Sampled {
        match self {
            Over::Minibatches => &seen.parameter,
            Over::Projections => &seen.direction,
            Over::Parameters => &seen.minibatch,
        }
    }

    /// The fourth moments, where there is an exact reference.
    pub fn fourth(self, seen: &OfBatch) -> Option<&Fourth> {
        match self {
            Over::Minibatches => Some(&seen.parameters),
            Over::Projections => Some(&seen.directions),
            Over::Parameters => None,
        }
    }
}

/// How Gaussian it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Share of samples that Shapiro and Wilk's test at 5 % lets pass.
    Pass,
    /// Median excess kurtosis.
    Kurtosis,
    /// Median index α̂ of a stable law.
    Tail,
    /// Mean excess kurtosis over κ₁/B, what the central limit theorem says.
    Clt,
}

impl Quantity {
    /// Every quantity with its key in experiment files, and what it is.
    pub const ALL: [(Quantity, &'static str, &'static str); 4] = [
        (
            Quantity::Pass,
            "pass",
            "share that passes the Shapiro–Wilk test at 5 %",
        ),
        (Quantity::Kurtosis, "kurtosis", "median excess kurtosis"),
        (Quantity::Tail, "tail", "median tail index α̂"),
        (Quantity::Clt, "clt", "mean excess kurtosis over κ₁/B"),
    ];

    /// The keys.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|(_, key, _)| *key).collect()
    }

    /// The quantity of a key.
    pub fn find(key: &str) -> Option<Self> {
        let own = Self::ALL.iter().find(|(_, k, _)| *k == key);
        own.map(|(quantity, ..)| *quantity)
    }

    /// What it is.
    pub fn words(self) -> &'static str {
        let own = Self::ALL.iter().find(|(quantity, ..)| *quantity == self);
        own.map_or("", |(_, _, words)| words)
    }

    /// Its value; NaN where there is none.
    pub fn of(self, over: Over, seen: &OfBatch) -> f64 {
        let sampled = over.of(seen);
        match self {
            Quantity::Pass => sampled.pass,
            Quantity::Kurtosis => sampled.kurtosis,
            Quantity::Tail => sampled.tail,
            Quantity::Clt => over
                .fourth(seen)
                .map_or(f64::NAN, |fourth| fourth.mean / fourth.exact),
        }
    }
}
