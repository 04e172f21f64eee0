//! The escape experiment's file: its sections, its sweep, and the cells they resolve to.

use serde::Serialize;

use super::cell::Cell;
use super::claim::ClaimSpec;
use super::course::Course;
use super::drivers;
use super::surface::SurfaceSpec;
use crate::confidence::confidence;
use crate::spec::Section;
use base::error::Result;
use simulation::ensemble::Precision;
use simulation::optimizer::registry::Rules;

/// A resolved escape experiment.
#[derive(Clone, Debug, Serialize)]
pub struct EscapeSpec {
    /// What is swept along the abscissa.
    pub axis: Axis,
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Every cell at half its step, where the bias of the step is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub halved: Vec<Cell>,
    /// Exits before this step are dropped and it is subtracted from the others (left truncation).
    pub truncate: u64,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// The swept quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// k.
    Sharpness,
    /// T.
    Temperature,
    /// C.
    Variance,
    /// B.
    Batch,
    /// δ.
    Floor,
    /// η/B.
    EtaOverBatch,
    /// σ of heavy-tailed noise.
    Scale,
}

impl Axis {
    /// The quantity's symbol.
    pub fn symbol(self) -> &'static str {
        match self {
            Axis::Sharpness => "k",
            Axis::Temperature => "T",
            Axis::Variance => "C",
            Axis::Batch => "B",
            Axis::Floor => "δ",
            Axis::EtaOverBatch => "η/B",
            Axis::Scale => "σ",
        }
    }

    /// Its key in the experiment file.
    pub fn key(self) -> &'static str {
        match self {
            Axis::Sharpness => "sharpness",
            Axis::Temperature => "temperature",
            Axis::Variance => "variance",
            Axis::Batch => "batch",
            Axis::Floor => "floor",
            Axis::EtaOverBatch => "eta_over_batch",
            Axis::Scale => "scale",
        }
    }
}

impl EscapeSpec {
    /// Resolves the sections of the escape experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules) -> Result<Self> {
        let surface = SurfaceSpec::read(root)?;
        let ensemble = root.required_section("ensemble")?;
        let course = Course::read(ensemble)?;
        let (drivers, swept) = drivers::read(root, surface.dim, rules)?;
        let (truncate, confidence) = match root.section("measure")? {
            None => (0, 0.999),
            Some(m) => {
                let why = "steps to drop, fewer than max_steps";
                let truncate = m.integer("truncate", Some(0), 0..=course.max_steps - 1, why)?;
                let confidence = confidence(&m)?;
                m.finish()?;
                (truncate, confidence)
            }
        };
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &drivers))
            .collect::<Result<Vec<_>>>()?;

        let several_k = surface.sharpness.len() > 1;
        if several_k && swept.values.len() > 1 {
            return Err(surface.section.error(
                "sharpness",
                format!(
                    "`sharpness` and `{}` both sweep; an escape experiment has one abscissa, so give one of them a single value",
                    swept.axis.key()
                ),
            ));
        }
        let axis = if several_k {
            Axis::Sharpness
        } else {
            swept.axis
        };
        let (mut cells, mut halved) = (Vec::new(), Vec::new());
        for driver in &drivers {
            for &k in &surface.sharpness {
                for &value in &swept.values {
                    let x = if several_k { k } else { value };
                    let label = format!("{name}/{}/{}={x}", driver.series, axis.symbol());
                    let cell = Cell {
                        label,
                        series: driver.series.clone(),
                        x,
                        driver: driver.resolve(k, value),
                        ..surface.cell(&course, k, name)?
                    };
                    surface.refuse_divergence(&cell, &driver.section)?;
                    if cell.precision == Precision::F32 {
                        cell.single_process()
                            .map_err(|why| course.section.error("precision", why))?;
                    }
                    if cell.driver.scheme().is_some() {
                        // An SDE draws nothing before it runs, so whether it fits its scheme is known here.
                        cell.process(0)
                            .map_err(|why| driver.section.error("integrator", why))?;
                    }
                    if driver.halved() {
                        halved.extend(cell.halved());
                    }
                    cells.push(cell);
                }
            }
        }
        Ok(EscapeSpec {
            axis,
            cells,
            halved,
            truncate,
            confidence,
            claims,
        })
    }
}
