//! Gradients of one's own: a C function, which needs no interpreter, or a callable over blocks.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use kramers::base::interrupt;
use kramers::simulation::landscape::Gradient;
use kramers::simulation::landscape::given::{Field, Lent, find};
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::failure::Failure;

/// A gradient that is lent to studies as long as this is kept.
#[pyclass(frozen)]
pub struct Given {
    lent: Lent,
    /// What a callable raised first.
    raised: Arc<Mutex<Option<PyErr>>>,
}

/// `void f(const double *theta, double *gradient, size_t dim, size_t lanes, void *user)`.
type Function = unsafe extern "C" fn(*const f64, *mut f64, usize, usize, *mut c_void);

struct Pointer {
    function: Function,
    user: usize,
    dim: usize,
    /// What must live as long as the function is called.
    _keep: Py<PyAny>,
}

impl Field for Pointer {
    fn dim(&self) -> usize {
        self.dim
    }

    fn gradient(&self, theta: &[f64], lanes: usize, gradient: &mut [f64]) {
        let (from, to) = (theta.as_ptr(), gradient.as_mut_ptr());
        // SAFETY: whoever gave the address vouches that it is such a function and may be called from any thread; both arrays
        // hold dim × lanes numbers.
        unsafe { (self.function)(from, to, self.dim, lanes, self.user as *mut c_void) };
    }
}

struct Callable {
    gradient: Py<PyAny>,
    value: Option<Py<PyAny>>,
    dim: usize,
    raised: Arc<Mutex<Option<PyErr>>>,
}

impl Callable {
    /// Calls a function of a block; what is wrong ends the computation, and is raised where its result is asked for.
    fn call(&self, of: &Py<PyAny>, rows: usize, theta: &[f64], lanes: usize, out: &mut [f64]) {
        out.fill(f64::NAN);
        // The lock is never held while the interpreter is waited for: whoever has that may ask what was raised.
        let raised = || self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        if raised().is_some() {
            return interrupt::stop_here();
        }
        let called = Python::attach(|py| called(py, of, [rows, self.dim], theta, lanes, out));
        if let Err(error) = called {
            raised().get_or_insert(error);
            interrupt::stop_here();
        }
    }
}

/// Calls a function of a block of shape (dim, lanes), which answers with `rows` × lanes numbers.
fn called(
    py: Python<'_>,
    of: &Py<PyAny>,
    [rows, dim]: [usize; 2],
    theta: &[f64],
    lanes: usize,
    out: &mut [f64],
) -> PyResult<()> {
    let block = PyArray1::from_slice(py, theta).reshape([dim, lanes])?;
    // A callable that changes its input is told so where it does.
    block.getattr("flags")?.setattr("writeable", false)?;
    let answer = of.call1(py, (&block,))?;
    let numpy = py.import("numpy")?;
    let answer = numpy.call_method1("asarray", (answer,))?;
    let dtype = answer.getattr("dtype")?.str()?.to_string();
    if dtype != "float64" {
        let what = format!("it answers with numbers of type {dtype}, and float64 is asked for");
        return Err(PyTypeError::new_err(what));
    }
    let shape: Vec<usize> = answer.getattr("shape")?.extract()?;
    let wanted = if rows == 1 && shape.len() == 1 {
        vec![lanes]
    } else {
        vec![rows, lanes]
    };
    if shape != wanted {
        let what = format!(
            "it answers a block of shape ({dim}, {lanes}) with shape {shape:?}, and {wanted:?} is asked for"
        );
        return Err(Failure::input(what).into());
    }
    let flat = numpy.call_method1("ascontiguousarray", (answer,))?;
    let flat: PyReadonlyArray1<'_, f64> = flat.call_method1("reshape", (-1,))?.extract()?;
    out.copy_from_slice(flat.as_slice()?);
    let finite = |l: usize| theta.iter().skip(l).step_by(lanes).all(|x| x.is_finite());
    if let Some(at) = out.iter().position(|x| x.is_nan())
        && finite(at % lanes)
    {
        let place: Vec<f64> = theta
            .iter()
            .skip(at % lanes)
            .step_by(lanes)
            .copied()
            .collect();
        let what = format!("it answers with NaN at θ = {place:?}");
        return Err(Failure::input(what).into());
    }
    Ok(())
}

impl Field for Callable {
    fn dim(&self) -> usize {
        self.dim
    }

    fn gradient(&self, theta: &[f64], lanes: usize, gradient: &mut [f64]) {
        self.call(&self.gradient, self.dim, theta, lanes, gradient);
    }

    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) -> bool {
        match &self.value {
            Some(value) => self.call(value, 1, theta, lanes, values),
            None => return false,
        }
        true
    }
}

#[pymethods]
impl Given {
    /// A function at an address, which is called from several threads at once; `keep` is what must live meanwhile.
    #[staticmethod]
    fn pointer(address: usize, dim: usize, user: usize, keep: Py<PyAny>) -> PyResult<Self> {
        if address == 0 {
            return Err(Failure::input("from_pointer: the address is 0").into());
        }
        // SAFETY: an address that is not 0 is a function pointer, if whoever gave it says so.
        let function = unsafe { std::mem::transmute::<usize, Function>(address) };
        let field = Pointer {
            function,
            user,
            dim,
            _keep: keep,
        };
        Ok(Given {
            lent: Lent::new(Arc::new(field)),
            raised: Arc::default(),
        })
    }

    /// A callable f(theta: (dim, lanes)) -> (dim, lanes), and of L, f(theta) -> (lanes,), where that is known.
    #[staticmethod]
    #[pyo3(signature = (gradient, dim, value=None))]
    fn callable(gradient: Py<PyAny>, dim: usize, value: Option<Py<PyAny>>) -> Self {
        let raised: Arc<Mutex<Option<PyErr>>> = Arc::default();
        let field = Callable {
            gradient,
            value,
            dim,
            raised: raised.clone(),
        };
        Given {
            lent: Lent::new(Arc::new(field)),
            raised,
        }
    }

    /// What a file names it by.
    #[getter]
    fn id(&self) -> u64 {
        self.lent.id()
    }

    /// What the callable raised, once.
    fn raised(&self) -> Option<PyErr> {
        let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        raised.take()
    }

    /// ∇L over a block, as a study calls it.
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        theta: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let [dim, lanes] = [theta.shape()[0], theta.shape()[1]];
        let flat = theta.as_slice()?.to_vec();
        let field = find(self.lent.id());
        let found = py.detach(move || {
            let mut found = vec![f64::NAN; flat.len()];
            if let Some(field) = field {
                field.gradient(&flat, lanes, &mut found);
            }
            found
        });
        if let Some(error) = self.raised() {
            return Err(error);
        }
        PyArray1::from_vec(py, found).reshape([dim, lanes])
    }
}
