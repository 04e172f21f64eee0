//! The sections `[[claim]]`: which claim, on which series and observations.

use serde::Serialize;

use super::cell::Cell;
use super::observation::{Observation, Quantity};
use crate::error::Result;
use crate::experiment::spec::Section;
use crate::verdict::papers;

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
    /// Id of the claim.
    pub id: String,
    /// The series it is decided on.
    pub series: String,
    /// What is decided here, in words.
    pub case: String,
    /// Whether it counts for the claim as a whole.
    pub decides: bool,
    /// Relative tolerance δ of the prediction.
    pub tolerance: f64,
    /// Why the tolerance is what it is, or what the case controls.
    pub because: String,
    /// What is predicted.
    pub against: Against,
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
        let known: Vec<&'static str> = papers::all().map(|c| c.id).collect();
        let id = section.choice("id", None, &known)?.to_string();
        let first = cells.first().map(|c| c.series.as_str());
        let series = section.text("series", first)?;
        if !cells.iter().any(|c| c.series == series) {
            let mut names: Vec<&str> = cells.iter().map(|c| c.series.as_str()).collect();
            names.dedup();
            return Err(section.error(
                "series",
                format!("no series `{series}`; there are {}", names.join(", ")),
            ));
        }
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
        let claim = ClaimSpec {
            id,
            series,
            case: section.text("case", None)?,
            decides: section.switch("decides", false)?,
            tolerance: section.number(
                "tolerance",
                None,
                1e-12..=10.0,
                "the tolerance δ, relative",
            )?,
            because: section.text("because", Some(""))?,
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
