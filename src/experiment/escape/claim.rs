//! The sections `[[claim]]`: which claim, by which criterion, on which series.

use serde::Serialize;

use super::drivers::DriverSpec;
use crate::error::Result;
use crate::experiment::spec::Section;
use crate::verdict::papers;

/// How a claim is decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Criterion {
    /// The law of log Γ in k: `inverse` (1/k) or `inverse-root` (1/√k), with or without a power of k
    /// in front, against every other law, by likelihood.
    Form {
        /// The law the paper states.
        law: Law,
        /// ΔAIC by which the best form of the law must win.
        margin: f64,
    },
    /// Slope of log τ against the exponent of the paper's own formula; predicted to be 1.
    Exponent,
    /// τ over the paper's own τ, in the cell of the highest exponent; predicted to be 1.
    Prefactor,
    /// Slope of log Γ against log k; predicted to be 1 where the noise does not know of k.
    WhiteNoise,
    /// Exact time of the SDE over the paper's τ in the last cell; predicted to be 1.
    ExactTime,
}

/// The k-dependence that a paper states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Law {
    /// log Γ ∼ −A/k.
    Inverse,
    /// log Γ ∼ −A/√k.
    InverseRoot,
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
    /// How.
    pub criterion: Criterion,
}

impl ClaimSpec {
    /// Reads one `[[claim]]`.
    ///
    /// # Errors
    /// An unknown claim, series or kind, or a value out of range.
    pub fn read(section: &Section<'_>, drivers: &[DriverSpec<'_>]) -> Result<Self> {
        let known: Vec<&'static str> = papers::all().map(|c| c.id).collect();
        let id = section.choice("id", None, &known)?.to_string();
        let series = section.text("series", Some(&drivers[0].series))?;
        if !drivers.iter().any(|d| d.series == series) {
            let names: Vec<&str> = drivers.iter().map(|d| d.series.as_str()).collect();
            return Err(section.error(
                "series",
                format!("no series `{series}`; there are {}", names.join(", ")),
            ));
        }
        let case = section.text("case", None)?;
        let decides = section.switch("decides", false)?;
        let because = section.text("because", Some(""))?;
        let kinds = ["form", "exponent", "prefactor", "white-noise", "exact-time"];
        let criterion = match section.choice("kind", None, &kinds)? {
            "form" => Criterion::Form {
                law: match section.choice("law", None, &["inverse", "inverse-root"])? {
                    "inverse" => Law::Inverse,
                    _ => Law::InverseRoot,
                },
                margin: section.number("margin", Some(10.0), 1.0..=1e3, "ΔAIC to win by")?,
            },
            "exponent" => Criterion::Exponent,
            "prefactor" => Criterion::Prefactor,
            "white-noise" => Criterion::WhiteNoise,
            _ => Criterion::ExactTime,
        };
        let tolerance = match criterion {
            Criterion::Form { .. } => 0.0,
            _ => section.number("tolerance", None, 1e-12..=10.0, "the tolerance δ, relative")?,
        };
        section.finish()?;
        Ok(ClaimSpec {
            id,
            series,
            case,
            decides,
            tolerance,
            because,
            criterion,
        })
    }
}
