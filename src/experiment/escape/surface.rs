//! The section `[landscape]`: the surface, and where on it a course begins and ends.

use std::collections::BTreeMap;

use super::cell::{Cell, Driver, Scheme};
use super::course::{Course, Position};
use crate::error::Result;
use crate::experiment::formula::{mistaken, read_formula};
use crate::experiment::spec::Section;
use crate::report::number::decimals;
use crate::simulation::ensemble::Crossing;
use crate::simulation::landscape::expression::{Expression, Formula};
use crate::simulation::landscape::{barrier::barrier, registry as landscapes};
use crate::simulation::random::cell_key;

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
    formula: Option<Formula>,
    /// The names of a formula's variables.
    variables: Vec<String>,
}

impl<'a> SurfaceSpec<'a> {
    /// Reads `[landscape]`.
    ///
    /// # Errors
    /// Anything missing, unknown or out of range, or wrong with a formula.
    pub fn read(root: &Section<'a>) -> Result<Self> {
        let section = root.required_section("landscape")?;
        let formula = read_formula(&section)?;
        let names: Vec<&'static str> = landscapes::ENTRIES.iter().map(|e| e.name).collect();
        let default = formula.as_ref().map(|_| landscapes::EXPRESSION);
        let name = section.choice("name", default, &names)?;
        if formula.is_some() != (name == landscapes::EXPRESSION) {
            return Err(section.error(
                "name",
                format!("give a name or an expression = \"…\", not both ({name} and a formula)"),
            ));
        }
        let mut parameters = BTreeMap::new();
        let mut dim = 1;
        let variables = match &formula {
            Some(formula) => formula.names().map_err(|m| mistaken(&section, &m))?,
            None => Vec::new(),
        };
        // What is not a sum over its coordinates has a dense Hessian, whose eigenvalues are wanted.
        let dense = ["quadratic", "rosenbrock"].contains(&name) || variables.len() > 1;
        let most = if dense { 1000 } else { 100_000 };
        for entry in landscapes::ENTRIES.iter().filter(|e| e.name == name) {
            for p in entry.parameters {
                let Some(default) = p.default else { continue };
                match p.name {
                    "sharpness" => {}
                    "dim" => {
                        let default = Some((default as usize).max(variables.len()) as u64);
                        dim = section.integer("dim", default, 1..=most, p.meaning)? as usize;
                    }
                    "search" => {
                        let why = "half the width of the box in which minima and saddles are sought, positive";
                        let search = section.number("search", Some(default), 1e-9..=1e9, why)?;
                        parameters.insert(p.name.to_string(), search);
                    }
                    _ => {
                        let value =
                            section.number(p.name, Some(default), -1e12..=1e12, p.meaning)?;
                        parameters.insert(p.name.to_string(), value);
                    }
                }
            }
        }
        if let Some(formula) = &formula {
            Expression::new(formula, Some(dim)).map_err(|m| mistaken(&section, &m))?;
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
            formula,
            variables,
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
            formula: self.formula.clone(),
            start: vec![0.0],
            exit: 0.0,
            coordinate: self.coordinate(course)?,
            upwards: course.upwards,
            particles: course.particles,
            max_steps: course.max_steps,
            pool_key: cell_key(&format!("{experiment}/pool")),
            precision: course.precision,
        };
        let surface = cell
            .surface()
            .map_err(|message| self.section.error("name", message))?;
        // Sought only where it is asked for: on a formula that is a search.
        let named = |p: &Position| !matches!(p, Position::At(_));
        let barrier = if named(&course.start) || named(&course.exit) {
            barrier(&*surface)
        } else {
            None
        };
        let locate = |position: &Position, key: &'static str| match (position, &barrier) {
            (Position::At(y), _) => Ok(y.iter().map(|y| y / k.sqrt()).collect()),
            (Position::Minimum, Some(b)) => Ok(b.minimum.theta.clone()),
            (Position::Saddle, Some(b)) => Ok(b.saddle.theta.clone()),
            (_, None) => Err(course.section.error(
                key,
                format!(
                    "{} has no saddle beside a minimum{}; give a number",
                    self.name,
                    self.formula.as_ref().map_or(String::new(), |_| format!(
                        " within |θᵢ| ≤ {} (search = …)",
                        self.parameters.get("search").copied().unwrap_or_default()
                    ))
                ),
            )),
        };
        let start: Vec<f64> = locate(&course.start, "start")?;
        let exit: Vec<f64> = locate(&course.exit, "exit")?;
        if ![1, self.dim].contains(&start.len()) {
            return Err(course.section.error(
                "start",
                format!("{} numbers for {} coordinates", start.len(), self.dim),
            ));
        }
        // The way over a saddle goes along the coordinate in which it lies furthest from the minimum. On a
        // separable surface that is the first one, which stands for whichever leaves.
        let towards = barrier.as_ref().map_or(0, |b| {
            let apart = |i: usize| (b.saddle.theta[i] - b.minimum.theta[i]).abs();
            let all = 0..b.saddle.theta.len();
            all.reduce(|a, i| if apart(i) > apart(a) { i } else { a })
                .unwrap_or(0)
        });
        if cell.coordinate.is_none() && exit.len() > 1 && !surface.separable() {
            cell.coordinate = Some(towards);
        }
        let at = cell.coordinate.unwrap_or(towards);
        cell.exit = exit.get(at).or(exit.first()).copied().unwrap_or(f64::NAN);
        let alike = start.iter().all(|x| *x == start[0]);
        cell.start = if alike { vec![start[0]] } else { start };
        let point = cell.start_point();
        let sign = if cell.upwards { 1.0 } else { -1.0 };
        let own: Vec<f64> = match cell.coordinate {
            Some(i) => vec![point[i]],
            None => cell.start.clone(),
        };
        if own.iter().any(|x| sign * x >= sign * cell.exit) {
            return Err(course.section.error(
                "start",
                format!(
                    "the start {} is already beyond the exit {} in direction \"{}\"; move one of them or turn the direction",
                    cell.start_towards_exit(),
                    cell.exit,
                    if cell.upwards { "above" } else { "below" }
                ),
            ));
        }
        let mut slope = vec![0.0; self.dim];
        surface.gradient(&point, 1, &mut slope);
        if !(surface.value(&point).is_finite() && slope.iter().all(|g| g.is_finite())) {
            return Err(course.section.error(
                "start",
                format!(
                    "L = {} and its first slope is {} at the start {:?}; both must be finite",
                    surface.value(&point),
                    slope[0],
                    cell.start
                ),
            ));
        }
        refuse_impossible(&cell, &course.section)?;
        Ok(cell)
    }

    /// The coordinate that a course names.
    fn coordinate(&self, course: &Course<'_>) -> Result<Option<usize>> {
        let Some(name) = &course.coordinate else {
            return Ok(None);
        };
        let of_name = self.variables.iter().position(|v| v == name);
        let of_number = name.parse().ok().filter(|i| *i < self.dim);
        of_name.or(of_number).map(Some).ok_or_else(|| {
            let named = match self.variables.len() {
                0 | 1 => String::new(),
                _ => format!("{}, or ", self.variables.join(", ")),
            };
            course.section.error(
                "coordinate",
                format!("`{name}` is none; there are {named}0 to {}", self.dim - 1),
            )
        })
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
        let start = cell.start_point();
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
                "eta * h = {}: {name} on the quadratic at the start (h = {}) diverges for eta * h >= {limit:.4}; lower eta below {:.4e}",
                decimals(eta * h, 4),
                decimals(h, 4),
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
