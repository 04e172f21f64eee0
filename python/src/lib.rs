//! The laboratory for Python: what is run, read or predicted here is what the program runs, reads and predicts, and nothing is
//! computed that the rooms do not have. The package `kramers_lab` around it is Python.

mod attended;
mod failure;
mod given;
mod job;
mod names;
mod predict;
mod read;
mod record;
mod rule;
mod surface;
mod table;

#[pyo3::pymodule]
mod _kramers {
    #[pymodule_export]
    use super::given::Given;
    #[pymodule_export]
    use super::job::Job;
    #[pymodule_export]
    use super::names::{nearest, registries};
    #[pymodule_export]
    use super::predict::{predict, quantities};
    #[pymodule_export]
    use super::read::{check, document, text_of};
    #[pymodule_export]
    use super::record::{Record, pilot, records};
    #[pymodule_export]
    use super::rule::{card, compare, path};
    #[pymodule_export]
    use super::surface::Surface;
    #[pymodule_export]
    use super::table::Table;
}
