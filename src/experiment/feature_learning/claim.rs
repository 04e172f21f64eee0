//! The sections `[[claim]]`: which quantity of which cells keeps to which limit.

use serde::Serialize;

use super::cell::Cell;
use super::outcome::Quantity;
use crate::claim::{self, Stated, series};
use crate::limit::Limit;
use crate::spec::Section;
use base::error::Result;
use verdict::Role;

/// How a claim is decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Criterion {
    /// The mean of a quantity over seeds, or of its difference from another series at the same η and d, seed
    /// by seed, against a limit; a ruling for every cell.
    Limit {
        /// What is measured.
        quantity: Quantity,
        /// The series that is subtracted.
        against: Option<String>,
        /// What it is held against.
        limit: Limit,
    },
    /// The slope of log quantity against log 1/(1 − γ) over the cells; one ruling.
    Slope {
        /// What is measured.
        quantity: Quantity,
        /// The slope the paper states.
        slope: f64,
        /// How far off still agrees.
        tolerance: f64,
    },
}

/// Cells by their hyper-parameters; an empty list admits every value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Where {
    /// η.
    pub eta: Vec<f64>,
    /// γ.
    pub gamma: Vec<f64>,
    /// d.
    pub dim: Vec<f64>,
    /// σ₀.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub init: Vec<f64>,
}

/// One thing to decide.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is decided on.
    pub series: String,
    /// The cells it speaks of.
    pub cells: Where,
    /// Of a case that decides, the cells that count for the claim as a whole: the regime the paper states.
    pub regime: Where,
    /// How.
    pub criterion: Criterion,
}

impl Where {
    fn read(section: &Section<'_>) -> Result<Self> {
        let values = |key| match section.get(key) {
            Some(_) => section.sweep(key, None, 0.0..=1e6, "values of cells to select"),
            None => Ok(Vec::new()),
        };
        let (eta, gamma, dim) = (values("eta")?, values("gamma")?, values("dim")?);
        let init = values("init")?;
        section.finish()?;
        Ok(Where {
            eta,
            gamma,
            dim,
            init,
        })
    }

    /// Whether a cell is meant.
    pub fn admits(&self, cell: &Cell) -> bool {
        let among = |list: &[f64], x: f64| list.is_empty() || list.contains(&x);
        among(&self.eta, cell.eta())
            && (self.gamma.is_empty() || cell.gamma().is_some_and(|g| self.gamma.contains(&g)))
            && among(&self.dim, cell.law.dim as f64)
            && among(&self.init, cell.init)
    }
}

impl ClaimSpec {
    /// Reads one `[[claim]]` of an experiment with these cells.
    ///
    /// # Errors
    /// An unknown claim, series, quantity or kind, a value out of range, or no cell that it speaks of.
    pub fn read(section: &Section<'_>, cells: &[Cell]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let names: Vec<&str> = cells.iter().map(|cell| cell.series.as_str()).collect();
        let series = series(section, "series", &names)?;
        let chosen = match section.section("where")? {
            Some(chosen) => Where::read(&chosen)?,
            None => Where::default(),
        };
        let regime = match section.section("regime")? {
            Some(_) if stated.role != Role::Decides => {
                let why = "a regime tells which cells count; they are those of a claim that decides, which a control or an analogue does not";
                return Err(section.error("regime", why));
            }
            Some(regime) => Where::read(&regime)?,
            None => Where::default(),
        };
        let quantity = section.choice("quantity", None, &Quantity::names())?;
        let Some(quantity) = Quantity::find(quantity) else {
            return Err(section.error("quantity", "unknown quantity"));
        };
        let criterion = match section.choice("kind", None, &["limit", "slope"])? {
            "limit" => Criterion::Limit {
                quantity,
                against: match section.get("against") {
                    Some(_) => Some(claim::series(section, "against", &names)?),
                    None => None,
                },
                limit: Limit::read(section)?,
            },
            _ => Criterion::Slope {
                quantity,
                slope: section.number("slope", None, -10.0..=10.0, "the slope the paper states")?,
                tolerance: section.number("tolerance", None, 1e-6..=10.0, "absolute")?,
            },
        };
        section.finish()?;
        let claim = ClaimSpec {
            stated,
            series,
            cells: chosen,
            regime,
            criterion,
        };
        if !cells.iter().any(|cell| claim.speaks_of(cell)) {
            return Err(section.error(
                "where",
                format!("no cell of series `{}` has these values", claim.series),
            ));
        }
        Ok(claim)
    }

    /// Whether it speaks of a cell.
    pub fn speaks_of(&self, cell: &Cell) -> bool {
        cell.series == self.series && self.cells.admits(cell)
    }

    /// What a cell is for: outside of the regime that the paper states it is a control.
    pub fn role(&self, cell: &Cell) -> Role {
        if self.regime.admits(cell) {
            self.stated.role
        } else {
            Role::Control
        }
    }
}
