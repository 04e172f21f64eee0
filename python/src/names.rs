//! What files may name, for the classes of the package.

use kramers::experiment::spec;
use kramers::simulation::{landscape, noise, optimizer, sde};
use kramers::study::observe;
use pyo3::prelude::*;
use serde_json::json;

/// The registries of rules, surfaces, noises, integrators and observables, as one JSON document.
#[pyfunction]
pub fn registries() -> String {
    json!({
        "optimizers": optimizer::registry::ENTRIES,
        "landscapes": landscape::registry::ENTRIES,
        "noises": noise::registry::ENTRIES,
        "integrators": sde::registry::ENTRIES,
        "observables": observe::ENTRIES,
    })
    .to_string()
}

/// The known name that is nearest to one that is not known, if any is near.
#[pyfunction]
pub fn nearest(name: &str, known: Vec<String>) -> Option<String> {
    spec::nearest(name, known.iter().map(String::as_str)).map(str::to_string)
}
