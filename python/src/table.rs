//! Tables of a record for Python: by Arrow's capsule, without a copy for whoever reads that, and column by column.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, StructArray, UInt64Array,
};
use arrow_schema::{ArrowError, Field, Schema};
use kramers::report::table::{self, Column};
use numpy::PyArray1;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};

use crate::failure::Failure;

/// Columns of one length.
#[pyclass(frozen)]
pub struct Table {
    table: Arc<table::Table>,
    batch: RecordBatch,
}

impl Table {
    /// The table; a number that is missing is null.
    ///
    /// # Errors
    /// Columns of different lengths.
    pub fn new(table: Arc<table::Table>) -> PyResult<Self> {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (name, column) in &table.columns {
            let array: ArrayRef = match column {
                Column::F64(values) => {
                    let some = values.iter().map(|x| (!x.is_nan()).then_some(*x));
                    Arc::new(some.collect::<Float64Array>())
                }
                Column::U64(values) => Arc::new(UInt64Array::from(values.clone())),
                Column::Bool(values) => Arc::new(BooleanArray::from(values.clone())),
                Column::Text(values) => Arc::new(StringArray::from_iter_values(values)),
            };
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = if arrays.is_empty() {
            RecordBatch::new_empty(schema)
        } else {
            RecordBatch::try_new(schema, arrays).map_err(|e| broken(&e))?
        };
        Ok(Table { table, batch })
    }
}

fn broken(error: &ArrowError) -> Failure {
    Failure::input(format!("the table cannot be handed over: {error}"))
}

#[pymethods]
impl Table {
    /// The table as a stream of Arrow's C interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let fields = self.batch.schema_ref().fields().clone();
        let field = Arc::new(Field::new_struct("", fields, false));
        let rows: ArrayRef = Arc::new(StructArray::from(self.batch.clone()));
        let reader = ArrayIterator::new([Ok(rows)], field);
        Ok(to_stream_pycapsule(py, Box::new(reader), requested_schema)?)
    }

    /// The names of its columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let names = self.table.columns.iter().map(|(name, _)| name.clone());
        names.collect()
    }

    /// The number of its rows.
    fn __len__(&self) -> usize {
        self.table.rows()
    }

    /// A column: an array of numbers, where a missing one is NaN, or of truth values, or a list of words.
    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self.table.column(name) {
            Some(Column::F64(values)) => PyArray1::from_slice(py, values).into_any(),
            Some(Column::U64(values)) => PyArray1::from_slice(py, values).into_any(),
            Some(Column::Bool(values)) => PyArray1::from_slice(py, values).into_any(),
            Some(Column::Text(values)) => PyList::new(py, values)?.into_any(),
            None => return Err(PyKeyError::new_err(name.to_string())),
        })
    }
}
