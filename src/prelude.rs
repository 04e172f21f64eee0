//! What a program needs that builds studies, rules and observables of its own: `use kramers::prelude::*`.

pub use base::error::Result;
pub use measurement::mean::Moments;
pub use measurement::reading::{Exact, Reading};
pub use measurement::{DEFAULT_CONFIDENCE, Estimate};
pub use simulation::optimizer::registry::Rules;
pub use simulation::optimizer::{Entry, Rate, Real, Rule};
pub use study::ndarray::Axis;
pub use study::{Outcome, Paths, Study};
pub use verdict::{Ruling, Verdict};
