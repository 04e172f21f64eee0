//! The sections `[landscape]` and `[ensemble]`: where particles start, where they leave, how many.

use std::collections::BTreeMap;

use super::cell::{Cell, Driver, Scheme};
use crate::error::Result;
use crate::experiment::spec::{Section, Value};
use crate::simulation::ensemble::Crossing;
use crate::simulation::landscape::{barrier::barrier, registry as landscapes};
use crate::simulation::random::cell_key;

/// A position on the unsharpened surface, the same in every coordinate.
#[derive(Clone, Copy, Debug)]
enum Position {
    Minimum,
    Saddle,
    At(f64),
}

/// From where to where, and for how long.
pub struct Course<'a> {
    section: Section<'a>,
    start: Position,
    exit: Position,
    upwards: bool,
    particles: u64,
    /// Steps after which a particle is censored.
    pub max_steps: u64,
}

impl<'a> Course<'a> {
    /// Reads `[ensemble]`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(section: Section<'a>) -> Result<Self> {
        let why = "the number of particles in a cell";
        let particles = section.integer("particles", None, 2..=100_000_000, why)?;
        let why = "steps after which a particle is censored";
        let max_steps = section.integer("max_steps", None, 1..=1_000_000_000_000, why)?;
        let start = Self::position(&section, "start", "minimum")?;
        let exit = Self::position(&section, "exit", "saddle")?;
        let upwards = section.choice("direction", Some("above"), &["above", "below"])? == "above";
        section.finish()?;
        Ok(Course {
            section,
            start,
            exit,
            upwards,
            particles,
            max_steps,
        })
    }

    fn position(section: &Section<'_>, key: &'static str, default: &str) -> Result<Position> {
        match section.get(key).map(|node| &node.value) {
            None | Some(Value::Text(_)) => {
                let named = section.choice(key, Some(default), &["minimum", "saddle"])?;
                Ok(if named == "minimum" {
                    Position::Minimum
                } else {
                    Position::Saddle
                })
            }
            Some(_) => {
                let why = "a coordinate on the unsharpened surface, or \"minimum\" or \"saddle\"";
                Ok(Position::At(section.number(key, None, -1e6..=1e6, why)?))
            }
        }
    }
}

/// The surface of an experiment.
pub struct SurfaceSpec<'a> {
    /// Where it was read from, for messages.
    pub section: Section<'a>,
    /// d.
    pub dim: usize,
    /// The values of k.
    pub sharpness: Vec<f64>,
    name: &'static str,
    parameters: BTreeMap<String, f64>,
}

impl<'a> SurfaceSpec<'a> {
    /// Reads `[landscape]`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range.
    pub fn read(root: &Section<'a>) -> Result<Self> {
        let section = root.required_section("landscape")?;
        let names: Vec<&'static str> = landscapes::ENTRIES.iter().map(|e| e.name).collect();
        let name = section.choice("name", None, &names)?;
        let mut parameters = BTreeMap::new();
        let mut dim = 1;
        // What is not a sum over its coordinates has a dense Hessian, whose eigenvalues are wanted.
        let dense = ["quadratic", "rosenbrock"].contains(&name);
        let most = if dense { 1000 } else { 100_000 };
        for entry in landscapes::ENTRIES.iter().filter(|e| e.name == name) {
            for p in entry.parameters {
                let Some(default) = p.default else { continue };
                match p.name {
                    "sharpness" => {}
                    "dim" => {
                        let default = Some(default as u64);
                        dim = section.integer("dim", default, 1..=most, p.meaning)? as usize;
                    }
                    _ => {
                        let value =
                            section.number(p.name, Some(default), -1e12..=1e12, p.meaning)?;
                        parameters.insert(p.name.to_string(), value);
                    }
                }
            }
        }
        let why = "the sharpness factor k is positive: θ → √k θ";
        let sharpness = section.sweep("sharpness", Some(1.0), 1e-6..=1e6, why)?;
        section.finish()?;
        Ok(SurfaceSpec {
            section,
            dim,
            sharpness,
            name,
            parameters,
        })
    }

    /// A cell at sharpness k whose driver, label and abscissa are still to be filled in.
    ///
    /// # Errors
    /// The surface refuses its parameters, or the start is beyond the exit.
    pub fn cell(&self, course: &Course<'_>, k: f64, experiment: &str) -> Result<Cell> {
        let mut cell = Cell {
            label: String::new(),
            series: String::new(),
            x: k,
            sharpness: k,
            landscape: self.name.to_string(),
            parameters: self.parameters.clone(),
            dim: self.dim,
            driver: Driver::Langevin {
                temperature: 1.0,
                scheme: Scheme {
                    integrator: "euler-maruyama",
                    dt: 1.0,
                    crossing: Crossing::Bridge,
                },
            },
            start: 0.0,
            exit: 0.0,
            upwards: course.upwards,
            particles: course.particles,
            max_steps: course.max_steps,
            pool_key: cell_key(&format!("{experiment}/pool")),
        };
        let surface = cell
            .surface()
            .map_err(|message| self.section.error("name", message))?;
        let barrier = barrier(&*surface);
        // Of a saddle in d coordinates only the first one has left the minimum.
        let locate = |position: Position, key: &'static str| match (position, &barrier) {
            (Position::At(y), _) => Ok(y / k.sqrt()),
            (Position::Minimum, Some(b)) => Ok(b.minimum.theta[0]),
            (Position::Saddle, Some(b)) => Ok(b
                .saddle
                .theta
                .iter()
                .zip(&b.minimum.theta)
                .find(|(s, m)| s != m)
                .map_or(f64::NAN, |(s, _)| *s)),
            (_, None) => Err(course.section.error(
                key,
                format!(
                    "{} has no saddle beside a minimum; give a number",
                    self.name
                ),
            )),
        };
        cell.start = locate(course.start, "start")?;
        cell.exit = locate(course.exit, "exit")?;
        let inside = if cell.upwards {
            cell.start < cell.exit
        } else {
            cell.start > cell.exit
        };
        if !inside {
            return Err(course.section.error(
                "start",
                format!(
                    "the start {} is already beyond the exit {} in direction \"{}\"; move one of them or turn the direction",
                    cell.start,
                    cell.exit,
                    if cell.upwards { "above" } else { "below" }
                ),
            ));
        }
        refuse_impossible(&cell, &course.section)?;
        Ok(cell)
    }

    /// Refuses an η beyond the rule's linear stability limit at the start.
    ///
    /// # Errors
    /// ηh is at or beyond the limit.
    pub fn refuse_divergence(&self, cell: &Cell, section: &Section<'_>) -> Result<()> {
        let Driver::Optimizer { rule, .. } = &cell.driver else {
            return Ok(());
        };
        let (name, values) = (rule.entry.name, &rule.values);
        let Some(limit) = rule.entry.stability_limit else {
            return Ok(());
        };
        let surface = cell
            .surface()
            .map_err(|message| self.section.error("name", message))?;
        let start = vec![cell.start; cell.dim];
        let h = if surface.separable() {
            // The matrix of many coordinates would not fit into memory.
            let mut diagonal = vec![0.0; cell.dim];
            surface.hessian_diagonal(&start, 1, &mut diagonal);
            diagonal.into_iter().fold(f64::NEG_INFINITY, f64::max)
        } else {
            surface.hessian(&start).symmetric_eigenvalues().max()
        };
        let (eta, limit) = (values["eta"], limit(values));
        if eta * h < limit {
            return Ok(());
        }
        Err(section.error(
            "eta",
            format!(
                "eta * h = {:.4}: {name} on the quadratic at the start (h = {h:.4}) diverges for eta * h >= {limit:.4}; lower eta below {:.4e}",
                eta * h,
                limit / h
            ),
        ))
    }
}

/// Memory and work that no machine of today gives, said before anything is run.
fn refuse_impossible(cell: &Cell, section: &Section<'_>) -> Result<()> {
    const BYTES_PER_PARTICLE: f64 = 48.0;
    const LARGEST_MEMORY: f64 = 8.0 * 1_073_741_824.0;
    const LARGEST_WORK: f64 = 1e17;
    let particles = cell.particles as f64;
    let memory = particles * BYTES_PER_PARTICLE;
    if memory > LARGEST_MEMORY {
        return Err(section.error(
            "particles",
            format!(
                "{particles:e} exit times need {:.1} GiB; use at most 1e8",
                memory / 1_073_741_824.0
            ),
        ));
    }
    let work = particles * cell.max_steps as f64 * cell.dim as f64;
    if work > LARGEST_WORK {
        return Err(section.error(
            "max_steps",
            format!(
                "up to {work:.1e} particle-coordinate-steps, {:.0} core-years if no particle leaves early; lower particles or max_steps",
                work * 4e-9 / 3.15e7
            ),
        ));
    }
    Ok(())
}
