//! A surface by itself: its values, and where it is at rest.

use std::sync::Arc;

use kramers::experiment::spec::{Document, Section};
use kramers::experiment::surface;
use kramers::simulation::landscape::{Kind, Landscape};
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::attended::attended;
use crate::failure::Failure;

/// A surface, ready to be asked.
#[pyclass(frozen)]
pub struct Surface(Arc<dyn Landscape>);

/// Its kind, its place, the loss there.
type Point = (&'static str, Vec<f64>, f64);

#[pymethods]
impl Surface {
    /// Reads the block `[landscape]` of a file.
    #[new]
    fn new(py: Python<'_>, text: String) -> PyResult<Self> {
        let built = attended(py, move |_| {
            let document = Document::parse("surface", &text)?;
            let section = Section::new("", &document.root)?;
            Ok(Arc::from(surface::Surface::read(&section)?.build()?))
        })?;
        Ok(Surface(built))
    }

    /// The number of coordinates.
    #[getter]
    fn dim(&self) -> usize {
        self.0.dim()
    }

    /// Minima and saddles, and what the search for them may have missed.
    fn critical_points(&self, py: Python<'_>) -> PyResult<(Vec<Point>, Option<String>)> {
        let surface = self.0.clone();
        attended(py, move |_| {
            let points = surface.critical_points().into_iter().map(|point| {
                let kind = match point.kind {
                    Kind::Minimum => "minimum",
                    Kind::Saddle => "saddle",
                };
                (kind, point.theta, point.value)
            });
            Ok((points.collect(), surface.sought()))
        })
    }

    /// L at points, of shape (dim, n): n numbers.
    fn values<'py>(
        &self,
        py: Python<'py>,
        theta: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let [dim, n] = [theta.shape()[0], theta.shape()[1]];
        self.has(dim)?;
        let mut values = vec![f64::NAN; n];
        if n > 0 {
            let theta = theta.as_slice()?;
            py.detach(|| self.0.values(theta, n, &mut values));
        }
        Ok(PyArray1::from_vec(py, values))
    }

    /// ∇L at a point.
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        theta: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let theta = self.point(&theta)?;
        let mut gradient = vec![0.0; theta.len()];
        self.0.gradient(theta, 1, &mut gradient);
        Ok(PyArray1::from_vec(py, gradient))
    }

    /// ∇²L at a point.
    fn hessian<'py>(
        &self,
        py: Python<'py>,
        theta: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let hessian = self.0.hessian(self.point(&theta)?);
        let dim = hessian.nrows();
        // It is symmetric: columns are rows.
        PyArray1::from_slice(py, hessian.as_slice()).reshape([dim, dim])
    }
}

impl Surface {
    fn point<'a>(&self, theta: &'a PyReadonlyArray1<'_, f64>) -> PyResult<&'a [f64]> {
        let point = theta.as_slice()?;
        self.has(point.len())?;
        Ok(point)
    }

    fn has(&self, dim: usize) -> PyResult<()> {
        if dim == self.0.dim() {
            return Ok(());
        }
        Err(Failure::input(format!(
            "a point of {dim} numbers, where the surface has {} coordinates",
            self.0.dim()
        ))
        .into())
    }
}
