//! The key `confidence`: the coverage of the intervals.

use super::spec::Section;
use base::error::Result;
use measurement::DEFAULT_CONFIDENCE;

/// The coverage that a section asks for, 0.999 where it says nothing.
///
/// # Errors
/// It is not at least a half and below 1.
pub fn confidence(section: &Section<'_>) -> Result<f64> {
    let usual = Some(DEFAULT_CONFIDENCE);
    let why = "coverage of the intervals";
    section.number("confidence", usual, 0.5..=0.999_999, why)
}

/// The same of the section `[measure]`, which may be left out and holds nothing else.
///
/// # Errors
/// As [`confidence`], or another key.
pub fn measured(root: &Section<'_>) -> Result<f64> {
    let Some(section) = root.section("measure")? else {
        return Ok(DEFAULT_CONFIDENCE);
    };
    let found = confidence(&section)?;
    section.finish()?;
    Ok(found)
}
