//! The rare-events experiment's file: surface, drivers, and the section `[splitting]`.

use serde::Serialize;

use super::cell::{Plan, RareCell};
use super::claim::ClaimSpec;
use crate::confidence::confidence;
use crate::escape::{Axis, Course, SurfaceSpec, read_drivers};
use crate::spec::Section;
use base::error::Result;
use simulation::optimizer::registry::Rules;

/// A resolved rare-events experiment.
#[derive(Clone, Debug, Serialize)]
pub struct RareSpec {
    /// What is swept.
    pub axis: Axis,
    /// Every cell.
    pub cells: Vec<RareCell>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment rules on.
    pub claims: Vec<ClaimSpec>,
}

impl RareSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let surface = SurfaceSpec::read(root)?;
        if let [_, second, ..] = surface.sharpness[..] {
            let what = format!("{second}: a sweep of k; sweep the noise, or set one value");
            return Err(surface.section.error("sharpness", what));
        }
        let section = root.required_section("splitting")?;
        let plan = read_plan(&section)?;
        let why = "steps after which a single path is given up";
        let max_steps =
            section.integer("max_steps", Some(100_000_000), 1..=1_000_000_000_000, why)?;
        let confidence = confidence(&section)?;
        let course = Course::way(section, plan.replicas, max_steps)?;
        course.section.finish()?;
        let (drivers, swept) = read_drivers(root, surface.dim, rules)?;
        let names: Vec<&str> = drivers.iter().map(|d| d.series.as_str()).collect();
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &names))
            .collect::<Result<Vec<_>>>()?;
        let mut cells = Vec::new();
        for driver in &drivers {
            for &k in &surface.sharpness {
                for &value in &swept.values {
                    let label = format!("{name}/{}/{}={value}", driver.series, swept.axis.symbol());
                    let cell = crate::escape::Cell {
                        label,
                        series: driver.series.clone(),
                        x: value,
                        driver: driver.resolve(k, value),
                        ..surface.cell(&course, k, name)?
                    };
                    surface.refuse_divergence(&cell, &driver.section)?;
                    let cell = RareCell::new(cell, plan);
                    cells.push(cell.map_err(|what| course.section.error("basin", what))?);
                }
            }
        }
        Ok(RareSpec {
            axis: swept.axis,
            cells,
            confidence,
            claims,
        })
    }
}

fn read_plan(section: &Section<'_>) -> Result<Plan> {
    let why = "N, the replicas of a run; their number sets the variance, −ln p/N at best";
    let replicas = section.integer("replicas", Some(200), 2..=1_000_000, why)?;
    let why = "replicas dropped at a level, fewer than there are";
    let kill = section.integer("kill", Some(1 + (replicas - 1) / 20), 1..=replicas - 1, why)?;
    let why = "independent runs, at least 3, since the error is read off their spread";
    let runs = section.integer("runs", Some(24), 3..=1_000_000, why)?;
    let why = "where the basin ends, in widths √(T/H) of the well beyond the start";
    let basin = section.number("basin", Some(0.0), 0.0..=100.0, why)?;
    let why = "where Σ lies, in widths √(T/H) of the well beyond the start, beyond the basin";
    let surface = section.number("surface", Some(basin + 1.0), 1e-3..=100.0, why)?;
    if surface <= basin {
        return Err(section.error(
            "surface",
            format!("{surface} is not beyond the basin, {basin}"),
        ));
    }
    let why = "cycles of each replica until it has forgotten its start";
    let burn_in = section.integer("burn_in", Some(5), 0..=1_000_000, why)?;
    let why = "cycles of each replica whose steps are counted";
    let cycles = section.integer("cycles", Some(5), 1..=1_000_000, why)?;
    let why = "particles of brute force beside it, 0 for none";
    let brute_particles = section.integer("brute_particles", Some(0), 0..=10_000_000, why)?;
    let why = "steps that brute force may take in a cell";
    let brute_steps = section.number("brute_steps", Some(1e9), 1.0..=1e14, why)?;
    Ok(Plan {
        replicas,
        kill,
        runs,
        basin,
        surface,
        burn_in,
        cycles,
        brute_particles,
        brute_steps,
    })
}
