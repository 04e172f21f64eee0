//! Update rules: two side by side, and cards.

use std::sync::OnceLock;

use kramers::PROGRAM;
use kramers::experiment::card::{Card, difference};
use kramers::experiment::optimizer::Tuned;
use kramers::experiment::rules::carried;
use kramers::experiment::spec::{Document, Section};
use kramers::simulation::optimizer::registry::Rules;
use pyo3::prelude::*;

use crate::attended::attended;
use crate::failure::Result;

/// The program's rules, and before them those of a text of `[[rule]]`, which may be empty.
pub fn rules(text: &str) -> Result<Rules> {
    // Those of the program are read once.
    static CARRIED: OnceLock<Rules> = OnceLock::new();
    let carried_by = match CARRIED.get() {
        Some(rules) => rules,
        None => {
            let read = PROGRAM.rules()?;
            CARRIED.get_or_init(|| read)
        }
    };
    if text.is_empty() {
        return Ok(carried_by.clone());
    }
    let own = carried("rule", text, Rules::none())?;
    let own = own.names().into_iter().filter_map(|name| own.find(name));
    Ok(own.fold(carried_by.clone(), Rules::with))
}

/// The rule of a process, `optimizer = "…"` with its hyper-parameters.
fn tuned(process: &str, rules: &Rules) -> Result<Tuned> {
    let document = Document::parse("process", process)?;
    let section = Section::new("", &document.root)?;
    let tuned = Tuned::read_by(&section, rules, "optimizer")?;
    section.finish()?;
    Ok(tuned)
}

/// How far the updates of two rules differ, over the largest of them.
#[pyfunction]
pub fn compare(
    py: Python<'_>,
    one: String,
    other: String,
    own: String,
    steps: usize,
) -> PyResult<f64> {
    attended(py, move |_| {
        let rules = rules(&own)?;
        let (one, other) = (tuned(&one, &rules)?, tuned(&other, &rules)?);
        Ok(difference(&one, &other, steps)?)
    })
}

/// The card of a rule, as a JSON document.
#[pyfunction]
pub fn card(py: Python<'_>, process: String, own: String) -> PyResult<String> {
    attended(py, move |_| {
        let card = Card::of(&tuned(&process, &rules(&own)?)?)?;
        Ok(serde_json::json!(card).to_string())
    })
}
