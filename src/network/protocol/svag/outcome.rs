//! What trainings came to, and how far two rules' are apart.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::spec::SvagSpec;
use base::error::Result;
use experiment::kept::known;
use measurement::Estimate;
use measurement::mean::over_seeds;
use measurement::regression::line;

/// A training at a step, on all examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Steps taken.
    pub step: u64,
    /// L(θ) on the training examples.
    #[serde(deserialize_with = "known")]
    pub train_loss: f64,
    /// Share of the test examples classified rightly.
    #[serde(deserialize_with = "known")]
    pub test_accuracy: f64,
}

/// One training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its looks; the last is its end.
    pub looks: Vec<Look>,
}

/// A cell with its trainings, one per seed.
pub struct Outcome<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// One run per seed.
    pub runs: &'a [Run],
}

/// Both rules at one η and l.
pub struct Pair<'a> {
    /// η.
    pub eta: f64,
    /// l.
    pub l: u64,
    /// Without momentum.
    pub plain: &'a Outcome<'a>,
    /// With momentum.
    pub momentum: &'a Outcome<'a>,
    /// Without momentum, on other batches.
    pub other: &'a Outcome<'a>,
}

/// Every pair, in the order of the cells.
pub fn pairs<'a>(outcomes: &'a [Outcome<'a>]) -> Vec<Pair<'a>> {
    let pair = |both: &'a [Outcome<'a>]| Pair {
        eta: both[0].cell.eta,
        l: both[0].cell.l,
        plain: &both[0],
        momentum: &both[1],
        other: &both[2],
    };
    outcomes.chunks_exact(3).map(pair).collect()
}

/// The mean of |log₁₀(L_SGD/L_SGDM)| over the second half of two trainings' looks; NaN where a loss is not finite.
pub fn gap(plain: &Run, momentum: &Run) -> f64 {
    let last = plain.looks.last().map_or(0, |look| look.step);
    let both = plain.looks.iter().zip(&momentum.looks);
    let late: Vec<f64> = both
        .filter(|(a, _)| 2 * a.step > last)
        .map(|(a, b)| (a.train_loss / b.train_loss).log10().abs())
        .collect();
    late.iter().sum::<f64>() / late.len() as f64
}

impl Pair<'_> {
    /// The gap of every seed.
    pub fn gaps(&self) -> Vec<f64> {
        let both = self.plain.runs.iter().zip(self.momentum.runs);
        both.map(|(a, b)| gap(a, b)).collect()
    }

    /// The gap of every seed between two trainings without momentum, on different batches.
    fn by_chance(&self) -> impl Iterator<Item = f64> {
        let both = self.plain.runs.iter().zip(self.other.runs);
        both.map(|(a, b)| gap(a, b))
    }

    /// Its mean over seeds.
    ///
    /// # Errors
    /// As [`Pair::gap`].
    pub fn chance(&self, confidence: f64) -> Result<Estimate> {
        over_seeds(self.by_chance(), confidence)
    }

    /// The mean over seeds of the logarithm of the gap over that by chance.
    ///
    /// # Errors
    /// As [`Pair::gap`].
    pub fn against_chance(&self, confidence: f64) -> Result<Estimate> {
        let both = self.gaps().into_iter().zip(self.by_chance());
        over_seeds(both.map(|(own, chance)| (own / chance).ln()), confidence)
    }

    /// Its mean over seeds.
    ///
    /// # Errors
    /// Fewer than two seeds whose losses stayed finite.
    pub fn gap(&self, confidence: f64) -> Result<Estimate> {
        over_seeds(self.gaps().into_iter(), confidence)
    }

    /// Test accuracy with momentum less that without at the end, in points.
    ///
    /// # Errors
    /// Fewer than two seeds.
    pub fn accuracy(&self, confidence: f64) -> Result<Estimate> {
        let end = |run: &Run| run.looks.last().map_or(f64::NAN, |look| look.test_accuracy);
        let both = self.plain.runs.iter().zip(self.momentum.runs);
        over_seeds(both.map(|(a, b)| 100.0 * (end(b) - end(a))), confidence)
    }
}

/// The slope of ln gap against ln l at one η, fitted seed by seed, with the values of l that were used: those at which
/// every loss of every seed stayed finite.
///
/// # Errors
/// Fewer than two such values, or seeds.
pub fn slope(spec: &SvagSpec, eta: f64, pairs: &[Pair<'_>]) -> Result<(Estimate, Vec<u64>)> {
    let own = pairs.iter().filter(|pair| pair.eta == eta);
    let usable: Vec<(u64, Vec<f64>)> = own
        .map(|pair| (pair.l, pair.gaps()))
        .filter(|(_, gaps)| gaps.iter().all(|gap| gap.is_finite() && *gap > 0.0))
        .collect();
    let x: Vec<f64> = usable.iter().map(|(l, _)| (*l as f64).ln()).collect();
    let seeds = usable.first().map_or(0, |(_, gaps)| gaps.len());
    let fitted = |seed: usize| -> Result<f64> {
        let y: Vec<f64> = usable.iter().map(|(_, gaps)| gaps[seed].ln()).collect();
        Ok(line(&x, &y, &vec![1.0; x.len()])?.coefficients[1])
    };
    let slopes = (0..seeds).map(fitted).collect::<Result<Vec<f64>>>()?;
    let found = over_seeds(slopes.into_iter(), spec.confidence)?;
    Ok((found, usable.into_iter().map(|(l, _)| l).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(losses: &[f64]) -> Run {
        let look = |(step, loss): (u64, &f64)| Look {
            step,
            train_loss: *loss,
            test_accuracy: 1.0,
        };
        Run {
            looks: (0..).zip(losses).map(look).collect(),
        }
    }

    #[test]
    fn the_gap_by_hand() {
        // Steps 0 to 4: those above 2 count, whose ratios are 100 and 1/10.
        let (a, b) = (
            run(&[9.0, 9.0, 9.0, 1.0, 0.1]),
            run(&[1.0, 1.0, 1.0, 0.01, 1.0]),
        );
        assert!((gap(&a, &b) - 1.5).abs() < 1e-15);
        assert!((gap(&b, &a) - 1.5).abs() < 1e-15);
        assert!(gap(&a, &run(&[1.0, 1.0, 1.0, f64::NAN, 1.0])).is_nan());
    }
}
