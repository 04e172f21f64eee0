//! The sections `[[claim]]`: which claim, on which series and observations.

use serde::Serialize;

use super::cell::Cell;
use super::observation::{Observation, Quantity};
use super::theory::{self, Prediction};
use crate::claim::{Stated, series};
use crate::spec::{Section, Value, written};
use base::error::{Error, Result};
use formula::{Mistake, Tree};

/// What a claim predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    /// The paper's own value.
    Paper,
    /// The exact value in the flattest direction at the same step: independence of H.
    Flattest,
}

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is decided on.
    pub series: String,
    /// Relative tolerance δ of the prediction.
    pub tolerance: f64,
    /// What it is held against.
    pub against: Against,
    /// What the paper predicts, where something says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prediction: Option<Prediction>,
    /// What a rival theory predicts in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rival: Option<Prediction>,
    /// Only observations of this quantity; all where it is empty.
    pub quantity: String,
    /// Only observations with η|h| in this range.
    pub eta_h: (f64, f64),
    /// Only observations with this many steps or more, and fewer or as many.
    pub steps: (f64, f64),
    /// Only cells whose β₀ is in this range, where the rule has one.
    pub beta0: (f64, f64),
}

const EVERYTHING: (f64, f64) = (f64::MIN, f64::MAX);

impl ClaimSpec {
    /// Reads one `[[claim]]`.
    ///
    /// # Errors
    /// An unknown claim, series or quantity, or a value out of range.
    pub fn read(section: &Section<'_>, cells: &[Cell]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let names: Vec<&str> = cells.iter().map(|c| c.series.as_str()).collect();
        let series = series(section, "series", &names)?;
        let kinds = [
            Quantity::Covariance,
            Quantity::MeanSquare,
            Quantity::PerStep,
            Quantity::Spread,
        ]
        .map(Quantity::key);
        let quantity = match section.get("quantity") {
            None => "",
            Some(_) => section.choice("quantity", None, &kinds)?,
        };
        let prediction = prediction(section)?;
        section.says(
            "rival",
            "a number or a formula",
            "what a rival theory predicts in its place, of the same names; its number stands beside the prediction",
        );
        let rival = formula(section, "rival")?;
        let own = || cells.iter().filter(|cell| cell.series == series);
        for (key, said) in [("predicts", &prediction), ("rival", &rival)] {
            if let Some(said) = said {
                own()
                    .try_for_each(|cell| said.check(cell))
                    .map_err(|mistake| mistaken(section, key, &mistake))?;
            }
        }
        if let (Some(predicted), Some(rival)) = (&prediction, &rival)
            && own().all(|cell| rival.says_as(predicted, cell))
        {
            let what = "is what the claim predicts, and nothing could tell them apart: give another, or none";
            return Err(section.error("rival", what));
        }
        let claim = ClaimSpec {
            stated,
            series,
            prediction,
            rival,
            tolerance: section.number(
                "tolerance",
                None,
                1e-12..=10.0,
                "the tolerance δ, relative",
            )?,
            against: match section.choice("against", Some("paper"), &["paper", "flattest"])? {
                "paper" => Against::Paper,
                _ => Against::Flattest,
            },
            quantity: quantity.into(),
            eta_h: range(section, "eta_h")?,
            steps: range(section, "steps")?,
            beta0: range(section, "beta0")?,
        };
        section.finish()?;
        Ok(claim)
    }

    /// What is predicted for an observation. A formula speaks of the quantity that the claim names, if it names one; functions of
    /// the library know what they speak of.
    pub fn predicted(&self, cell: &Cell, o: &Observation) -> Option<f64> {
        self.number(self.prediction.as_ref()?, cell, o)
    }

    /// What a rival theory predicts for it.
    pub fn rival(&self, cell: &Cell, o: &Observation) -> Option<f64> {
        self.number(self.rival.as_ref()?, cell, o)
    }

    fn number(&self, prediction: &Prediction, cell: &Cell, o: &Observation) -> Option<f64> {
        let of_another = !self.quantity.is_empty() && self.quantity != o.quantity.key();
        if matches!(prediction, Prediction::Formula(_)) && of_another {
            return None;
        }
        prediction.of(cell, o)
    }

    /// Whether the claim is decided on this observation.
    pub fn covers(&self, cell: &Cell, o: &Observation) -> bool {
        let within = |x: f64, (low, high): (f64, f64)| (low..=high).contains(&x);
        let curvature = |k: usize| cell.hessian[k][k].abs();
        let eta_h = cell.eta() * curvature(o.i).max(curvature(o.j));
        let beta0 = cell.two_batch.or(cell.value("beta0"));
        cell.series == self.series
            && (self.quantity.is_empty() || self.quantity == o.quantity.key())
            && within(eta_h, self.eta_h)
            && within(o.step as f64, self.steps)
            && beta0.is_none_or(|beta0| within(beta0, self.beta0))
    }
}

/// What the claim predicts: `theory`, or the formula `predicts`.
fn prediction(section: &Section<'_>) -> Result<Option<Prediction>> {
    section.says(
        "predicts",
        "a number or a formula",
        "what the paper predicts, if its paper.toml does not say so: of eta and the rule's other numbers, noise_variance, h, step, time, dim",
    );
    section.says(
        "theory",
        &format!("one of {}", theory::names().join(", ")),
        "a function of the library that says it, for matrices and what has no formula",
    );
    if section.get("theory").is_some() {
        if section.get("predicts").is_some() {
            let what = "stands beside `predicts`, which says it already; keep one";
            return Err(section.error("theory", what));
        }
        let name = section.choice("theory", None, &theory::names())?;
        return Ok(Prediction::theory(name));
    }
    formula(section, "predicts")
}

/// A number or a formula.
fn formula(section: &Section<'_>, key: &'static str) -> Result<Option<Prediction>> {
    let text = match section.get(key).map(|node| &node.value) {
        None => return Ok(None),
        Some(Value::Integer(_) | Value::Float(_)) => {
            let why = "what a theory predicts";
            written(section.number(key, None, f64::MIN..=f64::MAX, why)?)
        }
        Some(_) => section.text(key, None)?,
    };
    let tree = Tree::parse(&text).map_err(|mistake| mistaken(section, key, &mistake))?;
    Ok(Some(Prediction::Formula(tree)))
}

/// What is wrong with the formula, at its character.
fn mistaken(section: &Section<'_>, key: &str, mistake: &Mistake) -> Error {
    let what = format!("{}{}", mistake.what, mistake.picture());
    section.error_within(key, &mistake.text, mistake.at, what)
}

/// Two numbers, least and greatest.
fn range(section: &Section<'_>, key: &'static str) -> Result<(f64, f64)> {
    let why = "the least and the greatest value that the case covers";
    let given = match section.get(key) {
        None => return Ok(EVERYTHING),
        Some(_) => section.sweep(key, None, -1e300..=1e300, why)?,
    };
    match given[..] {
        [low, high] if low < high => Ok((low, high)),
        _ => Err(section.error(key, format!("two numbers in ascending order: {why}"))),
    }
}
