//! Reads `paper.toml`.

use std::path::Path;

use super::{Paper, check, work};
use crate::covariance::theory;
use crate::spec::{Section, Value, written};
use base::error::Result;
use formula::Tree;
use verdict::{Claim, Status};

impl Paper {
    /// The paper of a document that was read from `path`.
    ///
    /// # Errors
    /// Anything missing, unknown, of the wrong kind, or impossible together, with its place.
    pub(super) fn of(root: &Section<'_>, path: &str) -> Result<Self> {
        let head = root.required_section("paper")?;
        let key = work::key(&head, "key")?;
        let title = head.label("title", None)?.replace(['{', '}'], "");
        let cite = match head.get("cite") {
            Some(_) => work::key(&head, "cite")?,
            None => key.clone(),
        };
        let own = work::read(&head, &cite)?;
        head.finish()?;
        let mut paper = Paper {
            folder: folder(path),
            key,
            title,
            work: own,
            others: Vec::new(),
            claims: Vec::new(),
        };
        for section in root.sections("work")? {
            let key = work::key(&section, "key")?;
            section.label("title", None)?;
            if paper.works().any(|other| other.key == key) {
                return Err(section.error("key", format!("`{key}` is here twice")));
            }
            let Some(read) = work::read(&section, &key)? else {
                return Err(section.error("authors", "a work has authors and a year"));
            };
            section.finish()?;
            paper.others.push(read);
        }
        for section in root.sections("claim")? {
            let claim = claim(&section, &paper)?;
            paper.claims.push(claim);
        }
        root.finish()?;
        Ok(paper)
    }
}

/// The name of the folder that a file lies in.
fn folder(path: &str) -> String {
    let parent = Path::new(path).parent().unwrap_or(Path::new(""));
    let named = parent.file_name().map(|name| name.to_os_string());
    let here = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let named = named.or_else(|| {
        let whole = here.canonicalize().ok()?;
        Some(whole.file_name()?.to_os_string())
    });
    named.map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

/// One `[[claim]]`.
fn claim(section: &Section<'_>, paper: &Paper) -> Result<Claim> {
    let name = section.label("id", None)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.chars().all(plain) {
        let what = format!("`{name}` is no id; use letters, digits, -, _ and .");
        return Err(section.error("id", what));
    }
    if let Some(rest) = name.strip_prefix(&format!("{}.", paper.key)) {
        let what = format!("give it without the paper's key: `{rest}`");
        return Err(section.error("id", what));
    }
    let id = format!("{}.{name}", paper.key);
    if paper.claims.iter().any(|other| other.id == id) {
        return Err(section.error("id", format!("`{name}` is here twice")));
    }
    let predicts = formula(section, "predicts")?;
    let rival = formula(section, "rival")?;
    let conditions = section.texts("holds")?;
    for condition in &conditions {
        formula_at(section, "holds", condition)?;
    }
    check::checks(section, predicts.as_ref())?;
    check::rival(section, predicts.as_ref(), rival.as_ref())?;
    let theory = match section.get("theory") {
        Some(_) => Some(
            section
                .choice("theory", None, &theory::names())?
                .to_string(),
        ),
        None => None,
    };
    let (status, why) = status(section)?;
    let experiment = match section.get("experiment") {
        Some(_) => Some(file(
            section,
            "experiment",
            &section.text("experiment", None)?,
            paper,
        )?),
        None => None,
    };
    let also = section.texts("also")?;
    let also = also.iter().map(|path| file(section, "also", path, paper));
    let also = also.collect::<Result<Vec<_>>>()?;
    if experiment.is_none() && !also.is_empty() {
        return Err(section.error(
            "also",
            "further files beside `experiment`, which is missing",
        ));
    }
    if experiment.is_none() && status.decided() {
        let what = "is missing: the file beside this one that decides the claim; where none can, give a `status` with `why`";
        return Err(section.error("experiment", what));
    }
    let claim = Claim {
        id,
        paper: paper.folder.clone(),
        place: section.label("place", None)?,
        statement: section.text("statement", None)?,
        derived: section.text("derived", Some(""))?,
        exact: section.text("exact", Some(""))?,
        regime: section.text("regime", Some(""))?,
        predicts: predicts.map(|tree| tree.text),
        rival: rival.map(|tree| tree.text),
        theory,
        holds: conditions,
        status,
        why,
        experiment,
        also,
        needs: section.texts("needs")?,
    };
    section.finish()?;
    Ok(claim)
}

/// What a theory predicts: a number, or a formula.
fn formula(section: &Section<'_>, key: &'static str) -> Result<Option<Tree>> {
    let number = |x: f64| Ok(Some(formula_at(section, key, &written(x))?));
    match section.get(key).map(|node| &node.value) {
        None => Ok(None),
        Some(Value::Integer(i)) => number(*i as f64),
        Some(Value::Float(x)) if x.is_finite() => number(*x),
        Some(_) => {
            let text = section.text(key, None)?;
            Ok(Some(formula_at(section, key, &text)?))
        }
    }
}

/// A formula, with what is wrong with it at its character.
fn formula_at(section: &Section<'_>, key: &'static str, text: &str) -> Result<Tree> {
    Tree::parse(text).map_err(|mistake| {
        let what = format!("{}{}", mistake.what, mistake.picture());
        section.error_within(key, text, mistake.at, what)
    })
}

/// Whether the claim is decided, and why not in full.
fn status(section: &Section<'_>) -> Result<(Status, String)> {
    let words = Status::ALL.map(Status::words);
    let word = section.choice("status", Some(Status::Decided.words()), &words)?;
    let found = Status::ALL.into_iter().find(|s| s.words() == word);
    let status = found.unwrap_or(Status::Decided);
    let why = section.text("why", Some(""))?;
    if status != Status::Decided && why.is_empty() {
        let what = format!("is missing: why the claim is “{word}”");
        return Err(section.error("why", what));
    }
    Ok((status, why))
}

/// An experiment's file below the folder of all papers: beside `paper.toml`, or in the folder of another.
fn file(section: &Section<'_>, key: &'static str, path: &str, paper: &Paper) -> Result<String> {
    let plain = |name: &str| !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
    let place = match path.strip_prefix("../") {
        Some(rest) => rest
            .split_once('/')
            .filter(|(folder, name)| plain(folder) && plain(name)),
        None => plain(path).then_some((paper.folder.as_str(), path)),
    };
    match place {
        Some((folder, name)) if name.ends_with(".toml") && name != super::FILE => {
            Ok(format!("{folder}/{name}"))
        }
        _ => Err(section.error(
            key,
            format!("`{path}` is no experiment's file; name one beside this file (NAME.toml) or of another paper (../FOLDER/NAME.toml)"),
        )),
    }
}
