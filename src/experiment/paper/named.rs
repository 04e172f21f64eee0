//! The claims that an experiment's file names: those of papers, and those that it states itself.

use super::Papers;
use crate::spec::{Document, Node, Section, Value, nearest};
use base::error::Result;
use verdict::{Claim, Status};

/// The sections in which protocols state what they decide.
const SECTIONS: [&str; 2] = ["claim", "bound"];

/// The protocol whose claims are formulas: they decide unless their `role` is another.
const BY_FORMULA: &str = "study";

/// The claims that a file names, each once, and whether it decides them or only controls something about them.
///
/// # Errors
/// A claim that is of no paper, and that the file does not state.
pub fn named(root: &Section<'_>, papers: &Papers) -> Result<Vec<(Claim, bool)>> {
    let by_formula = root.text("protocol", Some(""))? == BY_FORMULA;
    let mut found: Vec<(Claim, bool)> = Vec::new();
    for key in SECTIONS {
        for section in root.sections(key)? {
            if section.get("id").is_none() {
                continue;
            }
            let id = section.text("id", None)?;
            let decides = if by_formula {
                section.text("role", Some("decides"))? == "decides"
            } else {
                section.switch("decides", false)?
            };
            if let Some((_, any)) = found.iter_mut().find(|(claim, _)| claim.id == id) {
                *any |= decides;
                continue;
            }
            let claim = match papers.claim(&id) {
                Some(claim) => claim.clone(),
                None => own(&section, &id, papers, by_formula)?,
            };
            found.push((claim, decides));
        }
    }
    Ok(found)
}

/// A claim that the file states itself.
fn own(section: &Section<'_>, id: &str, papers: &Papers, by_formula: bool) -> Result<Claim> {
    let taken = papers.all().find(|paper| {
        let rest = id.strip_prefix(paper.key.as_str());
        rest.is_some_and(|rest| rest.starts_with('.'))
    });
    // A study's claim states itself by its formula.
    let stated = section.get("statement").is_some();
    if !stated && !by_formula || taken.is_some() && !(stated && by_formula) {
        let known = papers.claims().map(|claim| claim.id.as_str());
        let hint = nearest(id, known).map_or(".".into(), formula::did_you_mean);
        let ways = match taken {
            Some(paper) => format!(
                "Ids that begin with `{}.` are claims of “{}”",
                paper.key, paper.title
            ),
            None => "`kramers claims` lists those of papers; a claim of your own has a `statement`"
                .into(),
        };
        return Err(section.error("id", format!("unknown claim `{id}`{hint} {ways}")));
    }
    let holds = match section.get("holds").map(|node| &node.value) {
        Some(Value::List(_)) => section.texts("holds")?,
        Some(_) => vec![section.text("holds", None)?],
        None => Vec::new(),
    };
    Ok(Claim {
        id: id.to_string(),
        paper: String::new(),
        place: String::new(),
        statement: section.text("statement", Some(""))?,
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

/// Gives the claims by formulas what they leave out and their paper has: the statement, the conditions, and what is
/// predicted where the file says only how close that must come.
pub fn complete(document: &mut Document, papers: &Papers) {
    let Value::Table(entries) = &mut document.root.value else {
        return;
    };
    let by_formula = Value::Text(BY_FORMULA.into());
    if !entries
        .iter()
        .any(|(key, node)| key == "protocol" && node.value == by_formula)
    {
        return;
    }
    for (_, node) in entries.iter_mut().filter(|(key, _)| key == "claim") {
        let sections = match &mut node.value {
            Value::List(sections) => sections.as_mut_slice(),
            _ => std::slice::from_mut(node),
        };
        for section in sections {
            complete_one(section, papers);
        }
    }
}

fn complete_one(section: &mut Node, papers: &Papers) {
    let Value::Table(entries) = &mut section.value else {
        return;
    };
    let has = |entries: &[(String, Node)], key: &str| entries.iter().any(|(k, _)| k == key);
    let id = entries.iter().find_map(|(key, node)| match &node.value {
        Value::Text(id) if key == "id" => Some(id.as_str()),
        _ => None,
    });
    let Some(claim) = id.and_then(|id| papers.claim(id)) else {
        return;
    };
    let origin = section.origin.clone();
    let node = |value: Value| Node {
        origin: origin.clone(),
        value,
    };
    let text = |text: &String| node(Value::Text(text.clone()));
    let mut left_out = vec![("statement", Some(text(&claim.statement)))];
    if has(entries, "within") {
        left_out.push(("predicts", claim.predicts.as_ref().map(text)));
    }
    if !claim.holds.is_empty() {
        let conditions = claim.holds.iter().map(text).collect();
        left_out.push(("holds", Some(node(Value::List(conditions)))));
    }
    for (key, value) in left_out {
        if !has(entries, key) {
            entries.extend(value.map(|value| (key.to_string(), value)));
        }
    }
}
