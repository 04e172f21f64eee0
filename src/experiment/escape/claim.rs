//! The sections `[[claim]]`: which claim, by which criterion, on which series.

use serde::Serialize;

use super::drivers::DriverSpec;
use crate::claim::{self, Stated, series};
use crate::spec::Section;
use base::error::Result;
use verdict::Ruling;

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
        /// Cells that are left sooner than after so many steps do not count: their transient is all there is.
        least_steps: f64,
    },
    /// The slope of log Γ against log k is less than that of another series: a weaker dependence on the sharpness.
    Weaker {
        /// The other series.
        against: String,
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
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// The series it is decided on.
    pub series: String,
    /// Relative tolerance δ of the prediction.
    pub tolerance: f64,
    /// How.
    pub criterion: Criterion,
}

impl ClaimSpec {
    /// A ruling that nothing has decided yet.
    pub fn open(&self, quantity: &str) -> Ruling {
        self.stated.open(quantity, self.tolerance)
    }

    /// Reads one `[[claim]]`.
    ///
    /// # Errors
    /// An unknown claim, series or kind, or a value out of range.
    pub fn read(section: &Section<'_>, drivers: &[DriverSpec<'_>]) -> Result<Self> {
        let stated = Stated::read(section)?;
        let names: Vec<&str> = drivers.iter().map(|d| d.series.as_str()).collect();
        let series = series(section, "series", &names)?;
        let kinds = [
            "form",
            "weaker",
            "exponent",
            "prefactor",
            "white-noise",
            "exact-time",
        ];
        let criterion = match section.choice("kind", None, &kinds)? {
            "form" => Criterion::Form {
                law: match section.choice("law", None, &["inverse", "inverse-root"])? {
                    "inverse" => Law::Inverse,
                    _ => Law::InverseRoot,
                },
                margin: section.number("margin", Some(10.0), 1.0..=1e3, "ΔAIC to win by")?,
                least_steps: section.number(
                    "least_steps",
                    Some(0.0),
                    0.0..=1e15,
                    "cells whose mean exit comes sooner do not count",
                )?,
            },
            "weaker" => Criterion::Weaker {
                against: claim::series(section, "against", &names)?,
            },
            "exponent" => Criterion::Exponent,
            "prefactor" => Criterion::Prefactor,
            "white-noise" => Criterion::WhiteNoise,
            _ => Criterion::ExactTime,
        };
        let tolerance = match criterion {
            Criterion::Form { .. } | Criterion::Weaker { .. } => 0.0,
            _ => section.number("tolerance", None, 1e-12..=10.0, "the tolerance δ, relative")?,
        };
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            series,
            tolerance,
            criterion,
        })
    }
}
