//! Recorded optimizer trajectories, run again: the worst deviation of each case.

mod hyper;
mod recording;

use std::path::Path;

use serde::Serialize;

use crate::optimizer::draws_normals;
use base::error::{Error, Result};
use recording::{Case, Problem, Recording};
use simulation::landscape::Landscape;
use simulation::landscape::registry as landscapes;
use simulation::optimizer::trajectory::Trajectory;
use simulation::optimizer::{Entry, Optimizer};

/// Deviations are relative to 1 + |θ|; a case passes at or below this.
pub const TOLERANCE: f64 = 1e-12;

/// What one recorded case came to.
#[derive(Clone, Debug, Serialize)]
pub struct Replayed {
    /// File name.
    pub file: String,
    /// The case's id.
    pub id: String,
    /// max over stored iterates and coordinates of |θ − θ_recorded|/(1 + |θ_recorded|).
    pub worst: f64,
    /// Whether it is at most [`TOLERANCE`].
    pub passed: bool,
}

/// Replays every case of `path`.
///
/// # Errors
/// The file cannot be read, is of another format, lacks a key, or records a rule the lab does not have.
pub fn replay(path: &Path) -> Result<Vec<Replayed>> {
    replay_by(path, None, numbers)
}

/// Replays every case of `path` by the rule of `own` that has the recorded optimizer's name.
///
/// # Errors
/// As [`replay`].
pub fn replay_own(path: &Path, own: &[&'static Entry]) -> Result<Vec<Replayed>> {
    replay_by(path, Some(own), numbers)
}

/// An update rule with its settings, and the coordinates that it moves.
pub type Grouped = (Box<dyn Optimizer>, Vec<usize>);

/// Puts the gradient at a point into the second.
pub type Gradient<'a> = &'a mut dyn FnMut(&[f64], &mut [f64]);

/// What moves θ by one step.
pub type Steps = Box<dyn FnMut(&mut [f64], Gradient<'_>)>;

/// Steps of a trajectory of plain numbers.
fn numbers(groups: Vec<Grouped>) -> Result<Steps> {
    let groups = groups.into_iter();
    let groups = groups.map(|(rule, coordinates)| rule.group(coordinates));
    let mut trajectory = Trajectory::new(groups.collect());
    let mut g = Vec::new();
    Ok(Box::new(move |theta, gradient| {
        g.resize(theta.len(), 0.0);
        match trajectory.aim(theta) {
            Some(at) => gradient(&at, &mut g),
            None => gradient(theta, &mut g),
        }
        trajectory.step(theta, &g);
    }))
}

/// Replays every case of `path`; `begin` makes the steps of a case from its groups.
///
/// # Errors
/// As [`replay`].
pub fn replay_by(
    path: &Path,
    own: Option<&[&'static Entry]>,
    begin: fn(Vec<Grouped>) -> Result<Steps>,
) -> Result<Vec<Replayed>> {
    let recording = Recording::read(path)?;
    let place = path.display();
    let file = path
        .file_name()
        .map_or_else(|| place.to_string(), |n| n.to_string_lossy().into_owned());
    recording
        .cases
        .iter()
        .map(|case| {
            let worst = worst(
                &recording,
                case,
                (own, begin),
                &format!("{place}: case {}", case.id),
            )?;
            Ok(Replayed {
                file: file.clone(),
                id: case.id.clone(),
                worst,
                passed: worst <= TOLERANCE,
            })
        })
        .collect()
}

fn landscape(problem: &Problem, place: &str) -> Result<Box<dyn Landscape>> {
    let mut settings = landscapes::Settings::default();
    let mut scalar = |key: &str, value: f64| settings.scalars.insert(key.to_string(), value);
    let name = match problem.kind.as_str() {
        "quadratic" => "quadratic",
        "styblinski_tang" => {
            scalar("dim", problem.dim as f64);
            "styblinski-tang"
        }
        "rosenbrock" => {
            scalar("scale", problem.scale.unwrap_or(1.0));
            scalar("b", problem.b.unwrap_or(100.0));
            "rosenbrock"
        }
        other => {
            return Err(Error::Input(format!(
                "{place}: problem kind `{other}` is not one of quadratic, styblinski_tang, rosenbrock"
            )));
        }
    };
    if name == "quadratic" {
        let diagonal = nalgebra::DVector::from_column_slice(&problem.diag);
        settings.hessian = Some(nalgebra::DMatrix::from_diagonal(&diagonal));
    }
    let surface =
        landscapes::build(name, &settings).map_err(|e| Error::Input(format!("{place}: {e}")))?;
    if surface.dim() != problem.dim {
        return Err(Error::Input(format!(
            "{place}: the problem's dim is {}, its definition's {}",
            problem.dim,
            surface.dim()
        )));
    }
    Ok(surface)
}

/// The groups of a case; every coordinate must be in one of them.
fn groups(
    recording: &Recording,
    case: &Case,
    own: Option<&[&'static Entry]>,
    dim: usize,
    place: &str,
) -> Result<Vec<Grouped>> {
    let mut groups = Vec::new();
    let mut covered = Vec::new();
    for group in &case.groups {
        let (entry, values) = hyper::resolve(&recording.optimizer, case, group, own, place)?;
        let coordinates = group.tensors.concat();
        covered.extend(coordinates.clone());
        let rule = (entry.build)(&values);
        if rule.draws() {
            return Err(Error::Input(format!(
                "{place}: {}",
                draws_normals(entry.name)
            )));
        }
        groups.push((rule, coordinates));
    }
    covered.sort_unstable();
    if covered != (0..dim).collect::<Vec<_>>() || case.theta0.len() != dim {
        return Err(Error::Input(format!(
            "{place}: groups and theta0 do not cover {dim} coordinates once each"
        )));
    }
    Ok(groups)
}

/// The rules in place of the lab's, and how steps begin.
type By<'a> = (
    Option<&'a [&'static Entry]>,
    fn(Vec<Grouped>) -> Result<Steps>,
);

fn worst(recording: &Recording, case: &Case, (own, begin): By<'_>, place: &str) -> Result<f64> {
    let bad = |what: String| Error::Input(format!("{place}: {what}"));
    let problem = recording
        .problems
        .get(&case.problem)
        .ok_or_else(|| bad(format!("problem `{}` is not defined", case.problem)))?;
    let dim = problem.dim;
    let surface = landscape(problem, place)?;
    let steps = recording.steps.last().copied().unwrap_or(0);
    let noise = match &case.noise {
        None => None,
        Some(name) => {
            let rows = recording
                .noise
                .get(name)
                .ok_or_else(|| bad(format!("noise `{name}` is not recorded")))?;
            if rows.len() < steps || rows.iter().any(|row| row.len() != dim) {
                return Err(bad(format!(
                    "noise `{name}` is not {steps} rows of {dim} numbers"
                )));
            }
            Some(rows)
        }
    };
    let mut step = begin(groups(recording, case, own, dim, place)?)?;
    if case.theta.len() != recording.steps.len() || case.theta.iter().any(|t| t.len() != dim) {
        return Err(bad(format!(
            "`theta` is not {} rows of {dim} numbers",
            recording.steps.len()
        )));
    }

    let mut theta = case.theta0.clone();
    let mut worst = 0.0;
    for t in 0..=steps {
        if t > 0 {
            step(&mut theta, &mut |at, gradient| {
                surface.gradient(at, 1, gradient);
                if let Some(rows) = noise {
                    for (g, xi) in gradient.iter_mut().zip(&rows[t - 1]) {
                        *g += xi;
                    }
                }
            });
        }
        if let Some(k) = recording.steps.iter().position(|&s| s == t) {
            for (x, recorded) in theta.iter().zip(&case.theta[k]) {
                let deviation = (x - recorded).abs() / (1.0 + recorded.abs());
                // f64::max would drop a NaN.
                worst = if deviation <= worst { worst } else { deviation };
            }
        }
    }
    Ok(worst)
}
