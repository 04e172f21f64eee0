//! What training runs came to: their courses on disk, and the quantities that claims speak of.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use crate::kept::known;
use base::error::Result;
use measurement::Estimate;
use measurement::mean::over_seeds;

/// A training run at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps taken.
    pub step: u64,
    /// Mean training loss on Z₁.
    #[serde(deserialize_with = "known")]
    pub loss_large: f64,
    /// Mean training loss on Z₂.
    #[serde(deserialize_with = "known")]
    pub loss_small: f64,
    /// Share of the training data classified rightly.
    #[serde(deserialize_with = "known")]
    pub training_accuracy: f64,
    /// Share of fresh large-margin data classified rightly.
    #[serde(deserialize_with = "known")]
    pub large_accuracy: f64,
    /// Share of fresh small-margin data classified rightly.
    #[serde(deserialize_with = "known")]
    pub small_accuracy: f64,
    /// max_r c_r.
    #[serde(deserialize_with = "known")]
    pub feature: f64,
    /// Mean of yΞ over Z₂.
    #[serde(deserialize_with = "known")]
    pub memorised: f64,
    /// max |⟨w_r, X[j]⟩| over the noise of the training data.
    #[serde(deserialize_with = "known")]
    pub noise: f64,
}

/// How far the feature went on what the buffer held when the large-margin data were fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coast {
    /// ‖c − c₀‖ four relaxation times after the fit.
    #[serde(deserialize_with = "known")]
    pub moved: f64,
    /// √(2 L₀ η/(1 − γ)), what conservation of energy predicts.
    #[serde(deserialize_with = "known")]
    pub predicted: f64,
}

/// One training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its save points; the last is its end.
    pub points: Vec<Point>,
    /// Whether it ended by the stopping rule.
    pub converged: bool,
    /// The step at which the large-margin data were fitted.
    pub fitted: Option<u64>,
    /// Where the rule is GD+M and the large-margin data were fitted.
    pub coast: Option<Coast>,
}

impl Run {
    /// The last save point.
    pub fn end(&self) -> Option<&Point> {
        self.points.last()
    }
}

/// What can be decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Test accuracy on small-margin data.
    SmallMarginAccuracy,
    /// Test accuracy on large-margin data.
    LargeMarginAccuracy,
    /// Training accuracy.
    TrainingAccuracy,
    /// Mean training loss over all examples.
    TrainingLoss,
    /// β max_r c_r.
    Feature,
    /// Mean of yΞ over Z₂.
    Memorised,
    /// max |⟨w_r, X[j]⟩| over the noise.
    Noise,
    /// ‖Δc‖ by coasting.
    Coast,
    /// ‖Δc‖ by coasting over what conservation of energy predicts.
    EnergyRatio,
    /// Steps to the end of training.
    Steps,
}

impl Quantity {
    /// Every quantity with its key in experiment files, and what it is.
    pub const ALL: [(Quantity, &'static str, &'static str); 10] = [
        (
            Quantity::SmallMarginAccuracy,
            "small-margin-accuracy",
            "test accuracy on small-margin data",
        ),
        (
            Quantity::LargeMarginAccuracy,
            "large-margin-accuracy",
            "test accuracy on large-margin data",
        ),
        (
            Quantity::TrainingAccuracy,
            "training-accuracy",
            "training accuracy",
        ),
        (Quantity::TrainingLoss, "training-loss", "training loss"),
        (Quantity::Feature, "feature", "β max_r ⟨w_r, w*⟩"),
        (
            Quantity::Memorised,
            "memorised",
            "yΞ, the margin that noise gives to small-margin training data",
        ),
        (
            Quantity::Noise,
            "noise",
            "max |⟨w_r, X[j]⟩| over the training noise",
        ),
        (
            Quantity::Coast,
            "coast",
            "‖Δc‖ by coasting after the fit of the large-margin data",
        ),
        (
            Quantity::EnergyRatio,
            "energy-ratio",
            "‖Δc‖ by coasting / √(2 L₀ η/(1 − γ))",
        ),
        (Quantity::Steps, "steps", "steps to the end of training"),
    ];

    /// The keys.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|(_, key, _)| *key).collect()
    }

    /// The quantity of a key.
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, k, _)| *k == key)
            .map(|(q, _, _)| *q)
    }

    /// What it is.
    pub fn words(self) -> &'static str {
        let own = |(q, _, _): &&(Quantity, _, _)| *q == self;
        Self::ALL.iter().find(own).map_or("", |(_, _, words)| words)
    }

    /// Whether it lies between 0 and 1.
    fn is_share(self) -> bool {
        matches!(
            self,
            Quantity::SmallMarginAccuracy
                | Quantity::LargeMarginAccuracy
                | Quantity::TrainingAccuracy
        )
    }

    /// Its value for a run; NaN where the run has none.
    pub fn of(self, cell: &Cell, run: &Run) -> f64 {
        let coast = |of: fn(&Coast) -> f64| run.coast.as_ref().map_or(f64::NAN, of);
        let Some(end) = run.end() else {
            return f64::NAN;
        };
        match self {
            Quantity::SmallMarginAccuracy => end.small_accuracy,
            Quantity::LargeMarginAccuracy => end.large_accuracy,
            Quantity::TrainingAccuracy => end.training_accuracy,
            Quantity::TrainingLoss => {
                let part = |loss: f64, n: usize| if n > 0 { loss * n as f64 } else { 0.0 };
                let sum = part(end.loss_large, cell.large) + part(end.loss_small, cell.small);
                sum / (cell.large + cell.small) as f64
            }
            Quantity::Feature => cell.law.beta * end.feature,
            Quantity::Memorised => end.memorised,
            Quantity::Noise => end.noise,
            Quantity::Coast => coast(|c| c.moved),
            Quantity::EnergyRatio => coast(|c| c.moved / c.predicted),
            Quantity::Steps => end.step as f64,
        }
    }
}

/// A cell with its runs.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// One run per seed.
    pub runs: &'a [Run],
}

impl Outcome<'_> {
    /// A quantity, seed by seed.
    pub fn values(&self, quantity: Quantity) -> impl Iterator<Item = f64> {
        self.runs.iter().map(move |run| quantity.of(self.cell, run))
    }

    /// The mean of a quantity over seeds.
    ///
    /// # Errors
    /// Fewer than two seeds have it.
    pub fn estimate(&self, quantity: Quantity, confidence: f64) -> Result<Estimate> {
        let found = over_seeds(self.values(quantity), confidence)?;
        Ok(if quantity.is_share() {
            found.within((0.0, 1.0))
        } else {
            found
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::finite;

    #[test]
    fn a_diverged_run_comes_back_from_disk() {
        let coast = Coast {
            moved: finite(f64::INFINITY),
            predicted: 0.1 + 0.2,
        };
        let text = serde_json::to_string(&coast).unwrap();
        let read: Coast = serde_json::from_str(&text).unwrap();
        assert!(read.moved.is_nan());
        assert_eq!(read.predicted.to_bits(), coast.predicted.to_bits());
    }
}
