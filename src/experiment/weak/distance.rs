//! How far SGD and SGDM are apart: what is looked at, and one number of it.

use serde::{Deserialize, Serialize};

use super::spec::Family;
use measurement::Estimate;
use prediction::exact::Apart;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// E x − E z.
    Mean,
    /// E x² − E z².
    Second,
    /// √E(x − z)².
    Strong,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Quantity; 3] = [Quantity::Mean, Quantity::Second, Quantity::Strong];

    /// Its largest size over the steps, in symbols.
    pub fn symbol(self) -> &'static str {
        match self {
            Quantity::Mean => "sup |E x − E z|",
            Quantity::Second => "sup |E x² − E z²|",
            Quantity::Strong => "sup √E(x − z)²",
        }
    }

    /// Its part of a comparison.
    pub fn of(self, apart: &Apart) -> f64 {
        match self {
            Quantity::Mean => apart.mean,
            Quantity::Second => apart.second,
            Quantity::Strong => apart.strong,
        }
    }
}

/// The largest distance over the steps at one η.
#[derive(Clone, Debug)]
pub struct Distance {
    /// α and c.
    pub family: Family,
    /// p of η = 2⁻ᵖ.
    pub power: u32,
    /// Of what.
    pub quantity: Quantity,
    /// By the exact recursion, or simulated.
    pub exact: bool,
    /// Its standard error; 0 of the exact recursion.
    pub standard_error: f64,
    /// The number with its interval.
    pub estimate: Estimate,
}
