//! The file of a study: its blocks, resolved into cells.

mod check;
mod defines;
mod ensemble;
mod explained;
mod resolve;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base::error::Result;
use experiment::confidence;
use experiment::spec::Section;
use measurement::reading::Facts;
use simulation::ensemble::Precision;
use simulation::optimizer::registry::Rules;
use verdict::question::{self, Question};

use crate::cell::Cell;
use crate::claims;
use crate::file::{Block, sweep};
use crate::observe::Observable;
use crate::system::data;
use crate::system::equation;

use defines::defines;
use ensemble::Ensemble;
pub use ensemble::Whole;
use explained::explained;
#[cfg(test)]
pub(crate) use resolve::OWN;
use resolve::{Reader, unfold};

/// A study, resolved.
#[derive(Debug)]
pub struct StudySpec {
    /// Its name.
    pub name: String,
    /// Every process at every point of the sweep.
    pub cells: Vec<Cell>,
    /// What is read of them.
    pub observables: Vec<Observable>,
    /// Particles of a cell.
    pub particles: u64,
    /// The chance of the right verdict for which a pilot chooses the particles, up to `particles`.
    pub power: Option<f64>,
    /// Whether the processes of a point share their random numbers.
    pub common: bool,
    /// What the normals are made of.
    pub precision: Precision,
    /// Whose paths are kept whole, if any are.
    pub whole: Option<Whole>,
    /// Coverage of the intervals.
    pub confidence: f64,
    /// `[define]`.
    pub define: Option<Block>,
    /// What is claimed.
    pub claims: Vec<Question>,
}

impl StudySpec {
    /// Reads a file.
    ///
    /// # Errors
    /// Whatever is wrong with it, at its place.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        explained(root)?;
        let define = Block::one(root, "define")?;
        let landscape = Block::one(root, "landscape")?
            .ok_or_else(|| root.error("landscape", "is missing: a name, or an expression"))?;
        let noise = Block::all(root, "noise")?;
        let start = Block::one(root, "start")?;
        let processes = Block::all(root, "process")?;
        if processes.is_empty() {
            return Err(root.error(
                "process",
                "nothing moves the particles; give at least one [[process]]",
            ));
        }
        let observables = observables(root)?;
        let sdes = Block::all(root, "sde")?;
        equation::named(&sdes)?;
        let mut shared = vec![&landscape];
        shared.extend(noise.iter().chain(&start).chain(&define).chain(&sdes));
        root.means(
            "yes",
            "that more than 100000 cells are meant; --yes says it too",
        );
        let meant = root.switch("yes", false)?;
        let points = sweep::points(root, define.as_ref(), &shared, meant)?;
        let ensemble = Ensemble::read(root, define.as_ref())?;
        let confidence = confidence::measured(root)?;
        let reader = Reader {
            study: name,
            define: define.as_ref(),
            landscape: &landscape,
            noise: &noise,
            start: start.as_ref(),
            sdes: &sdes,
            rules,
            data: data::Known::default(),
            meant,
            found: Default::default(),
        };
        let mut cells: Vec<Cell> = Vec::new();
        for (index, process) in processes.iter().enumerate() {
            let mut process = process.clone();
            unfold(&mut process)?;
            let own = reader.own_points(&points, &process)?;
            sweep::allowed(cells.len().saturating_add(own.len()), meant, &process)?;
            for point in own {
                let cell = reader.cell(index, &process, &point, &ensemble)?;
                cells.push(cell);
            }
        }
        distinct(&processes, &cells)?;
        let mut first = HashMap::new();
        for (i, cell) in cells.iter_mut().enumerate() {
            match first.entry(identity(cell)) {
                Entry::Occupied(earlier) => cell.same_as = Some(*earlier.get()),
                Entry::Vacant(none) => {
                    none.insert(i);
                }
            }
        }
        if let Some(define) = &define {
            defines(define, root, &points, &cells)?;
        }
        for observable in &observables {
            let label = observable.label.as_str();
            let swept = |point: &Facts| point.get(label).is_some();
            let taken = if sweep::RESERVED.contains(&label) || points.iter().any(swept) {
                "is an axis"
            } else if define
                .as_ref()
                .is_some_and(|define| define.get(label).is_some())
            {
                "stands under [define]"
            } else {
                continue;
            };
            let what = format!("`{label}` {taken}; give the observable another label");
            return Err(observable.block.error("label", what));
        }
        let mut study = StudySpec {
            name: name.to_string(),
            cells,
            observables,
            particles: ensemble.particles,
            power: ensemble.power,
            common: ensemble.common,
            precision: ensemble.precision,
            whole: ensemble.paths,
            confidence,
            define,
            claims: Vec::new(),
        };
        study.check(&processes)?;
        study.check_whole(root)?;
        let table = study.skeleton()?;
        for (claim, places) in claims::read_all(root)? {
            question::check(&claim, &table).map_err(|mistake| places.error(&mistake))?;
            study.claims.push(claim);
        }
        study.check_power(root)?;
        Ok(study)
    }
}

fn identity(cell: &Cell) -> (String, String) {
    let system = serde_json::to_string(&cell.system).unwrap_or_default();
    // Cells of one process that sweep what it does not know differ in nothing else.
    (system, cell.process.clone())
}

fn distinct(processes: &[Block], cells: &[Cell]) -> Result<()> {
    let mut blocks = HashMap::new();
    for cell in cells {
        if *blocks.entry(&cell.label).or_insert(cell.block) != cell.block {
            let what = format!(
                "two processes are called `{}`; give one of them a label = \"…\"",
                cell.process
            );
            return Err(processes[cell.block].error("label", what));
        }
    }
    Ok(())
}

fn observables(root: &Section<'_>) -> Result<Vec<Observable>> {
    let blocks = Block::all(root, "observe")?;
    if blocks.is_empty() {
        return Err(root.error("observe", "nothing is read; give at least one [[observe]]"));
    }
    let mut all: Vec<Observable> = Vec::new();
    for block in &blocks {
        let observable = Observable::read(block)?;
        if all.iter().any(|other| other.label == observable.label) {
            let what = format!(
                "two observables are called `{}`; give one of them a label = \"…\"",
                observable.label
            );
            return Err(block.error("label", what));
        }
        all.push(observable);
    }
    Ok(all)
}
