//! The sections `[[claim]]`: which order or limit, for which α and η.

use serde::Serialize;

use super::distance::Quantity;
use super::spec::{Family, Surface, WeakSpec};
use crate::claim::Stated;
use crate::spec::Section;
use base::error::Result;

/// How a claim is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The distance falls at least as fast as η^{(1 − α)/2}.
    Bound,
    /// It falls like η^{1 − α}, which is the lag ηβ/(1 − β).
    Weak,
    /// It falls like η^{(1 − α)/2}, the root of the lag.
    Strong,
    /// It does not fall: order 0.
    Stays,
    /// At the smallest η it is that of the limiting processes at α = 1.
    Limit,
    /// At the smallest η the stationary variances of SGD and SGDM agree.
    Stationary,
}

/// One thing to decide, for every α on its own.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    #[serde(flatten)]
    pub stated: Stated,
    /// How.
    pub criterion: Criterion,
    /// Of what.
    pub quantity: Quantity,
    /// Whether by the exact recursion; by the simulations otherwise.
    pub exact: bool,
    /// Which β.
    pub families: Vec<Family>,
    /// p of η = 2⁻ᵖ over which an order is fitted, least and greatest.
    pub powers: (u32, u32),
    /// Absolute margin of an order, a quarter of 1 − α where none is given: half the way between the weak
    /// order 1 − α and the strong one. Relative tolerance of a limit. A bound has none.
    pub margin: Option<f64>,
}

impl ClaimSpec {
    /// Reads one `[[claim]]` of `spec`.
    ///
    /// # Errors
    /// An unknown claim or α, a range of η that was not run, or a criterion that does not fit.
    pub fn read(section: &Section<'_>, spec: &WeakSpec) -> Result<Self> {
        let stated = Stated::read(section)?;
        let kinds = ["bound", "weak", "strong", "stays", "limit", "stationary"];
        let kind = section.choice("kind", None, &kinds)?;
        let criterion = match kind {
            "bound" => Criterion::Bound,
            "weak" => Criterion::Weak,
            "strong" => Criterion::Strong,
            "stays" => Criterion::Stays,
            "limit" => Criterion::Limit,
            _ => Criterion::Stationary,
        };
        let quantity =
            match section.choice("quantity", Some("mean"), &["mean", "second", "strong"])? {
                "mean" => Quantity::Mean,
                "second" => Quantity::Second,
                _ => Quantity::Strong,
            };
        let exact = section.choice("from", Some("exact"), &["exact", "simulated"])? == "exact";
        let run = if exact { &spec.exact } else { &spec.simulated };
        let (Some(&coarsest), Some(&finest)) = (run.first(), run.last()) else {
            let why = "there is no [exact]; decide it from = \"simulated\"";
            return Err(section.error("from", why));
        };
        let alphas = section.sweep("alpha", None, 0.0..=1.0, "α of a [[family]]")?;
        let mut families = Vec::with_capacity(alphas.len());
        for alpha in alphas {
            let family = spec.families.iter().find(|f| f.alpha == alpha);
            let missing = || section.error("alpha", format!("no [[family]] with α = {alpha}"));
            families.push(*family.ok_or_else(missing)?);
        }
        let at_one = families.iter().all(|f| f.alpha == 1.0);
        let on_quadratic = matches!(spec.surface, Surface::Quadratic { .. });
        match criterion {
            Criterion::Bound | Criterion::Weak | Criterion::Strong
                if families.iter().any(|f| f.alpha == 1.0) =>
            {
                return Err(section.error("alpha", "the theorem's orders are for α below 1"));
            }
            Criterion::Limit if !(at_one && on_quadratic && quantity != Quantity::Strong) => {
                let why =
                    "the limit is known on a quadratic, for α = 1, of the mean and second moment";
                return Err(section.error("kind", why));
            }
            Criterion::Stationary if !on_quadratic => {
                return Err(
                    section.error("kind", "the stationary law is known on a quadratic only")
                );
            }
            _ => {}
        }
        let why = "p of the greatest η = 2⁻ᵖ of the fit, one that was run";
        let range = u64::from(coarsest)..=u64::from(finest - 1);
        let low = section.integer("coarsest", Some(u64::from(coarsest)), range, why)?;
        let why = "p of the smallest η = 2⁻ᵖ of the fit, one that was run, beyond `coarsest`";
        let range = low + 1..=u64::from(finest);
        let high = section.integer("finest", Some(u64::from(finest)), range, why)?;
        let why = "the margin of an order, or the relative tolerance of a limit";
        let margin = match criterion {
            Criterion::Bound => None,
            Criterion::Weak | Criterion::Strong if section.get("margin").is_none() => None,
            _ => Some(section.number("margin", None, 1e-9..=1.0, why)?),
        };
        let claim = ClaimSpec {
            stated,
            criterion,
            quantity,
            exact,
            families,
            powers: (low as u32, high as u32),
            margin,
        };
        section.finish()?;
        Ok(claim)
    }
}
