//! What every section `[[claim]]` says, whatever decides it.

use serde::Serialize;

use super::spec::Section;
use base::error::Result;
use verdict::{Role, Ruling, Verdict};

/// The claim, the case that is decided here, and what it counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// Id of the claim.
    pub id: String,
    /// What is decided here, in words.
    pub case: String,
    /// What it is for: a case in the regime that the paper states decides.
    pub role: Role,
    /// Why the tolerance is what it is, what the case controls, or what is true instead.
    pub because: String,
}

impl Stated {
    /// Reads `id`, `case`, `role` and `because`.
    ///
    /// # Errors
    /// A key of the wrong kind.
    pub fn read(section: &Section<'_>) -> Result<Self> {
        Ok(Stated {
            id: section.text("id", None)?,
            case: section.label("case", None)?,
            role: role(section)?,
            because: section.text("because", Some(""))?,
        })
    }

    /// A ruling that nothing has decided yet.
    pub fn open(&self, quantity: &str, tolerance: f64) -> Ruling {
        Ruling {
            id: self.id.clone(),
            case: self.case.clone(),
            role: self.role,
            verdict: Verdict::Inconclusive,
            why: String::new(),
            tolerance,
            quantity: quantity.to_string(),
            paper: None,
            rivals: Vec::new(),
            exact: None,
            measured: None,
            allowed: None,
        }
    }

    /// The ruling with the file's reason after its own sentence.
    #[must_use]
    pub fn explained(&self, mut ruling: Ruling) -> Ruling {
        if !self.because.is_empty() {
            let why = ruling.why.trim_end_matches('.');
            ruling.why = format!("{why}. {}", self.because);
        }
        ruling
    }
}

/// What a claim's case is for: it decides, where its section does not say otherwise.
///
/// # Errors
/// A word that is no role.
pub fn role(section: &Section<'_>) -> Result<Role> {
    let words = Role::ALL.map(Role::word);
    let word = section.choice("role", Some(Role::Decides.word()), &words)?;
    let found = Role::ALL.into_iter().find(|role| role.word() == word);
    Ok(found.unwrap_or_default())
}

/// The verdict on several points: refuted by one, confirmed by all, otherwise inconclusive.
pub fn together(verdicts: impl Iterator<Item = Verdict> + Clone) -> Verdict {
    if verdicts.clone().any(|v| v == Verdict::Refuted) {
        Verdict::Refuted
    } else if verdicts.clone().count() > 0 && verdicts.clone().all(|v| v == Verdict::Confirmed) {
        Verdict::Confirmed
    } else {
        Verdict::Inconclusive
    }
}

/// The series that a claim names under `key`, which must exist; the first where it names none.
///
/// # Errors
/// There is none of that name: the message lists those there are.
pub fn series(section: &Section<'_>, key: &'static str, names: &[&str]) -> Result<String> {
    let series = section.text(key, names.first().copied())?;
    if names.contains(&series.as_str()) {
        return Ok(series);
    }
    let mut known: Vec<&str> = Vec::new();
    for name in names {
        if !known.contains(name) {
            known.push(name);
        }
    }
    Err(section.error(
        key,
        format!("no series `{series}`; there are {}", known.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refutation_refutes_and_all_must_confirm() {
        use Verdict::{Confirmed, Inconclusive, Refuted};
        let of = |all: &[Verdict]| together(all.iter().copied());
        assert_eq!(of(&[]), Inconclusive);
        assert_eq!(of(&[Confirmed, Confirmed]), Confirmed);
        assert_eq!(of(&[Confirmed, Inconclusive]), Inconclusive);
        assert_eq!(of(&[Confirmed, Refuted, Inconclusive]), Refuted);
    }
}
