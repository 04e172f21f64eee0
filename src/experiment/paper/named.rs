//! The claims that an experiment's file names: those of papers, and those that it states itself.

use super::Papers;
use crate::claim::role;
use crate::covariance::theory;
use crate::spec::{Document, Node, Section, Value, nearest};
use base::error::Result;
use verdict::{Claim, Role, Status};

/// The protocol whose claims are formulas: they decide unless their `role` is another.
const BY_FORMULA: &str = "study";

/// The protocols whose claims are on second moments.
const OF_MOMENTS: [&str; 3] = ["posterior", "saddle", "noise-variance"];

/// The claims that a file names, each once, with the first of the roles that its cases have.
///
/// # Errors
/// A claim that is of no paper, and that the file does not state.
pub fn named(root: &Section<'_>, papers: &Papers) -> Result<Vec<(Claim, Role)>> {
    let by_formula = root.text("protocol", Some(""))? == BY_FORMULA;
    let mut found: Vec<(Claim, Role)> = Vec::new();
    for section in root.sections("claim")? {
        if section.get("id").is_none() {
            continue;
        }
        let id = section.text("id", None)?;
        let role = role(&section)?;
        if let Some((_, first)) = found.iter_mut().find(|(claim, _)| claim.id == id) {
            *first = role.min(*first);
            continue;
        }
        let claim = match papers.claim(&id) {
            Some(claim) => claim.clone(),
            None => own(&section, &id, papers, by_formula)?,
        };
        found.push((claim, role));
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
        derived: String::new(),
        exact: section.text("instead", Some(""))?,
        regime: holds.join(", "),
        predicts: None,
        rival: None,
        theory: None,
        holds,
        status: Status::Decided,
        why: String::new(),
        experiment: None,
        also: Vec::new(),
        needs: Vec::new(),
    })
}

/// Gives claims what they leave out and their paper has. By formulas: the statement, the conditions, and what is predicted
/// where the file says only how close that must come. On second moments: what is predicted.
///
/// # Errors
/// Nothing says what a claim on second moments predicts.
pub fn complete(document: &mut Document, papers: &Papers) -> Result<()> {
    let Value::Table(entries) = &mut document.root.value else {
        return Ok(());
    };
    let protocol = entries.iter().find(|(key, _)| key == "protocol");
    let fill = match protocol.map(|(_, node)| &node.value) {
        Some(Value::Text(name)) if name == BY_FORMULA => by_formula,
        Some(Value::Text(name)) if OF_MOMENTS.contains(&name.as_str()) => of_moments,
        _ => return Ok(()),
    };
    for (_, node) in entries.iter_mut().filter(|(key, _)| key == "claim") {
        let sections = match &mut node.value {
            Value::List(sections) => sections.as_mut_slice(),
            _ => std::slice::from_mut(node),
        };
        for section in sections {
            fill(section, papers)?;
        }
    }
    Ok(())
}

/// The claim of a paper that a section is about.
fn claim_of<'a>(entries: &[(String, Node)], papers: &'a Papers) -> Option<&'a Claim> {
    let id = entries.iter().find_map(|(key, node)| match &node.value {
        Value::Text(id) if key == "id" => Some(id.as_str()),
        _ => None,
    });
    papers.claim(id?)
}

fn has(entries: &[(String, Node)], key: &str) -> bool {
    entries.iter().any(|(own, _)| own == key)
}

fn of_moments(section: &mut Node, papers: &Papers) -> Result<()> {
    let origin = section.origin.clone();
    let Value::Table(entries) = &mut section.value else {
        return Ok(());
    };
    let node = |text: &String| Node {
        origin: origin.clone(),
        value: Value::Text(text.clone()),
    };
    if !has(entries, "rival") {
        let rival = claim_of(entries, papers).and_then(|claim| claim.rival.as_ref());
        entries.extend(rival.map(|text| ("rival".to_string(), node(text))));
    }
    if has(entries, "theory") || has(entries, "predicts") {
        return Ok(());
    }
    let found = claim_of(entries, papers).and_then(|claim| {
        let theory = claim.theory.as_ref().map(|name| ("theory", name));
        theory.or(claim.predicts.as_ref().map(|formula| ("predicts", formula)))
    });
    if let Some((key, text)) = found {
        entries.push((key.to_string(), node(text)));
        return Ok(());
    }
    let flattest = Value::Text("flattest".into());
    let elsewhere = |(key, node): &(String, Node)| key == "against" && node.value == flattest;
    if entries.iter().any(elsewhere) || !has(entries, "id") {
        return Ok(());
    }
    let what = format!(
        "nothing says what the claim predicts: give it predicts = \"…\", a formula, or theory = \"…\" ({}), here or in its paper.toml",
        theory::names().join(", ")
    );
    Err(Section::new("claim", section)?.error("id", what))
}

fn by_formula(section: &mut Node, papers: &Papers) -> Result<()> {
    let origin = section.origin.clone();
    let Value::Table(entries) = &mut section.value else {
        return Ok(());
    };
    let Some(claim) = claim_of(entries, papers) else {
        return Ok(());
    };
    let node = |value: Value| Node {
        origin: origin.clone(),
        value,
    };
    let text = |text: &String| node(Value::Text(text.clone()));
    let mut left_out = vec![("statement", Some(text(&claim.statement)))];
    if has(entries, "within") {
        left_out.push(("predicts", claim.predicts.as_ref().map(text)));
    }
    if !has(entries, "rivals") {
        left_out.push(("rival", claim.rival.as_ref().map(text)));
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
    Ok(())
}
