//! What observables saw along the paths, as arrays with named axes.

use std::path::Path as Folder;

use ndarray::{Array2, Array4, Axis};

use base::error::Result;
use experiment::context::{Context, Progress};
use experiment::finding::Finding;
use experiment::protocol::{self, Along};
use report::npz::Npz;

use crate::cell::Cell;
use crate::observe::{Kind, Observable};
use crate::readings::Results;
use crate::spec::StudySpec;
use crate::trajectories;

/// What an observable saw of every cell that was run.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Label of the observable.
    pub observable: String,
    /// Labels of the cells.
    pub cells: Vec<String>,
    /// The formulas whose numbers were seen.
    pub numbers: Vec<String>,
    /// `step` or `time`, as the file has it.
    pub moment: &'static str,
    /// When it looked: cell × look.
    pub moments: Array2<f64>,
    /// What it saw: cell × look × particle × number.
    pub values: Array4<f64>,
}

impl Paths {
    /// Adds the arrays under the observable's label.
    fn add_to(&self, npz: &mut Npz) {
        let own = self.observable.as_str();
        let axes = ["cell", "look", "particle", "number"].map(String::from);
        npz.numbers(own, None, self.values.view().into_dyn());
        npz.words(own, Some("axes"), &axes);
        npz.words(own, Some("cell"), &self.cells);
        npz.words(own, Some("number"), &self.numbers);
        npz.numbers(own, Some(self.moment), self.moments.view().into_dyn());
    }
}

impl Results {
    /// What each observable saw that looks at given moments.
    pub fn paths(&self, study: &StudySpec) -> impl Iterator<Item = Paths> {
        let all = study.observables.iter().enumerate();
        all.filter_map(move |(k, observable)| self.seen_by(study, k, observable))
    }

    fn seen_by(&self, study: &StudySpec, k: usize, observable: &Observable) -> Option<Paths> {
        let run: Vec<(usize, &Cell)> = study.run_cells().collect();
        let (first, cell) = run.first()?;
        let looks = self.looks(*first, k).len();
        let numbers = observable.numbers(cell);
        if looks == 0 || numbers.is_empty() {
            return None;
        }
        let particles = study.particles as usize;
        let mut moments = Array2::from_elem((run.len(), looks), f64::NAN);
        let mut values = Array4::from_elem((run.len(), looks, particles, numbers.len()), f64::NAN);
        let rows = values.outer_iter_mut().zip(moments.outer_iter_mut());
        for ((mut values, mut moments), (cell, _)) in rows.zip(&run) {
            let looks = self.looks(*cell, k).iter().enumerate();
            let rows = values.outer_iter_mut().zip(&mut moments);
            for ((mut values, moment), (look, at)) in rows.zip(looks) {
                *moment = at.at;
                for (of, mut column) in values.axis_iter_mut(Axis(1)).enumerate() {
                    let seen = self.column(*cell, k, look, of).unwrap_or_default();
                    column.iter_mut().zip(seen).for_each(|(to, x)| *to = x);
                }
            }
        }
        Some(Paths {
            observable: observable.label.clone(),
            cells: run.iter().map(|(_, cell)| cell.label.clone()).collect(),
            numbers,
            moment: observable.when()?.axis(),
            moments,
            values,
        })
    }
}

impl Observable {
    /// The formulas whose numbers it looks at, as they are written.
    fn numbers(&self, cell: &Cell) -> Vec<String> {
        match &self.kind {
            Kind::Moment(moment) => {
                let formulas = moment.formulas(&cell.system.variables).into_iter();
                formulas.map(|(text, _)| text).collect()
            }
            // The only coordinate, where nothing is written.
            Kind::Law(law) if law.of.0.is_empty() => cell.system.variables.clone(),
            Kind::Law(law) => vec![law.of.0.clone()],
            Kind::Exit(_) => Vec::new(),
        }
    }
}

impl protocol::Paths for StudySpec {
    fn run_for_paths(
        &self,
        context: &Context,
        progress: &dyn Progress,
        folder: &Folder,
    ) -> Result<(Finding, Along)> {
        let results = self.results(context, progress, folder)?;
        let finding = self.finding(&results, context)?;
        let arrays = context.arrays.then(|| {
            let mut npz = Npz::default();
            // One after another, since each is as large as what was seen.
            results.paths(self).for_each(|paths| paths.add_to(&mut npz));
            let whole = results.trajectories(self);
            whole.for_each(|paths| paths.add_to(&mut npz));
            npz
        });
        let table = trajectories::table(self, &results);
        Ok((finding, Along { table, arrays }))
    }
}
