//! What a run left behind, in memory or in a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kramers::Study;
use kramers::experiment::pilot as trial;
use kramers::measurement::Estimate;
use kramers::measurement::reading::Reading;
use kramers::report::table::{self, Column};
use kramers::report::{estimates, record};
use kramers::verdict::overall::{Overall, overall};
use kramers::verdict::power::Measurement;
use kramers::verdict::{Ruling, Verdict};
use pyo3::prelude::*;

use crate::attended::attended;
use crate::failure::Failure;
use crate::rule::rules;
use crate::table::Table;

/// A record, and the readings that claims are decided over, where it was just run.
#[derive(Clone)]
pub struct Kept {
    pub record: Arc<record::Record>,
    pub readings: Option<Arc<Vec<Reading>>>,
    pub folder: Option<PathBuf>,
}

/// A record.
#[pyclass(frozen)]
pub struct Record(pub Kept);

/// Particles and root seed of a pilot of a run of so many particles and that seed.
#[pyfunction]
pub fn pilot(particles: u64, asked: Option<u64>, seed: u64) -> PyResult<(u64, u64)> {
    let size = trial::size(particles, asked).map_err(Failure::from)?;
    Ok((size, trial::seed(seed)))
}

/// The folders of records at or right below a folder.
#[pyfunction]
pub fn records(folder: PathBuf) -> Vec<PathBuf> {
    let is_one = |folder: &PathBuf| record::manifest(folder).is_file();
    if is_one(&folder) {
        return vec![folder];
    }
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|e| e.path()).filter(is_one).collect();
    found.sort();
    found
}

#[pymethods]
impl Record {
    /// Reads the record in a folder.
    #[new]
    fn new(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        let kept = attended(py, move |_| {
            Ok(Kept {
                record: Arc::new(record::Record::load(Path::new(&folder))?),
                readings: None,
                folder: Some(folder),
            })
        })?;
        Ok(Record(kept))
    }

    /// Where it lies.
    #[getter]
    fn folder(&self) -> Option<PathBuf> {
        self.0.folder.clone()
    }

    /// What was run, as a JSON document.
    fn manifest(&self) -> String {
        serde_json::json!(self.0.record.manifest).to_string()
    }

    /// What was simulated.
    fn samples(&self) -> PyResult<Table> {
        Table::new(Arc::new(self.0.record.samples.clone()))
    }

    /// What was measured and what is known.
    fn estimates(&self) -> PyResult<Table> {
        let table = estimates::to_table(&self.0.record.estimates).map_err(Failure::from)?;
        Table::new(Arc::new(table))
    }

    /// Whole paths of some particles, where they were kept.
    fn paths(&self) -> PyResult<Option<Table>> {
        let paths = self.0.record.paths.clone();
        paths.map(|table| Table::new(Arc::new(table))).transpose()
    }

    /// What the claims came to.
    fn verdicts(&self) -> PyResult<Table> {
        rulings(&self.0.record.verdicts.claims)
    }

    /// The lab against what is known exactly.
    fn self_checks(&self) -> PyResult<Table> {
        let all = &self.0.record.verdicts.self_checks;
        let number = |of: fn(&kramers::verdict::SelfCheck) -> Option<f64>| {
            Column::F64(all.iter().map(|c| of(c).unwrap_or(f64::NAN)).collect())
        };
        let passed = all.iter().map(|check| match check.passed {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "not enough data",
        });
        columns([
            (
                "id",
                Column::Text(all.iter().map(|c| c.id.clone()).collect()),
            ),
            ("result", Column::Text(passed.map(String::from).collect())),
            ("z", number(|check| check.z)),
            ("p", number(|check| check.p)),
            (
                "why",
                Column::Text(all.iter().map(|c| c.why.clone()).collect()),
            ),
        ])
    }

    /// What the claim of a study's text comes to over the readings of this run: its verdict, why, and a row for each ruling.
    fn decide(
        &self,
        py: Python<'_>,
        path: String,
        text: String,
    ) -> PyResult<(String, String, Table)> {
        let ruled = self.ruled(py, path, text)?;
        let Overall { verdict, why, .. } = overall(&ruled);
        Ok((word(verdict), why, rulings(&ruled)?))
    }

    /// How probable each verdict on the claim of a study's text is in a run of so many particles, of which this is the pilot, for
    /// each ruling and each of what may be true; where nothing is given, what is predicted and what is known exactly.
    fn power(
        &self,
        py: Python<'_>,
        path: String,
        text: String,
        sizes: (f64, f64, f64),
        truths: Vec<f64>,
    ) -> PyResult<Table> {
        let (pilot, particles, wanted) = sizes;
        let ruled = self.ruled(py, path, text)?;
        let mut rows = Vec::new();
        for ruling in &ruled {
            let measurement = Measurement::of(ruling)
                .map_err(|why| Failure::input(format!("the claim cannot be planned: {why}")))?
                .times(particles / pilot);
            let known = [ruling.paper, ruling.exact];
            let all = match truths.as_slice() {
                [] => known.into_iter().flatten().collect(),
                given => given.to_vec(),
            };
            rows.extend(all.into_iter().map(|truth| (ruling, measurement, truth)));
        }
        let number = |of: &dyn Fn(&(&Ruling, Measurement, f64)) -> f64| {
            Column::F64(rows.iter().map(of).collect())
        };
        let cases = rows.iter().map(|(ruling, ..)| ruling.case.clone());
        columns([
            ("case", Column::Text(cases.collect())),
            ("truth", number(&|(_, _, truth)| *truth)),
            ("width", number(&|(_, m, _)| 2.0 * m.half * m.error)),
            (
                "confirmed",
                number(&|(_, m, truth)| m.chances(*truth).confirmed),
            ),
            (
                "refuted",
                number(&|(_, m, truth)| m.chances(*truth).refuted),
            ),
            (
                "particles",
                number(&|(_, m, truth)| {
                    m.needed(*truth, wanted)
                        .map_or(f64::NAN, |factor| (factor * particles).ceil())
                }),
            ),
        ])
    }
}

impl Record {
    /// The rulings on the claim of a study's text over the readings of this run.
    fn ruled(&self, py: Python<'_>, path: String, text: String) -> PyResult<Vec<Ruling>> {
        let Some(readings) = self.0.readings.clone() else {
            return Err(Failure::input(
                "a record from disk has no particles behind its numbers; decide a claim over what `run` returned, or run the study with the claim in it",
            )
            .into());
        };
        attended(py, move |_| {
            let study = Study::parse_at(&path, &text, &rules("")?)?;
            Ok(study.decide(&readings))
        })
    }
}

fn word(verdict: Verdict) -> String {
    let word = serde_json::json!(verdict);
    word.as_str().unwrap_or_default().to_string()
}

fn columns<const N: usize>(columns: [(&str, Column); N]) -> PyResult<Table> {
    let columns = columns.map(|(name, column)| (name.to_string(), column));
    Table::new(Arc::new(table::Table {
        columns: columns.into(),
    }))
}

/// A row for each ruling.
fn rulings(all: &[Ruling]) -> PyResult<Table> {
    let number = |of: &dyn Fn(&Ruling) -> Option<f64>| {
        Column::F64(all.iter().map(|r| of(r).unwrap_or(f64::NAN)).collect())
    };
    let text = |of: &dyn Fn(&Ruling) -> String| Column::Text(all.iter().map(of).collect());
    let measured = |of: fn(&Estimate) -> Option<f64>| {
        number(&move |ruling: &Ruling| ruling.measured.as_ref().and_then(of))
    };
    columns([
        ("id", text(&|r| r.id.clone())),
        ("case", text(&|r| r.case.clone())),
        ("role", text(&|r| r.role.word().into())),
        ("verdict", text(&|r| word(r.verdict))),
        ("quantity", text(&|r| r.quantity.clone())),
        ("predicted", number(&|r| r.paper)),
        ("exact", number(&|r| r.exact)),
        ("value", measured(|m| m.value)),
        ("ci_low", measured(|m| Some(m.ci_low))),
        ("ci_high", measured(|m| Some(m.ci_high))),
        ("why", text(&|r| r.why.clone())),
    ])
}
