//! What chains came to, direction by direction.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use base::error::Result;
use experiment::kept::known;
use measurement::Estimate;
use measurement::mean::over_seeds;

/// A chain along one eigenvector u of H.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Along {
    /// Mean over its looks of (u·(θ − θ*))².
    #[serde(deserialize_with = "known")]
    pub square: f64,
    /// Mean over its looks of u·(θ − θ*).
    #[serde(deserialize_with = "known")]
    pub shift: f64,
}

/// One chain, direction by direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// From the flattest direction to the sharpest.
    pub along: Vec<Along>,
}

/// A cell with its chains and what is exact about it.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Its chains.
    pub chains: &'a [Chain],
    /// Exact stationary variances.
    pub exact: Vec<f64>,
    /// By how much they are short of it after the burn-in from θ*.
    pub missing: Vec<f64>,
}

impl Outcome<'_> {
    /// The second moment about θ* in one direction: chains are independent, whatever the correlation within them.
    ///
    /// # Errors
    /// Fewer than two chains that stayed finite.
    pub fn square(&self, direction: usize, confidence: f64) -> Result<Estimate> {
        let values = self
            .chains
            .iter()
            .map(|chain| chain.along[direction].square);
        over_chains(values, confidence)
    }

    /// How far the chains' centre is off θ* in one direction.
    ///
    /// # Errors
    /// As [`Outcome::square`].
    pub fn shift(&self, direction: usize, confidence: f64) -> Result<Estimate> {
        let values = self.chains.iter().map(|chain| chain.along[direction].shift);
        over_chains(values, confidence)
    }

    /// The second moment less that of `other` on the same batches, over the exact one.
    ///
    /// # Errors
    /// As [`Outcome::square`].
    pub fn excess(&self, other: &Self, direction: usize, confidence: f64) -> Result<Estimate> {
        let both = self.chains.iter().zip(other.chains);
        let exact = self.exact[direction];
        let values =
            both.map(|(a, b)| (a.along[direction].square - b.along[direction].square) / exact);
        over_chains(values, confidence)
    }
}

fn over_chains(values: impl Iterator<Item = f64>, confidence: f64) -> Result<Estimate> {
    let mut found = over_seeds(values, confidence)?;
    if found.has_interval() {
        found.method = "mean over independent chains, Student interval".into();
    }
    Ok(found)
}

/// Every network cell with the one on its expansion.
pub fn pairs<'a, 'b>(outcomes: &'b [Outcome<'a>]) -> Vec<[&'b Outcome<'a>; 2]> {
    outcomes
        .chunks_exact(2)
        .map(|both| [&both[0], &both[1]])
        .collect()
}
