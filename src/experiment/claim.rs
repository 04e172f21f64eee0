//! What every section `[[claim]]` says, whatever decides it.

use serde::Serialize;

use super::paper::Papers;
use super::spec::{Node, Section, Value};
use base::error::Result;
use verdict::{Claim, Ruling, Status, Verdict};

/// The claim, the case that is decided here, and what it counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// Id of the claim.
    pub id: String,
    /// What is decided here, in words.
    pub case: String,
    /// Whether it counts for the claim as a whole: the regime that the paper states.
    pub decides: bool,
    /// Why the tolerance is what it is, what the case controls, or what is true instead.
    pub because: String,
}

impl Stated {
    /// Reads `id`, `case`, `decides` and `because`.
    ///
    /// # Errors
    /// A key of the wrong kind.
    pub fn read(section: &Section<'_>) -> Result<Self> {
        Ok(Stated {
            id: section.text("id", None)?,
            case: section.label("case", None)?,
            decides: section.switch("decides", false)?,
            because: section.text("because", Some(""))?,
        })
    }

    /// A ruling that nothing has decided yet.
    pub fn open(&self, quantity: &str, tolerance: f64) -> Ruling {
        Ruling {
            id: self.id.clone(),
            case: self.case.clone(),
            decides: self.decides,
            role: None,
            verdict: Verdict::Inconclusive,
            why: String::new(),
            tolerance,
            quantity: quantity.to_string(),
            paper: None,
            exact: None,
            measured: None,
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

/// The sections in which protocols state what they decide.
const SECTIONS: [&str; 2] = ["claim", "bound"];

/// The claims that a file names, each once, and whether it decides them or only controls something about them.
///
/// # Errors
/// A claim that none of the papers has.
pub fn named(root: &Section<'_>, papers: &Papers) -> Result<Vec<(Claim, bool)>> {
    let known: Vec<&str> = papers.claims().map(|claim| claim.id.as_str()).collect();
    let mut found: Vec<(Claim, bool)> = Vec::new();
    for key in SECTIONS {
        for section in root.sections(key)? {
            if section.get("id").is_none() {
                continue;
            }
            let own = section.text("id", None)?;
            if section.get("statement").is_some() && !known.contains(&own.as_str()) {
                if !found.iter().any(|(claim, _)| claim.id == own) {
                    found.push((stated(&section, &own)?, true));
                }
                continue;
            }
            let id = section.choice("id", None, &known)?;
            let decides = section.switch("decides", false)?;
            match found.iter_mut().find(|(claim, _)| claim.id == id) {
                Some((_, any)) => *any |= decides,
                None => found.extend(papers.claim(id).map(|claim| (claim.clone(), decides))),
            }
        }
    }
    Ok(found)
}

/// A claim of the file's own.
fn stated(section: &Section<'_>, id: &str) -> Result<Claim> {
    let holds = match section.get("holds").map(|node| &node.value) {
        Some(Value::List(_)) => section.texts("holds")?,
        Some(_) => vec![section.text("holds", None)?],
        None => Vec::new(),
    };
    Ok(Claim {
        id: id.to_string(),
        paper: String::new(),
        place: String::new(),
        statement: section.text("statement", None)?,
        exact: section.text("instead", Some(""))?,
        regime: holds.join(", "),
        predicts: None,
        holds,
        status: Status::Decided,
        why: String::new(),
        experiment: None,
        also: Vec::new(),
        needs: Vec::new(),
    })
}

/// Puts into every `[[claim]]` over readings what its paper says and it leaves out: the statement, the prediction where it says
/// how closely that is meant, the conditions.
pub fn complete(root: &mut Node, papers: &Papers) {
    let Value::Table(entries) = &mut root.value else {
        return;
    };
    let claims = entries.iter_mut().filter(|(key, _)| key == "claim");
    for node in claims.flat_map(|(_, node)| tables(node)) {
        let origin = node.origin.clone();
        let Value::Table(entries) = &mut node.value else {
            continue;
        };
        let text = |entries: &[(String, Node)], key: &str| {
            let found = entries.iter().find(|(own, _)| own == key)?;
            match &found.1.value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            }
        };
        let has = |entries: &[(String, Node)], key: &str| entries.iter().any(|(own, _)| own == key);
        let paper = text(entries, "id").and_then(|id| papers.claim(&id));
        let Some(claim) = paper.filter(|_| has(entries, "quantity")) else {
            continue;
        };
        let node = |value| Node {
            origin: origin.clone(),
            value,
        };
        if !has(entries, "statement") {
            entries.push((
                "statement".into(),
                node(Value::Text(claim.statement.clone())),
            ));
        }
        if let Some(predicts) = &claim.predicts
            && has(entries, "within")
            && !has(entries, "predicts")
        {
            entries.push(("predicts".into(), node(Value::Text(predicts.clone()))));
        }
        if !claim.holds.is_empty() && !has(entries, "holds") {
            let all = claim
                .holds
                .iter()
                .map(|text| node(Value::Text(text.clone())));
            entries.push(("holds".into(), node(Value::List(all.collect()))));
        }
    }
}

/// A table, or those of a list.
fn tables(node: &mut Node) -> Vec<&mut Node> {
    if !matches!(node.value, Value::List(_)) {
        return vec![node];
    }
    match &mut node.value {
        Value::List(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    }
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
