//! Experiment files: read by the program's own reader, as a tree of Python's objects, or as what they will do.

use std::path::Path;

use kramers::PROGRAM;
use kramers::experiment::load::Experiment;
use kramers::experiment::spec::{self, Document, Node, Value};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::attended::attended;
use crate::failure::Result;

/// The text of an experiment file.
#[pyfunction]
pub fn text_of(path: &str) -> PyResult<String> {
    Ok(spec::text_of(Path::new(path), spec::EXPERIMENT).map_err(crate::failure::Failure::from)?)
}

/// A text as tables, lists, strings and numbers; `assignments` on top of it, as `--set` has them.
#[pyfunction]
pub fn document<'py>(
    py: Python<'py>,
    path: String,
    text: String,
    assignments: Vec<String>,
) -> PyResult<Bound<'py, PyAny>> {
    let document = attended(py, move |_| {
        let mut document = Document::parse(&path, &text)?;
        for assignment in &assignments {
            document.apply_set(assignment)?;
        }
        Ok(document)
    })?;
    object(py, &document.root)
}

fn object<'py>(py: Python<'py>, node: &Node) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &node.value {
        Value::Integer(i) => i.into_pyobject(py)?.into_any(),
        Value::Float(x) => x.into_pyobject(py)?.into_any(),
        Value::Bool(on) => on.into_pyobject(py)?.to_owned().into_any(),
        Value::Text(text) => text.into_pyobject(py)?.into_any(),
        Value::List(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|item| object(py, item))
                .collect::<PyResult<_>>()?;
            PyList::new(py, items)?.into_any()
        }
        Value::Table(entries) => {
            let table = PyDict::new(py);
            for (key, node) in entries {
                table.set_item(key, object(py, node)?)?;
            }
            table.into_any()
        }
    })
}

/// What is read of a text: everything that a run needs.
pub fn experiment(
    path: &str,
    text: &str,
    scale: &str,
    assignments: &[String],
) -> Result<Experiment> {
    let vocabulary = PROGRAM.vocabulary(Path::new(path))?;
    Ok(Experiment::parse_with(
        path,
        text,
        scale,
        assignments,
        &vocabulary,
    )?)
}

/// Reads all of a text: the labels of its cells, in the order in which they run.
#[pyfunction]
pub fn check(
    py: Python<'_>,
    path: String,
    text: String,
    scale: String,
    assignments: Vec<String>,
) -> PyResult<Vec<String>> {
    attended(py, move |_| {
        let experiment = experiment(&path, &text, &scale, &assignments)?;
        let plan = experiment.protocol.plan();
        Ok(plan.into_iter().map(|cell| cell.label).collect())
    })
}
