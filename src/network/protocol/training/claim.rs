//! The sections `[[claim]]`: a quantity of a series, or its difference from another's, against a limit.

use serde::Serialize;

use super::cell::Cell;
use super::quantity::Quantity;
use base::error::Result;
use experiment::claim::{self, Stated};
use experiment::limit::Limit;
use experiment::spec::Section;

/// How two trainings of a seed are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    /// The one less the other.
    Difference,
    /// The one over the other; the mean is the geometric one.
    Ratio,
}

/// Which cells of a series count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// Each by itself, against its partner in the other series.
    Cells,
    /// The one of the best test accuracy in each series, whatever its settings.
    Best,
}

/// One thing to decide.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is decided on.
    pub series: String,
    /// The series it is compared with, if any.
    pub against: Option<String>,
    /// How.
    pub compare: Compare,
    /// Which cells.
    pub over: Over,
    /// What is measured.
    pub quantity: Quantity,
    /// What it is held against.
    pub limit: Limit,
    /// The relative difference of training losses beyond which two cells cannot be compared in flatness.
    pub same_loss_within: Option<f64>,
}

impl ClaimSpec {
    /// Reads one `[[claim]]` of an experiment with these cells.
    ///
    /// # Errors
    /// An unknown claim, series or quantity, a value out of range, or series that do not pair.
    pub fn read(section: &Section<'_>, cells: &[Cell]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let names: Vec<&str> = cells.iter().map(|cell| cell.series.as_str()).collect();
        let series = claim::series(section, "series", &names)?;
        let against = match section.get("against") {
            Some(_) => Some(claim::series(section, "against", &names)?),
            None => None,
        };
        let compare =
            match section.choice("compare", Some("difference"), &["difference", "ratio"])? {
                "ratio" => Compare::Ratio,
                _ => Compare::Difference,
            };
        let over = match section.choice("over", Some("cells"), &["cells", "best"])? {
            "best" => Over::Best,
            _ => Over::Cells,
        };
        let name = section.choice("quantity", None, &Quantity::names())?;
        let Some(quantity) = Quantity::find(name) else {
            return Err(section.error("quantity", "unknown quantity"));
        };
        let first = &cells[0];
        let there = match quantity {
            Quantity::Memorised => first.task.label_noise.is_some(),
            Quantity::FaintAccuracy => first.task.faint.is_some(),
            Quantity::Eigenvalue | Quantity::Trace | Quantity::Sharpness => {
                first.curvature.is_some()
            }
            _ => true,
        };
        if !there {
            let what = format!(
                "{name} is not measured here: it needs data.label_noise, data.faint or [curvature]"
            );
            return Err(section.error("quantity", what));
        }
        let limit = Limit::read(section)?;
        let same_loss_within = match section.get("same_loss_within") {
            None => None,
            Some(_) => {
                let why = "the relative difference of training losses that still compares";
                Some(section.number("same_loss_within", None, 0.0..=1e6, why)?)
            }
        };
        section.finish()?;
        let of = |name: &str| -> Vec<&Cell> {
            cells.iter().filter(|cell| cell.series == name).collect()
        };
        if let (Over::Cells, Some(other)) = (over, &against) {
            let others = of(other);
            let own = of(&series).into_iter().enumerate();
            for (place, cell) in own {
                if cell.partner(place, &others).is_none() {
                    let what = format!(
                        "no cell of `{other}` goes with {}: cells pair where they agree in what both series sweep, or in the order of the file",
                        cell.short()
                    );
                    return Err(section.error("against", what));
                }
            }
        }
        Ok(ClaimSpec {
            stated,
            series,
            against,
            compare,
            over,
            quantity,
            limit,
            same_loss_within,
        })
    }
}
