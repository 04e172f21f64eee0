//! The sections `[[claim]]`: which claim, on which series and observations.

use serde::Serialize;

use super::cell::Cell;
use super::observation::{Observation, Quantity};
use crate::claim::{Stated, series};
use crate::spec::Section;
use base::error::Result;

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
        let claim = ClaimSpec {
            stated,
            series,
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
