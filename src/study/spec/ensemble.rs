//! The block `[ensemble]`: how many particles, of what numbers, and what is kept of them.

use base::error::Result;
use serde::Serialize;

use experiment::precision::precision;
use experiment::spec::Section;
use measurement::reading::Facts;
use report::schema::PATHS;
use simulation::ensemble::Precision;

use super::StudySpec;
use crate::file::{Block, Names, Nothing};
use crate::trajectories::coordinates;

/// Particles of a cell, if the file does not say.
const USUAL: u64 = 4000;

/// What the file says of the ensemble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ensemble {
    /// Particles of a cell.
    pub particles: u64,
    /// Whether the processes of a point share their random numbers.
    pub common: bool,
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
        let particles = section.integer("particles", Some(USUAL), 2..=1_000_000_000, why)?;
        let streams = section.choice("streams", Some("own"), &["own", "common"])?;
        let precision = precision(&section)?;
        let keep = section.choice("keep", Some("particles"), &["particles", "paths"])?;
        let paths = whole(&section, keep == "paths", particles)?;
        section.finish()?;
        Ok(Ensemble {
            particles,
            common: streams == "common",
            precision,
            paths,
        })
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
