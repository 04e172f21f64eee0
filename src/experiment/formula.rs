//! The keys of `[landscape]` that write a surface down.

use super::spec::Section;
use base::error::{Error, Result};
use simulation::landscape::expression::{Formula, Mistake};

/// The keys `expression`, `variables` and `parameters`.
///
/// # Errors
/// One of the wrong kind.
pub fn read_formula(section: &Section<'_>) -> Result<Option<Formula>> {
    if section.get("expression").is_none() {
        return Ok(None);
    }
    let mut formula = Formula::new(&section.text("expression", None)?);
    formula.variables = section.texts("variables")?;
    if let Some(parameters) = section.section("parameters")? {
        formula.parameters = parameters.numbers()?.into_iter().collect();
    }
    Ok(Some(formula))
}

/// What is wrong with a formula, at its character in the file.
pub fn mistaken(section: &Section<'_>, mistake: &Mistake) -> Error {
    let what = format!("{}{}", mistake.what, mistake.picture());
    section.error_within("expression", &mistake.text, mistake.at, what)
}
