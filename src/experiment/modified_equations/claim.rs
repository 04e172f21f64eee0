//! The sections `[[claim]]`: which equation, on which surface.

use serde::Serialize;

use super::spec::Surface;
use crate::claim::Stated;
use crate::spec::Section;
use base::error::Result;

/// One thing to decide.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimSpec {
    /// The claim and the case.
    pub stated: Stated,
    /// The surface.
    pub surface: Surface,
    /// 1 or 2: of the equation, and of its error.
    pub order: u32,
    /// Absolute margin of the fitted order.
    pub margin: f64,
}

impl ClaimSpec {
    /// Reads one `[[claim]]`.
    ///
    /// # Errors
    /// An unknown claim or surface, or a number out of range.
    pub fn read(section: &Section<'_>) -> Result<Self> {
        let stated = Stated::read(section)?;
        let surface = match section.choice("surface", None, &["quadratic", "cosine"])? {
            "quadratic" => Surface::Quadratic,
            _ => Surface::Cosine,
        };
        let order = section.integer("order", None, 1..=2, "the equation of order 1 or 2")? as u32;
        let margin = section.number("margin", None, 1e-3..=0.5, "margin of the fitted order")?;
        section.finish()?;
        Ok(ClaimSpec {
            stated,
            surface,
            order,
            margin,
        })
    }
}
