//! A run under way.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kramers::PROGRAM;
use kramers::experiment::context::{Advance, Context};
use kramers::experiment::run::Admitted;
use kramers::experiment::{load::Experiment, memory};
use kramers::report::folder;
use pyo3::prelude::*;

use crate::attended::{Work, attended};
use crate::failure::Result;
use crate::read;
use crate::record::{Kept, Record};

/// An experiment that runs in threads of its own.
#[pyclass(frozen)]
pub struct Job {
    cells: usize,
    advance: Arc<Advance>,
    work: Work<Kept>,
}

/// What a run was asked for beside its text.
struct Asked {
    seed: Option<u64>,
    scale: String,
    threads: usize,
    lanes: Option<usize>,
    out: Option<PathBuf>,
    resume: bool,
    force: bool,
}

/// Where its record will stand, if anywhere.
type Place = Option<Admitted>;

/// Reads the text, and asks whether it may be run; nothing has run yet.
fn admitted(
    path: &str,
    text: &str,
    assignments: &[String],
    asked: &Asked,
) -> Result<(Experiment, Context, Place)> {
    let experiment = read::experiment(path, text, &asked.scale, assignments)?;
    memory::ask(std::slice::from_ref(&experiment), asked.threads as u64)?;
    let seed = asked.seed.or(experiment.seed).unwrap_or(1);
    let out = asked.out.clone().unwrap_or_default();
    let mut context = Context::new(seed, &asked.scale, out, asked.threads)?;
    context.revision = PROGRAM.revision.map(String::from);
    context.keep = asked.out.is_some();
    context.lanes = asked.lanes;
    context.resume = asked.resume;
    context.force = asked.force;
    context.again = match asked.out {
        Some(_) => "run it again with resume=True to go on",
        None => "nothing is kept without out",
    };
    let mut place = None;
    if asked.out.is_some() {
        if !asked.force {
            folder::spare_report(&context.out)?;
        }
        place = Some(experiment.admit(&context)?);
    }
    Ok((experiment, context, place))
}

/// Runs it, and writes what the program writes.
fn performed(
    experiment: &Experiment,
    context: &Context,
    place: Place,
    advance: &Advance,
) -> Result<Kept> {
    let (place, done) = match place {
        Some(Admitted { place, done }) => (Some(place), done),
        None => (None, None),
    };
    let (record, readings) = match done {
        Some(record) => (record, None),
        None => {
            let cells = place.as_ref().map(|place| place.cells());
            let made = experiment.make(context, advance, &cells.unwrap_or_default())?;
            if let Some(place) = &place {
                place.publish(&made.record, None)?;
            }
            (made.record, Some(Arc::new(made.readings)))
        }
    };
    if place.is_some() {
        let works = PROGRAM.works()?;
        folder::write_report(&context.out, std::slice::from_ref(&record), &works)?;
    }
    Ok(Kept {
        record: Arc::new(record),
        readings,
        folder: place.map(|place| place.folder()),
    })
}

#[pymethods]
impl Job {
    /// Reads a text and begins to run it. What cannot be run is refused here.
    #[new]
    #[pyo3(signature = (path, text, assignments, *, seed, scale, threads, lanes, out, resume, force))]
    #[expect(clippy::too_many_arguments, reason = "one for each argument of `run`")]
    fn new(
        py: Python<'_>,
        path: String,
        text: String,
        assignments: Vec<String>,
        seed: Option<u64>,
        scale: String,
        threads: usize,
        lanes: Option<usize>,
        out: Option<PathBuf>,
        resume: bool,
        force: bool,
    ) -> PyResult<Self> {
        let asked = Asked {
            seed,
            scale,
            threads,
            lanes,
            out,
            resume,
            force,
        };
        let (experiment, context, place) =
            attended(py, move |_| admitted(&path, &text, &assignments, &asked))?;
        let cells = experiment.protocol.cells();
        let advance: Arc<Advance> = Arc::default();
        let told = advance.clone();
        let work = Work::begin(context.stop.clone(), move || {
            performed(&experiment, &context, place, &told)
        });
        Ok(Job {
            cells,
            advance,
            work,
        })
    }

    /// How many cells it has.
    #[getter]
    fn cells(&self) -> usize {
        self.cells
    }

    /// How many of them are finished, that under way in part, and the label of this.
    fn progress(&self) -> (f64, String) {
        (self.advance.cells(), self.advance.label())
    }

    /// Waits so many seconds at most; true once it has ended.
    fn wait(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let most = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        self.work.wait(py, most)
    }

    /// Asks it to stop; what is finished is kept.
    fn cancel(&self) {
        self.work.cancel();
    }

    /// Its record once it has ended, or what went wrong.
    fn result(&self) -> PyResult<Option<Record>> {
        Ok(self.work.ended().transpose()?.map(Record))
    }
}

/// A job that nobody can ask any more has no purpose.
impl Drop for Job {
    fn drop(&mut self) {
        self.work.cancel();
    }
}
