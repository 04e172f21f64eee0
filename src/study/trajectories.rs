//! Whole paths as arrays with named axes, and as a table.

use ndarray::{Array1, Array3, Axis};

use report::npz::Npz;
use report::schema::PATHS;
use report::table::{Column, Table};

use crate::readings::Results;
use crate::spec::StudySpec;

/// Whole paths of the first particles of a cell.
#[derive(Clone, Debug)]
pub struct Trajectories {
    /// Label of the cell.
    pub cell: String,
    /// The observable at whose exit or condition the paths end; none where they go on to the last look.
    pub observable: Option<String>,
    /// Names of the coordinates.
    pub coordinates: Vec<String>,
    /// Steps taken at each look.
    pub steps: Vec<u64>,
    /// Time at each look.
    pub times: Vec<f64>,
    /// Where they were: particle × coordinate × look; NaN behind the end of a path.
    pub values: Array3<f64>,
    /// The last step of each particle.
    last: Vec<u64>,
}

impl Trajectories {
    /// Adds the arrays, under the label of the cell and of the observable.
    pub fn add_to(&self, npz: &mut Npz) {
        let mut own = format!("paths of {}", self.cell);
        if let Some(observable) = &self.observable {
            own += &format!(", {observable}");
        }
        let axes = ["particle", "coordinate", "look"].map(String::from);
        let steps: Array1<f64> = self.steps.iter().map(|n| *n as f64).collect();
        let times = Array1::from_vec(self.times.clone());
        npz.numbers(&own, None, self.values.view().into_dyn());
        npz.words(&own, Some("axes"), &axes);
        npz.words(&own, Some("coordinate"), &self.coordinates);
        npz.numbers(&own, Some("step"), steps.view().into_dyn());
        npz.numbers(&own, Some("time"), times.view().into_dyn());
    }
}

impl Results {
    /// The paths that were kept whole.
    pub fn trajectories<'a>(
        &'a self,
        study: &'a StudySpec,
    ) -> impl Iterator<Item = Trajectories> + 'a {
        study.run_cells().flat_map(move |(i, cell)| {
            let dim = cell.system.dim();
            let own = self.tracks(i).iter();
            own.map(move |(observable, track)| {
                let particles = track.last.len();
                let mut values = Array3::from_elem((particles, dim, track.steps.len()), f64::NAN);
                for (mut look, places) in values.axis_iter_mut(Axis(2)).zip(&track.places) {
                    let seen = places.iter().map(|bits| f64::from_bits(*bits));
                    look.iter_mut().zip(seen).for_each(|(to, x)| *to = x);
                }
                Trajectories {
                    cell: cell.label.clone(),
                    observable: observable.clone(),
                    coordinates: cell.system.variables.clone(),
                    times: track
                        .steps
                        .iter()
                        .map(|n| *n as f64 * cell.system.clock)
                        .collect(),
                    steps: track.steps.clone(),
                    values,
                    last: track.last.clone(),
                }
            })
        })
    }
}

/// The rows of all paths: a column for each coordinate that a cell has.
pub fn table(study: &StudySpec, results: &Results) -> Option<Table> {
    study.whole?;
    let names = coordinates(study);
    let (mut cell, mut observable, mut particle) = (Vec::new(), Vec::new(), Vec::new());
    let (mut step, mut time) = (Vec::new(), Vec::new());
    let mut places: Vec<Vec<f64>> = names.iter().map(|_| Vec::new()).collect();
    for own in results.trajectories(study) {
        for (p, (path, last)) in own.values.outer_iter().zip(&own.last).enumerate() {
            for (look, (n, t)) in own.steps.iter().zip(&own.times).enumerate() {
                if n > last {
                    break;
                }
                cell.push(own.cell.clone());
                observable.push(own.observable.clone().unwrap_or_default());
                particle.push(p as u64);
                step.push(*n);
                time.push(*t);
                for (name, column) in names.iter().zip(&mut places) {
                    let at = own.coordinates.iter().position(|own| own == name);
                    column.push(at.map_or(f64::NAN, |at| path[[at, look]]));
                }
            }
        }
    }
    let fixed = [
        Column::Text(cell),
        Column::Text(observable),
        Column::U64(particle),
        Column::U64(step),
        Column::F64(time),
    ];
    let fixed = PATHS.columns.iter().zip(fixed);
    let mut columns: Vec<(String, Column)> = fixed
        .map(|(field, column)| (field.name.to_string(), column))
        .collect();
    columns.extend(names.into_iter().zip(places.into_iter().map(Column::F64)));
    Some(Table { columns })
}

/// Names of the coordinates of all cells that are run, each once.
pub fn coordinates(study: &StudySpec) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in study.simulated().flat_map(|cell| &cell.system.variables) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}
