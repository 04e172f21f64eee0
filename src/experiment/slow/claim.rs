//! The sections `[[claim]]`: what of the slow law, on which problem.

use serde::Serialize;

use super::spec::Cell;
use crate::claim::Stated;
use crate::spec::Section;
use base::error::Result;

/// How a claim is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// At the smallest η the law is within the margin of the slow SDE's in Kolmogorov's distance.
    Law,
    /// At the smallest η the mean is within the margin of the slow SDE's.
    Mean,
    /// At the smallest η the variance is within the margin of the slow SDE's.
    Variance,
    /// The bias of the mean falls with η at least to the order `margin`.
    Bias,
}

/// One thing to decide, for every series on its own.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// How.
    pub criterion: Criterion,
    /// The problem's name.
    pub problem: String,
    /// The series; every one of the file where none is named.
    pub series: Vec<String>,
    /// Absolute margin, or the least order.
    pub margin: f64,
}

impl ClaimSpec {
    /// Reads one `[[claim]]`.
    ///
    /// # Errors
    /// An unknown claim, problem or series, or a criterion that does not fit.
    pub fn read(section: &Section<'_>, cells: &[Cell]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let criterion = match section.choice("kind", None, &["law", "mean", "variance", "bias"])? {
            "law" => Criterion::Law,
            "mean" => Criterion::Mean,
            "variance" => Criterion::Variance,
            _ => Criterion::Bias,
        };
        let mut names: Vec<&'static str> = cells.iter().map(|c| c.problem.name()).collect();
        names.dedup();
        let problem = section.choice("problem", None, &names)?.to_string();
        if problem == "constant-noise" && matches!(criterion, Criterion::Law | Criterion::Variance)
        {
            let why = "with constant noise the slow law is a point; compare the mean or its bias";
            return Err(section.error("kind", why));
        }
        let mut labels: Vec<String> = Vec::new();
        for cell in cells {
            if !labels.contains(&cell.series) {
                labels.push(cell.series.clone());
            }
        }
        let mut series = section.texts("series")?;
        if let Some(stray) = series.iter().find(|s| !labels.contains(s)) {
            return Err(section.error("series", format!("no series `{stray}`")));
        }
        if series.is_empty() {
            series = labels;
        }
        let why = "the margin of a distance or difference, or the least order of a bias";
        let claim = ClaimSpec {
            stated,
            criterion,
            problem,
            series,
            margin: section.number("margin", None, 1e-6..=2.0, why)?,
        };
        section.finish()?;
        Ok(claim)
    }
}
