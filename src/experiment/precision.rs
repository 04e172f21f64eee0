//! The key `precision` of `[ensemble]`.

use super::spec::Section;
use base::error::Result;
use simulation::ensemble::Precision;

/// What numbers the ensemble is made of; doubles if the section does not say.
///
/// # Errors
/// None of the names.
pub fn precision(ensemble: &Section<'_>) -> Result<Precision> {
    let name = ensemble.choice("precision", Some("f64"), Precision::NAMES)?;
    Ok(Precision::named(name))
}
