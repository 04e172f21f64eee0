//! The section `[landscape]`: the surface, and where on it a course begins and ends.

use std::collections::BTreeMap;

use super::cell::{Cell, Driver, Scheme};
use super::course::{Course, Position};
use crate::formula::{mistaken, read_formula};
use crate::spec::Section;
use base::error::Result;
use simulation::ensemble::Crossing;
use simulation::landscape::expression::{Expression, Formula};
use simulation::landscape::{Kind, Landscape, Way, lowest, registry as landscapes};
use simulation::random::cell_key;
use simulation::sde::EulerMaruyama;

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
                    integrator: EulerMaruyama::NAME,
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
        cell.start = match &course.start {
            Position::At(y) => self.given(course, y, k)?,
            Position::Minimum => self.lowest(course, "start", &*surface, Kind::Minimum)?,
            Position::Saddle => self.lowest(course, "start", &*surface, Kind::Saddle)?,
        };
        let alike = cell.start.iter().all(|x| *x == cell.start[0]);
        if alike {
            cell.start.truncate(1);
        }
        let point = cell.start_point();
        match &course.exit {
            Position::At(y) => cell.exit = y[0] / k.sqrt(),
            Position::Minimum => {
                let to = self.lowest(course, "exit", &*surface, Kind::Minimum)?;
                let apart = |i: usize| (to[i] - point[i]).abs();
                let furthest = (0..to.len()).reduce(|a, i| if apart(i) > apart(a) { i } else { a });
                let at = cell.coordinate.or(furthest).unwrap_or(0);
                cell.exit = to[at];
                if !surface.separable() {
                    cell.coordinate = Some(at);
                }
            }
            Position::Saddle => self.exit_at_saddle(course, &mut cell, &*surface)?,
        }
        refuse_outside(course, &cell, &*surface)?;
        self.refuse_beyond(course, &cell, &point)?;
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

    /// The start as it is written.
    fn given(&self, course: &Course<'_>, y: &[f64], k: f64) -> Result<Vec<f64>> {
        if ![1, self.dim].contains(&y.len()) {
            return Err(course.section.error(
                "start",
                format!("{} numbers for {} coordinates", y.len(), self.dim),
            ));
        }
        Ok(y.iter().map(|y| y / k.sqrt()).collect())
    }

    /// The deepest minimum or the lowest saddle, where a key asks for it.
    fn lowest(
        &self,
        course: &Course<'_>,
        key: &'static str,
        surface: &dyn Landscape,
        kind: Kind,
    ) -> Result<Vec<f64>> {
        let found = lowest(surface, kind).map(|point| point.theta);
        found.ok_or_else(|| {
            let what = match kind {
                Kind::Minimum => "minimum",
                Kind::Saddle => "saddle",
            };
            let what = format!("{} has no {what}{}", self.name, self.searched(surface));
            course.section.error(key, format!("{what}; give a number"))
        })
    }

    /// Where a formula's minima and saddles were sought.
    fn searched(&self, surface: &dyn Landscape) -> String {
        let Some(reach) = self.parameters.get("search") else {
            return String::new();
        };
        let short = surface
            .sought()
            .map_or(String::new(), |s| format!(" ({s})"));
        format!(" within |θᵢ| ≤ {reach} (search = …){short}")
    }

    /// The exit at the saddle on the way out of the start's well.
    fn exit_at_saddle(
        &self,
        course: &Course<'_>,
        cell: &mut Cell,
        surface: &dyn Landscape,
    ) -> Result<()> {
        let way = if surface.separable() {
            let line = cell
                .surface_of(1)
                .map_err(|message| self.section.error("name", message))?;
            Way::to_saddle(&*line, &[cell.start_towards_exit()], None, cell.upwards)
        } else {
            let start = cell.start_point();
            Way::to_saddle(surface, &start, cell.coordinate, cell.upwards)
        };
        let way = way.map_err(|why| {
            let turn = if cell.upwards { "below" } else { "above" };
            let what = format!("{why}; give a number, or direction = \"{turn}\"");
            course.section.error("exit", what)
        })?;
        cell.exit = way.boundary.at;
        if !surface.separable() {
            cell.coordinate = way.boundary.coordinate;
        }
        Ok(())
    }

    /// Refuses a start beyond the exit.
    fn refuse_beyond(&self, course: &Course<'_>, cell: &Cell, point: &[f64]) -> Result<()> {
        let sign = if cell.upwards { 1.0 } else { -1.0 };
        let beyond = |i: &usize| sign * point[*i] >= sign * cell.exit;
        let any = cell.coordinate.is_none();
        let own = match cell.coordinate {
            Some(i) => i..i + 1,
            None => 0..point.len(),
        };
        let Some(at) = own.clone().find(beyond) else {
            return Ok(());
        };
        let direction = if cell.upwards { "above" } else { "below" };
        let apart = any && cell.start.len() > 1;
        let what = if apart {
            let before = (0..point.len()).find(|i| !beyond(i)).unwrap_or(0);
            format!(
                "{} = {} is already beyond the exit {} in direction \"{direction}\". Without `coordinate` a particle has left as soon as any coordinate is beyond it; name the one that has to leave: coordinate = {}",
                self.coordinate_name(at),
                point[at],
                cell.exit,
                self.coordinate_key(before)
            )
        } else {
            format!(
                "the start {} is already beyond the exit {} in direction \"{direction}\"; move one of them or turn the direction",
                point[at], cell.exit
            )
        };
        Err(course.section.error("start", what))
    }

    /// A coordinate in words.
    fn coordinate_name(&self, i: usize) -> String {
        match self.variables.get(i) {
            Some(name) if self.variables.len() > 1 => format!("the start's {name}"),
            _ => format!("the start's coordinate {i}"),
        }
    }

    /// A coordinate as a file names it.
    fn coordinate_key(&self, i: usize) -> String {
        match self.variables.get(i) {
            Some(name) if self.variables.len() > 1 => format!("\"{name}\""),
            _ => i.to_string(),
        }
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

    /// Refuses an η at or beyond the rule's linear stability limit at the start, and a time step at or beyond that of
    /// its scheme where the surface is a quadratic: a path that diverges is no escape.
    ///
    /// # Errors
    /// The step is too long.
    pub fn refuse_divergence(&self, cell: &Cell, section: &Section<'_>) -> Result<()> {
        let step = cell
            .step()
            .map_err(|message| self.section.error("name", message))?;
        let Some(step) = step.filter(|step| step.unstable) else {
            return Ok(());
        };
        let (key, name) = match (&cell.driver, cell.driver.scheme()) {
            (Driver::Optimizer { rule, .. }, _) => ("eta", rule.entry.name),
            (_, Some(scheme)) if step.everywhere => ("dt", scheme.integrator),
            _ => return Ok(()),
        };
        let limit = step.limit;
        let ground = if step.everywhere {
            ""
        } else {
            " on the quadratic at the start"
        };
        Err(section.error(
            key,
            format!(
                "{}: {name}{ground} diverges from {limit:.4} on, and a path that diverges is no escape; lower {key} below {:.4e}",
                step.words, step.largest
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

/// Refuses a start, an exit or a way between them at which the surface has no value.
fn refuse_outside(course: &Course<'_>, cell: &Cell, surface: &dyn Landscape) -> Result<()> {
    let exit = vec![cell.exit; surface.dim()];
    let places = [("start", cell.start_point()), ("exit", exit)];
    // The exit is a place by itself where coordinates know nothing of each other.
    let known = if surface.separable() { 2 } else { 1 };
    for (key, point) in places.into_iter().take(known) {
        if let Some(why) = surface.outside(&point) {
            let what = format!("the surface has no value there: {why}");
            return Err(course.section.error(key, what));
        }
    }
    if surface.separable() {
        for start in &cell.start {
            let (low, high) = (start.min(cell.exit), start.max(cell.exit));
            if low < high
                && let Some(x) = surface.structure(low, high).pole_between(low, high)
            {
                let what = format!(
                    "between the start {start} and the exit {} the surface has no value at θ = {x}, a pole or the \
                     end of its domain; choose both on one side of it",
                    cell.exit
                );
                return Err(course.section.error("exit", what));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::refusal::refused;

    const FILE: &str = "name = \"two\"\nprotocol = \"escape\"\n\
        [landscape]\nexpression = \"0.25*(x^2-1)^2+0.1*x+0.5*(y-x^2)^2\"\n\
        [noise]\nname = \"gaussian\"\nvariance = 2.0\n\
        [[optimizer]]\nname = \"sgd\"\neta = 0.05\n\
        [ensemble]\nparticles = 100\nmax_steps = 1000\nstart = [-1.0, 1.0]\nexit = 0.0\ncoordinate = \"x\"\n";

    #[test]
    fn the_coordinate_that_is_beyond_the_exit_is_named() {
        refused(
            FILE,
            &[
                (
                    "coordinate = \"x\"",
                    "",
                    "the start's y = 1 is already beyond the exit 0",
                ),
                ("coordinate = \"x\"", "", "coordinate = \"x\""),
                (
                    "coordinate = \"x\"",
                    "coordinate = \"y\"",
                    "the start 1 is already beyond the exit 0",
                ),
                (
                    "exit = 0.0",
                    "exit = \"saddle\"\ndirection = \"below\"",
                    "no saddle at the border of the start's well",
                ),
                ("[-1.0, 1.0]", "[-1.0, 1.0, 2.0]", "3 numbers for 2"),
            ],
        );
    }
}
