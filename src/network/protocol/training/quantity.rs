//! What is measured on a trained network.

use serde::Serialize;

use super::outcome::Run;

/// A number that a training comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// L(θ) on the training examples.
    TrainLoss,
    /// The share of training examples classified rightly.
    TrainAccuracy,
    /// The mean loss on test examples.
    TestLoss,
    /// The share of test examples classified rightly.
    TestAccuracy,
    /// The largest share of test examples classified rightly at any look.
    BestTestAccuracy,
    /// The share of wrong training labels that the network gives.
    Memorised,
    /// The share of faint test examples classified rightly.
    FaintAccuracy,
    /// The largest eigenvalue of ∇²L on the training examples.
    Eigenvalue,
    /// The trace of ∇²L on the training examples.
    Trace,
    /// E L(θ + ν) − L(θ) on the training examples, ν ~ N(0, r²).
    Sharpness,
    /// The step at which the training ended.
    Steps,
}

/// A quantity with its name in experiment files, what it is in words, and how it is read off.
type Row = (Quantity, &'static str, &'static str, fn(&Run) -> f64);

impl Quantity {
    /// Every quantity.
    pub const ALL: [Row; 11] = [
        (Quantity::TrainLoss, "train-loss", "training loss", |run| {
            run.last(|look| look.train_loss)
        }),
        (
            Quantity::TrainAccuracy,
            "train-accuracy",
            "training accuracy",
            |run| run.last(|look| look.train_accuracy),
        ),
        (Quantity::TestLoss, "test-loss", "test loss", |run| {
            run.last(|look| look.test_loss)
        }),
        (
            Quantity::TestAccuracy,
            "test-accuracy",
            "test accuracy",
            |run| run.last(|look| look.test_accuracy),
        ),
        (
            Quantity::BestTestAccuracy,
            "best-test-accuracy",
            "best test accuracy at any look",
            |run| {
                let all = run.looks.iter().map(|look| look.test_accuracy);
                all.fold(f64::NAN, f64::max)
            },
        ),
        (
            Quantity::Memorised,
            "memorised",
            "share of wrong labels memorised",
            |run| run.last(|look| look.memorised),
        ),
        (
            Quantity::FaintAccuracy,
            "faint-accuracy",
            "test accuracy on faint images",
            |run| run.last(|look| look.faint_accuracy),
        ),
        (
            Quantity::Eigenvalue,
            "eigenvalue",
            "largest Hessian eigenvalue λ₁",
            |run| run.end.eigenvalue,
        ),
        (Quantity::Trace, "trace", "trace of the Hessian", |run| {
            run.end.trace
        }),
        (
            Quantity::Sharpness,
            "sharpness",
            "expected sharpness E L(θ + ν) − L(θ)",
            |run| run.end.sharpness,
        ),
        (Quantity::Steps, "steps", "steps", |run| {
            run.looks.last().map_or(f64::NAN, |look| look.step as f64)
        }),
    ];

    /// Every name.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|(_, name, ..)| *name).collect()
    }

    /// The quantity of that name.
    pub fn find(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known, ..)| *known == name);
        found.map(|(quantity, ..)| *quantity)
    }

    /// What it is, in words.
    pub fn words(self) -> &'static str {
        let own = Self::ALL.iter().find(|(quantity, ..)| *quantity == self);
        own.map_or("", |(_, _, words, _)| words)
    }

    /// Its value in a run; NaN where it was not measured.
    pub fn of(self, run: &Run) -> f64 {
        let own = Self::ALL.iter().find(|(quantity, ..)| *quantity == self);
        own.map_or(f64::NAN, |(.., read)| read(run))
    }
}
