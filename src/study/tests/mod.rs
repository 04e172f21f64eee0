//! Studies as files: what comes out, and what is said of files that are wrong.

mod bad_input;
mod batches;
mod curvature;
mod data;
mod equations;
mod exact;
mod hits;
mod in_memory;
mod laws;
mod paths;
mod plane;
mod schedules;
mod unknown;
mod whole;

use base::error::Result;
use experiment::context::{Context, Quiet};
use experiment::spec::{Document, Section};
use measurement::reading::Reading;
use simulation::optimizer::registry::Rules;

use crate::spec::StudySpec;

/// The reference of the book is made of these.
#[test]
fn every_example_can_be_read() {
    for text in crate::EXAMPLES {
        study(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
}

/// A file that was read.
fn study(text: &str) -> Result<StudySpec> {
    let document = Document::parse("f.toml", text)?;
    let root = Section::new("", &document.root)?;
    for key in ["name", "protocol", "source"] {
        root.get(key);
    }
    let rules = experiment::rules::of(&root, &Rules::default())?;
    let study = StudySpec::read(&root, "t", &rules)?;
    root.finish()?;
    Ok(study)
}

/// Holds that each change of a file, which is right itself, is refused with exit 2: what is written in place of what, the place that is said,
/// and a part of the sentence.
fn refused(file: &str, changes: &[(&str, &str, &str, &str)]) {
    study(file).unwrap();
    let mut wrong = Vec::new();
    for (old, new, place, what) in changes {
        assert!(file.contains(old), "{old}");
        let said = match study(&file.replacen(old, new, 1)) {
            Ok(_) => "it is accepted".to_string(),
            Err(error) => {
                assert_eq!(error.exit_code(), 2, "{error}");
                error.to_string()
            }
        };
        if !(said.contains(what) && said.contains(place)) {
            wrong.push(format!("{new}:\n  {said}\n  wanted {place} {what}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What it comes to, with seed 7.
fn readings(text: &str) -> Vec<Reading> {
    let study = study(text).unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().unwrap();
    let context = Context::new(7, "standard", folder.path().into(), 2).unwrap();
    let results = study.results(&context, &Quiet, folder.path()).unwrap();
    let (readings, _) = results.readings(&study).unwrap();
    let checks = results.self_checks(&study, &readings);
    for check in &checks {
        assert!(!check.failed(), "{}: {}", check.id, check.why);
    }
    let names: std::collections::BTreeSet<&str> = checks.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(names.len(), checks.len(), "two checks have one name");
    readings
}

/// The reading of a cell and quantity whose axes have these values.
fn one<'a>(all: &'a [Reading], cell: &str, quantity: &str, axes: &[(&str, &str)]) -> &'a Reading {
    let own = |r: &&Reading| {
        let narrowed = axes
            .iter()
            .all(|(name, value)| r.axes.get(name).is_some_and(|v| v.is(value)));
        r.cell == cell && r.quantity == quantity && narrowed
    };
    let found: Vec<&Reading> = all.iter().filter(own).collect();
    assert_eq!(found.len(), 1, "{cell} {quantity} {axes:?}");
    found[0]
}

fn value(all: &[Reading], cell: &str, quantity: &str, axes: &[(&str, &str)]) -> f64 {
    let reading = one(all, cell, quantity, axes);
    reading
        .measured
        .as_ref()
        .and_then(|e| e.value)
        .unwrap_or(f64::NAN)
}
