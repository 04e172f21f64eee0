//! What claims on C and H may speak of.

use serde::Serialize;

use super::compare::Comparison;
use super::look::Look;
use base::error::Result;
use measurement::Estimate;
use measurement::mean::{geometric_over_seeds, over_seeds};

/// Whose labels C and H are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Labels {
    /// Those of the data.
    Data,
    /// Drawn from the network's own probabilities at the same θ, the same draw for C and for H.
    Model,
}

impl Labels {
    /// Both, with their keys and words.
    pub const ALL: [(Labels, &'static str, &'static str); 2] = [
        (Labels::Data, "data", "labels of the data"),
        (Labels::Model, "model", "labels drawn from the network"),
    ];

    /// Whose, in words.
    pub fn words(self) -> &'static str {
        let own = Self::ALL.iter().find(|(labels, ..)| *labels == self);
        own.map_or("", |(_, _, words)| words)
    }

    /// C and H of these labels, where they were compared.
    pub fn of(self, look: &Look) -> Option<&Comparison> {
        match self {
            Labels::Data => Some(&look.data),
            Labels::Model => look.model.as_ref().map(|model| &model.drawn),
        }
    }
}

/// A number that C and H come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// tr C₁/tr H.
    Constant,
    /// Least-squares slope of d on λ.
    Slope,
    /// The same on |λ|.
    SlopeOfSizes,
    /// Pearson's correlation of d and λ.
    Pearson,
    /// Spearman's of d and λ.
    RankSigned,
    /// Spearman's of d and |λ|.
    Rank,
    /// Exponent of d ∝ |λ|ˢ over all directions.
    ExponentOfAll,
    /// The same over the top of the spectrum.
    Exponent,
    /// Correlation of all entries.
    Entries,
    /// Share of the diagonal.
    Share,
    /// Negative mass of H.
    Negative,
}

impl Quantity {
    /// Every quantity with its key in experiment files, and what it is.
    pub const ALL: [(Quantity, &'static str, &'static str); 11] = [
        (Quantity::Constant, "constant", "tr C₁ / tr H"),
        (Quantity::Slope, "slope", "slope of d on λ"),
        (
            Quantity::SlopeOfSizes,
            "slope-of-sizes",
            "slope of d on |λ|",
        ),
        (
            Quantity::Pearson,
            "pearson",
            "Pearson's correlation of d and λ",
        ),
        (
            Quantity::RankSigned,
            "rank-signed",
            "Spearman's correlation of d and λ",
        ),
        (
            Quantity::Rank,
            "rank",
            "Spearman's correlation of d and |λ|",
        ),
        (
            Quantity::ExponentOfAll,
            "exponent-of-all",
            "exponent s of d ∝ |λ|ˢ, all directions",
        ),
        (
            Quantity::Exponent,
            "exponent",
            "exponent s of d ∝ λˢ, top of the spectrum",
        ),
        (
            Quantity::Entries,
            "entries",
            "correlation of all entries of UᵀC₁U and diag λ",
        ),
        (
            Quantity::Share,
            "share",
            "share of the diagonal in ‖UᵀC₁U‖²",
        ),
        (Quantity::Negative, "negative", "negative share of Σ|λ|"),
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

    /// The mean over seeds, its interval cut to what the quantity can be; the geometric mean of the constant, whose
    /// differences are factors.
    ///
    /// # Errors
    /// Fewer than two values.
    pub fn over_seeds(
        self,
        values: impl Iterator<Item = f64>,
        confidence: f64,
    ) -> Result<Estimate> {
        let range = match self {
            Quantity::Constant => return geometric_over_seeds(values, confidence),
            Quantity::Slope | Quantity::SlopeOfSizes => return over_seeds(values, confidence),
            Quantity::Exponent | Quantity::ExponentOfAll => return over_seeds(values, confidence),
            Quantity::Share | Quantity::Negative => (0.0, 1.0),
            Quantity::Pearson | Quantity::RankSigned => (-1.0, 1.0),
            Quantity::Rank | Quantity::Entries => (-1.0, 1.0),
        };
        Ok(over_seeds(values, confidence)?.within(range))
    }

    /// Its value, the top of the spectrum being so many `decades`.
    pub fn of(self, seen: &Comparison, decades: f64) -> f64 {
        match self {
            Quantity::Constant => seen.ratio(),
            Quantity::Slope => seen.slope(|l| l),
            Quantity::SlopeOfSizes => seen.slope(f64::abs),
            Quantity::Pearson => seen.pearson(),
            Quantity::RankSigned => seen.rank(|l| l),
            Quantity::Rank => seen.rank(f64::abs),
            Quantity::ExponentOfAll => seen.exponent(),
            Quantity::Exponent => seen.exponent_of_top(decades),
            Quantity::Entries => seen.entries,
            Quantity::Share => seen.share,
            Quantity::Negative => seen.negative(),
        }
    }
}
