//! Update rules: two side by side, and cards.

use std::sync::OnceLock;

use kramers::PROGRAM;
use kramers::experiment::card::{Card, difference};
use kramers::experiment::optimizer::{Tuned, draws_normals};
use kramers::experiment::rules::carried;
use kramers::experiment::spec::{Document, Section};
use kramers::simulation::optimizer::registry::Rules;
use kramers::simulation::optimizer::trajectory::Trajectory;
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::attended::attended;
use crate::failure::{Failure, Result};

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

/// θ of a rule after each step, from a point, by gradients that are given, a row for each step.
#[pyfunction]
pub fn path<'py>(
    py: Python<'py>,
    process: &str,
    own: &str,
    start: PyReadonlyArray1<'py, f64>,
    gradients: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let tuned = tuned(process, &rules(own)?)?;
    let rule = tuned.build();
    if rule.draws() {
        return Err(Failure::input(draws_normals(tuned.entry.name)).into());
    }
    let mut theta = start.as_slice()?.to_vec();
    let [steps, dim] = [gradients.shape()[0], theta.len()];
    if dim == 0 || gradients.shape()[1] != dim {
        let what = format!(
            "gradients of {} coordinates, and a start of {dim}",
            gradients.shape()[1]
        );
        return Err(Failure::input(what).into());
    }
    let mut trajectory = Trajectory::new(vec![rule.group((0..dim).collect())]);
    let mut path = Vec::with_capacity(steps * dim);
    for gradient in gradients.as_slice()?.chunks(dim) {
        trajectory.step(&mut theta, gradient);
        path.extend_from_slice(&theta);
    }
    PyArray1::from_vec(py, path).reshape([steps, dim])
}
