//! The sections `[[claim]]`: a paper's covariance, direction by direction.

use nalgebra::DMatrix;
use serde::Serialize;

use super::cell::Cell;
use super::ground::Ground;
use base::error::Result;
use experiment::claim::{Stated, series};
use experiment::spec::Section;
use prediction::exact::linear::Quadratic;

/// Claims that predict a stationary covariance.
const IDS: [&str; 4] = ["pnm.thm4.1", "pnm.eq15", "pnm.eq17", "pnm.eq19"];

/// One thing to decide.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is decided on.
    pub series: String,
    /// Relative tolerance in every direction.
    pub tolerance: f64,
}

impl ClaimSpec {
    /// Reads one `[[claim]]`.
    ///
    /// # Errors
    /// A claim that predicts no covariance, an unknown series, or a value out of range.
    pub fn read(section: &Section<'_>, cells: &[Cell]) -> Result<Self> {
        let stated = Stated::read(section)?;
        if !IDS.contains(&stated.id.as_str()) {
            let what = format!("a network's covariance is predicted by {}", IDS.join(", "));
            return Err(section.error("id", what));
        }
        let names: Vec<&str> = cells.iter().map(|cell| cell.series.as_str()).collect();
        let series = series(section, "series", &names)?;
        let why = "relative tolerance in every direction";
        let tolerance = section.number("tolerance", None, 1e-9..=10.0, why)?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            series,
            tolerance,
        })
    }

    /// Σ as the paper predicts it of the rule: from the C that is there in Theorem 4.1, from C = H/B in what follows.
    ///
    /// # Errors
    /// H is not positive definite.
    pub fn prediction(&self, cell: &Cell, ground: &Ground) -> Result<DMatrix<f64>> {
        let batch = cell.chains.batch as f64;
        let quadratic = match self.stated.id.as_str() {
            "pnm.thm4.1" => ground.quadratic(batch)?,
            _ => Quadratic::hessian_shaped(ground.hessian.clone(), batch)?,
        };
        cell.paper().covariance(&quadratic, cell.eta())
    }
}
