//! The block `[ensemble]`: how many particles, of what numbers, and what is kept of them.

use base::error::Result;
use serde::Serialize;

use experiment::precision::precision;
use experiment::protocol::Protocol;
use experiment::spec::Section;
use measurement::reading::Facts;
use report::schema::PATHS;
use simulation::ensemble::Precision;

use super::StudySpec;
use crate::file::{Block, Names, Nothing};
use crate::trajectories::coordinates;

/// Particles of a cell, if the file does not say.
const USUAL: u64 = 4000;

/// Most particles of a cell.
const MOST: u64 = 1_000_000_000;

/// What `budget` means.
const BUDGET: &str = "particles of a cell at most, where `power` chooses them";

/// What the file says of the ensemble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ensemble {
    /// Particles of a cell.
    pub particles: u64,
    /// Whether the processes of a point share their random numbers.
    pub common: bool,
    /// The chance of the right verdict for which a pilot chooses the particles, of which there are then no more.
    pub power: Option<f64>,
    /// What the numbers are made of.
    pub precision: Precision,
    /// Whose paths are kept whole, if any are.
    pub paths: Option<Whole>,
}

/// Which paths are kept whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Whole {
    /// Those of the first particles, so many.
    pub particles: u64,
    /// A row after every so many steps.
    pub every: u64,
}

impl Ensemble {
    /// Reads the block, if there is one.
    ///
    /// # Errors
    /// What is unknown or impossible, at its place.
    pub(super) fn read(root: &Section<'_>, define: Option<&Block>) -> Result<Self> {
        let Some(block) = Block::one(root, "ensemble")? else {
            return Ok(Ensemble {
                particles: USUAL,
                common: false,
                power: None,
                precision: Precision::F64,
                paths: None,
            });
        };
        let point = Facts::default();
        let names = Names::new(None, &point, define, &Nothing);
        let concrete = names.concrete(&block, &[])?;
        let section = Section::new("ensemble", &concrete.node)?;
        section.means(
            "streams",
            "whether the processes of a point see the same normals; clocks must then divide",
        );
        section.means("precision", "of the numbers");
        section.means(
            "keep",
            "beside samples, a row a particle of exits and laws: whole paths of some particles, in paths",
        );
        let why = "particles of a cell";
        let power = power(&section)?;
        let particles = match power {
            Some(_) => section.integer("budget", None, 2..=MOST, BUDGET)?,
            None => section.integer("particles", Some(USUAL), 2..=MOST, why)?,
        };
        let streams = section.choice("streams", Some("own"), &["own", "common"])?;
        let precision = precision(&section)?;
        let keep = section.choice("keep", Some("particles"), &["particles", "paths"])?;
        let paths = whole(&section, keep == "paths", particles)?;
        section.finish()?;
        Ok(Ensemble {
            particles,
            common: streams == "common",
            power,
            precision,
            paths,
        })
    }
}

/// `power`, and what stands beside it.
fn power(section: &Section<'_>) -> Result<Option<f64>> {
    let why = "with a budget, in place of particles: a smaller run, the pilot, chooses so many particles that each claim comes to the right verdict with this chance";
    section.says("power", "a number from 0.01 to 0.9999", why);
    section.says("budget", "a whole number", BUDGET);
    let refused = |key, what: &str| Err(section.error(key, what));
    match [section.get("power"), section.get("budget")].map(|node| node.is_some()) {
        [false, false] => Ok(None),
        [false, true] => refused(
            "budget",
            "particles at most of which power? write power = 0.9 beside it",
        ),
        [true, false] => refused(
            "power",
            "by how many particles at most? write budget = 1_000_000 beside it",
        ),
        [true, true] if section.get("particles").is_some() => refused(
            "particles",
            "are what `power` chooses, up to the `budget`; leave out either",
        ),
        [true, true] => Ok(Some(section.number("power", None, 0.01..=0.9999, why)?)),
    }
}

/// Which paths are kept whole, where some are.
fn whole(section: &Section<'_>, asked: bool, particles: u64) -> Result<Option<Whole>> {
    let (number, every) = (
        "with keep = \"paths\": of how many particles, the first ones",
        "with keep = \"paths\": steps from one place of a path that is kept to the next",
    );
    if !asked {
        for (key, meaning) in [("paths", number), ("every", every)] {
            section.says(key, "a whole number", meaning);
            if section.get(key).is_some() {
                let what = "says which paths are kept whole; write keep = \"paths\" beside it";
                return Err(section.error(key, what));
            }
        }
        return Ok(None);
    }
    if section.get("paths").is_none() {
        let what = "whole paths of how many particles? write paths = 20 beside it";
        return Err(section.error("keep", what));
    }
    Ok(Some(Whole {
        particles: section.integer("paths", None, 1..=particles, number)?,
        every: section.integer("every", Some(1), 1..=1_000_000_000, every)?,
    }))
}

impl StudySpec {
    /// Refuses a power where nothing is claimed, or where errors do not fall with the particles.
    pub(super) fn check_power(&self, root: &Section<'_>) -> Result<()> {
        let what = match (self.power, self.claims.is_empty(), self.without_particles()) {
            (None, ..) | (_, false, None) => return Ok(()),
            (_, true, _) => {
                "of which verdict? Nothing is claimed; give [[claim]]s, or particles".to_string()
            }
            (_, _, Some(why)) => format!("{why}; give particles"),
        };
        Err(root.required_section("ensemble")?.error("power", what))
    }

    /// Refuses to keep whole paths where there are none, or where the table of them would have two columns of a name.
    pub(super) fn check_whole(&self, root: &Section<'_>) -> Result<()> {
        if self.whole.is_none() {
            return Ok(());
        }
        let ensemble = root.required_section("ensemble")?;
        let mut any = false;
        for cell in self.simulated() {
            any |= !self.walks(cell)?.is_empty();
        }
        if !any {
            let what = "nothing here is followed along whole paths: splitting copies paths, and references are not simulated; add an observable that looks, or method = \"direct\"";
            return Err(ensemble.error("keep", what));
        }
        if let Some(taken) = coordinates(self).iter().find(|name| PATHS.has(name)) {
            let what = format!(
                "the table of paths has a column `{taken}`, and so is a coordinate called; give it another name"
            );
            return Err(ensemble.error("keep", what));
        }
        Ok(())
    }
}
