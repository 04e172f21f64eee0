//! A claim's own check values: what its prediction comes to at given numbers.

use crate::spec::{Section, written};
use base::error::Result;
use base::value::Value;
use formula::{Scope, Tree};

/// By how much a prediction may differ from its check value, relative.
const TOLERANCE: f64 = 1e-9;

/// Names with their numbers.
struct At(Vec<(String, f64)>);

impl Scope for At {
    fn value(&self, name: &str) -> std::result::Result<Option<Value>, String> {
        let found = self.0.iter().find(|(known, _)| known == name);
        Ok(found.map(|(_, x)| Value::Number(*x)))
    }

    fn known(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Refuses a rival of a claim that predicts nothing, or the same.
///
/// # Errors
/// Either.
pub fn rival(section: &Section<'_>, predicts: Option<&Tree>, rival: Option<&Tree>) -> Result<()> {
    let Some(rival) = rival else { return Ok(()) };
    if predicts.is_none() && section.get("theory").is_none() {
        let what = "there is nothing that it is the rival of: say what the claim `predicts`";
        return Err(section.error("rival", what));
    }
    let number = |tree: &Tree| tree.number(&At(Vec::new())).ok();
    let same = |own: &Tree| {
        own.text == rival.text || number(own).is_some_and(|x| number(rival) == Some(x))
    };
    if predicts.is_some_and(same) {
        let what =
            "is what the claim predicts, and nothing could tell them apart: give another, or none";
        return Err(section.error("rival", what));
    }
    Ok(())
}

/// Reads `checks` and holds the prediction against each.
///
/// # Errors
/// A check that fails, that names what the prediction has not, or that has no prediction.
pub fn checks(section: &Section<'_>, predicts: Option<&Tree>) -> Result<()> {
    for check in section.sections("checks")? {
        let Some(tree) = predicts else {
            let what = "there is nothing to check: give the formula that the claim `predicts`";
            return Err(section.error("checks", what));
        };
        let at = check.section("at")?;
        let at = At(at.map_or(Ok(Vec::new()), |at| at.numbers())?);
        let value = check.number("value", None, f64::MIN..=f64::MAX, "what it comes to")?;
        check.finish()?;
        let came = tree.number(&at).map_err(|mistake| {
            let what = format!("{}{}", mistake.what, mistake.picture());
            check.error("at", what)
        })?;
        // What comes to 0 may be off by the rounding of terms about 1.
        let agrees = (came - value).abs() <= TOLERANCE * value.abs() + f64::EPSILON;
        if !agrees {
            let what = format!(
                "`{}` comes to {} here, not to {}; correct the formula or the value",
                tree.text,
                written(came),
                written(value)
            );
            return Err(check.error("value", what));
        }
    }
    Ok(())
}
