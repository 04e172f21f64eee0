//! Closed forms and exact references, at one setting or at many.

use kramers::cli::predict::{Answer, QUANTITIES, predict_with};
use kramers::experiment::context::workers;
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::attended::attended;
use crate::failure::{Failure, Result};
use crate::rule::rules;

/// What can be predicted, with its keys, as a JSON document.
#[pyfunction]
pub fn quantities() -> String {
    serde_json::json!(QUANTITIES).to_string()
}

/// The prediction at each setting, a list of `key=value`: the exact number, that of the paper, and all of it as a JSON document. `own` is a
/// text of rules that settings may name.
#[pyfunction]
pub fn predict(
    py: Python<'_>,
    quantity: String,
    settings: Vec<Vec<String>>,
    own: String,
) -> PyResult<Vec<(f64, f64, String)>> {
    attended(py, move |stop| {
        let rules = rules(&own)?;
        let one = |setting: &Vec<String>| -> Result<(f64, f64, String)> {
            let answer = predict_with(&quantity, setting, &rules)?;
            let Answer { exact, paper, .. } = &answer;
            let number = |side: &Option<kramers::cli::predict::Prediction>| {
                side.as_ref().map_or(f64::NAN, |side| side.number())
            };
            let numbers = (number(exact), number(paper));
            Ok((numbers.0, numbers.1, serde_json::json!(answer).to_string()))
        };
        match &settings[..] {
            [setting] => Ok(vec![one(setting)?]),
            _ => {
                let pool = workers(0, stop).map_err(Failure::from)?;
                pool.install(|| settings.par_iter().map(one).collect())
            }
        }
    })
}
