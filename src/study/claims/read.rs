//! One section `[[claim]]`, and all of a file.

use base::error::Result;
use experiment::claim::role;
use experiment::confidence;
use experiment::spec::{Node, Section, Value, nearest, written};
use formula::Tree;
use verdict::decide::Tolerance;
use verdict::question::{Forms, Question};

use super::Places;

/// Every claim of a file, with the places of its formulas.
///
/// # Errors
/// A claim that cannot be read, or two of one id and case.
pub fn read_all(root: &Section<'_>) -> Result<Vec<(Question, Places)>> {
    let mut found: Vec<(Question, Places)> = Vec::new();
    let usual = confidence::measured(root)?.min(MOST);
    for section in root.sections("claim")? {
        let (question, places) = read(&section, usual)?;
        let same = |(known, _): &&(Question, Places)| {
            (&known.id, &known.case) == (&question.id, &question.case)
        };
        if found.iter().any(|known| same(&known)) {
            let what = format!(
                "there is a claim {} already; give each its own `case`",
                question.name()
            );
            return Err(section.error("id", what));
        }
        found.push((question, places));
    }
    Ok(found)
}

/// The largest confidence of a claim: joint intervals are made of draws, fifty of them beyond each end.
const MOST: f64 = 0.9999;

/// One claim, with the places of its formulas; `usual` is its confidence where it says none.
///
/// # Errors
/// A key that is unknown or of the wrong kind, a formula that cannot be read, keys that do not go together.
pub fn read(section: &Section<'_>, usual: f64) -> Result<(Question, Places)> {
    let mut places = Places::default();
    let id = section.label("id", None)?;
    let case = match section.get("case") {
        Some(_) => section.label("case", None)?,
        None => String::new(),
    };
    let statement = section.text("statement", Some(""))?;
    let text = section.text("quantity", None)?;
    let quantity = match section.get("quantity") {
        Some(node) => places.tree("quantity", &text, node)?,
        None => return Err(section.error("quantity", "is missing")),
    };
    let over = conditions(section, "over", &mut places)?;
    let holds = conditions(section, "holds", &mut places)?;
    let forms = forms(section, &mut places)?;
    let within = within(section)?;
    let predicts = match (&forms, section.get("predicts"), within) {
        (Some(_), _, None) | (None, None, None) => None,
        (Some(_), _, Some(_)) => {
            let what = "a form is not predicted within something; it must win by a `margin`";
            return Err(section.error("within", what));
        }
        (None, None, Some(_)) => {
            let what =
                "within of what? Give `predicts` too, or `at_most` or `at_least` in its place";
            return Err(section.error("within", what));
        }
        (None, Some(_), None) => {
            let what = "how close? Give `within`, as in 0.05 or \"5 %\"";
            return Err(section.error("predicts", what));
        }
        (None, Some(node), Some(within)) => {
            Some((number(section, "predicts", node, &mut places)?, within))
        }
    };
    let bound = |key: &'static str, places: &mut Places| match section.get(key) {
        Some(_) if forms.is_some() => Err(section.error(key, "forms are compared, not bounded")),
        Some(node) => number(section, key, node, places).map(Some),
        None => Ok(None),
    };
    let at_most = bound("at_most", &mut places)?;
    let at_least = bound("at_least", &mut places)?;
    let rivals = rivals(section, &mut places)?;
    if forms.is_none() && predicts.is_none() && at_most.is_none() && at_least.is_none() {
        let what = "claims nothing: say what it `predicts`, or that it is `at_most` or `at_least`";
        return Err(section.error("quantity", what));
    }
    let question = Question {
        id,
        case,
        statement,
        quantity,
        over,
        holds,
        predicts,
        at_most,
        at_least,
        rivals,
        forms,
        role: role(section)?,
        confidence: section.number(
            "confidence",
            Some(usual),
            0.5..=MOST,
            "how often an interval covers; if left out that of [measure], at most 0.9999",
        )?,
        instead: section.text("instead", Some(""))?,
    };
    section.finish()?;
    Ok((question, places))
}

/// A string or an array of strings, each with its place.
fn strings<'a>(section: &Section<'a>, key: &'static str) -> Result<Vec<(String, &'a Node)>> {
    let Some(node) = section.get(key) else {
        return Ok(Vec::new());
    };
    match &node.value {
        Value::List(items) => Ok(section.texts(key)?.into_iter().zip(items).collect()),
        _ => Ok(vec![(section.text(key, None)?, node)]),
    }
}

fn conditions(section: &Section<'_>, key: &'static str, places: &mut Places) -> Result<Vec<Tree>> {
    let all = strings(section, key)?;
    all.iter()
        .map(|(text, node)| places.tree(key, text, node))
        .collect()
}

/// A number, or a formula in a string.
fn number(section: &Section<'_>, key: &str, node: &Node, places: &mut Places) -> Result<Tree> {
    match &node.value {
        Value::Text(text) => places.tree(key, text, node),
        Value::Integer(i) => places.tree(key, &i.to_string(), node),
        Value::Float(x) if x.is_finite() => places.tree(key, &written(*x), node),
        other => Err(section.error(
            key,
            format!(
                "expected a number, or a formula in quotes, not {}",
                other.kind()
            ),
        )),
    }
}

/// What rival theories say: one under `rival`, several under `rivals`.
fn rivals(section: &Section<'_>, places: &mut Places) -> Result<Vec<Tree>> {
    let mut found = Vec::new();
    for key in ["rival", "rivals"] {
        let own = match section.get(key) {
            None => &[][..],
            Some(node) => match &node.value {
                Value::List(items) if key == "rivals" => items,
                _ => std::slice::from_ref(node),
            },
        };
        for node in own {
            found.push(number(section, key, node, places)?);
        }
    }
    Ok(found)
}

/// `0.05`, or `"5 %"`.
fn within(section: &Section<'_>) -> Result<Option<Tolerance>> {
    let wrong = || {
        let what = "expected a number above 0, or a share as in \"5 %\"";
        section.error("within", what)
    };
    let Some(node) = section.get("within") else {
        return Ok(None);
    };
    let found = match &node.value {
        Value::Integer(i) => Tolerance::Absolute(*i as f64),
        Value::Float(x) => Tolerance::Absolute(*x),
        Value::Text(text) => {
            let share = text.trim().strip_suffix('%').ok_or_else(wrong)?;
            let percent: f64 = share.trim().parse().map_err(|_| wrong())?;
            Tolerance::Relative(percent / 100.0)
        }
        _ => return Err(wrong()),
    };
    let (Tolerance::Absolute(size) | Tolerance::Relative(size)) = found;
    if size == 0.0 {
        let what =
            "no interval keeps to a margin of 0; say how close counts, as in 0.05 or \"5 %\"";
        return Err(section.error("within", what));
    }
    if size > 0.0 && size.is_finite() {
        Ok(Some(found))
    } else {
        Err(wrong())
    }
}

/// `forms`, `free`, `margin`, and the names that `predicts` claims.
fn forms(section: &Section<'_>, places: &mut Places) -> Result<Option<Forms>> {
    let Some(node) = section.get("forms") else {
        return Ok(None);
    };
    let Value::Table(entries) = &node.value else {
        let what = "expected a table of formulas, as in { power = \"a - p*log(k)\" }";
        return Err(section.error("forms", what));
    };
    let mut named = Vec::new();
    for (name, node) in entries {
        let tree = number(section, &format!("forms.{name}"), node, places)?;
        named.push((name.clone(), tree));
    }
    let claimed: Vec<String> = strings(section, "predicts")?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for name in &claimed {
        if !entries.iter().any(|(known, _)| known == name) {
            let hint = nearest(name, entries.iter().map(|(known, _)| known.as_str()));
            let hint = hint.map_or_else(String::new, formula::did_you_mean);
            return Err(section.error("predicts", format!("there is no form `{name}`{hint}")));
        }
    }
    if claimed.is_empty() {
        return Err(section.error("forms", "which of them is claimed? Name it in `predicts`"));
    }
    if named.iter().all(|(name, _)| claimed.contains(name)) {
        let what = "every form is claimed, and none is left for it to be held against";
        return Err(section.error("predicts", what));
    }
    Ok(Some(Forms {
        named,
        free: strings(section, "free")?
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
        claimed,
        margin: section.number("margin", Some(10.0), 1e-3..=1e3, "ΔAIC to win by")?,
    }))
}
