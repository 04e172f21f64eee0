//! Recorded optimizer trajectories, run again: the worst deviation of each case.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::simulation::landscape::Landscape;
use crate::simulation::landscape::registry as landscapes;
use crate::simulation::optimizer::{
    Rule, WeightDecay,
    adai::Adai,
    adam::Adam,
    momentum::Momentum,
    pnm::Pnm,
    trajectory::{Group, Trajectory},
};

const FORMAT: &str = "kramers-golden/1";

/// Deviations are relative to 1 + |θ|; a case passes at or below this.
pub const TOLERANCE: f64 = 1e-12;

/// A recorded file.
#[derive(Debug, Deserialize)]
struct Recording {
    format: String,
    optimizer: String,
    steps: Vec<usize>,
    problems: BTreeMap<String, Problem>,
    noise: BTreeMap<String, Vec<Vec<f64>>>,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Problem {
    kind: String,
    dim: usize,
    #[serde(default)]
    diag: Vec<f64>,
    scale: Option<f64>,
    b: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    problem: String,
    theta0: Vec<f64>,
    noise: Option<String>,
    paper: serde_json::Map<String, serde_json::Value>,
    lr_schedule: Vec<(usize, f64)>,
    groups: Vec<CaseGroup>,
    theta: Vec<Vec<f64>>,
}

#[derive(Debug, Deserialize)]
struct CaseGroup {
    tensors: Vec<Vec<usize>>,
    #[serde(default)]
    paper: serde_json::Map<String, serde_json::Value>,
}

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

/// Hyper-parameters of one group: the case's, with the group's on top.
struct Hyper<'a> {
    place: String,
    case: &'a serde_json::Map<String, serde_json::Value>,
    group: &'a serde_json::Map<String, serde_json::Value>,
}

impl Hyper<'_> {
    fn value(&self, key: &str) -> Result<&serde_json::Value> {
        self.group
            .get(key)
            .or_else(|| self.case.get(key))
            .ok_or_else(|| Error::Input(format!("{}: `paper` lacks the key `{key}`", self.place)))
    }

    fn number(&self, key: &str) -> Result<f64> {
        self.value(key)?
            .as_f64()
            .ok_or_else(|| Error::Input(format!("{}: `paper.{key}` is not a number", self.place)))
    }

    fn switch(&self, key: &str) -> Result<bool> {
        self.value(key)?.as_bool().ok_or_else(|| {
            Error::Input(format!(
                "{}: `paper.{key}` is not true or false",
                self.place
            ))
        })
    }

    fn decay(&self) -> Result<WeightDecay> {
        let lambda = self.number("lambda")?;
        let kind = self.value("weight_decay_kind")?.as_str().unwrap_or("");
        match kind {
            "none" => Ok(WeightDecay::None),
            "l2" => Ok(WeightDecay::L2(lambda)),
            "decoupled" => Ok(WeightDecay::Decoupled(lambda)),
            other => Err(Error::Input(format!(
                "{}: weight decay `{other}` is not one of none, l2, decoupled",
                self.place
            ))),
        }
    }
}

/// Replays every case of `path`.
///
/// # Errors
/// The file cannot be read, is of another format, lacks a key, or records a rule the lab does not have.
pub fn replay(path: &Path) -> Result<Vec<Replayed>> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Input(format!("cannot read {}: {source}", path.display())))?;
    let place = path.display();
    let format: serde_json::Value = serde_json::from_str(&text)
        .map_err(|e| Error::Input(format!("{place}: not a JSON document: {e}")))?;
    match format.get("format").and_then(|f| f.as_str()) {
        Some(FORMAT) => {}
        Some(other) => {
            return Err(Error::Input(format!(
                "{place}: format `{other}`; this program replays `{FORMAT}`"
            )));
        }
        None => {
            return Err(Error::Input(format!(
                "{place}: lacks the key `format`, which must be `{FORMAT}`"
            )));
        }
    }
    let recording: Recording =
        serde_json::from_str(&text).map_err(|e| Error::Input(format!("{place}: {e}")))?;
    debug_assert_eq!(recording.format, FORMAT);
    let file = path
        .file_name()
        .map_or_else(|| place.to_string(), |n| n.to_string_lossy().into_owned());
    recording
        .cases
        .iter()
        .map(|case| {
            let worst = replay_case(&recording, case, &format!("{place}: case {}", case.id))?;
            Ok(Replayed {
                file: file.clone(),
                id: case.id.clone(),
                worst,
                passed: worst <= TOLERANCE,
            })
        })
        .collect()
}

fn replay_case(recording: &Recording, case: &Case, place: &str) -> Result<f64> {
    let hypers: Vec<Hyper> = case
        .groups
        .iter()
        .map(|group| Hyper {
            place: place.to_string(),
            case: &case.paper,
            group: &group.paper,
        })
        .collect();
    match recording.optimizer.as_str() {
        "sgd" | "sgdm" => run(recording, case, place, &hypers, |h| {
            Ok(Momentum {
                mu: h.number("mu")?,
                tau: h.number("tau")?,
                nesterov: h.switch("nesterov")?,
            })
        }),
        "pnm" => run(recording, case, place, &hypers, |h| {
            Ok(Pnm {
                beta1: h.number("beta1")?,
                beta0: h.number("beta0")?,
            })
        }),
        "adam" | "amsgrad" => run(recording, case, place, &hypers, |h| {
            Ok(Adam {
                beta1: h.number("beta1")?,
                beta2: h.number("beta2")?,
                epsilon: h.number("epsilon")?,
                amsgrad: h.switch("amsgrad")?,
            })
        }),
        "adai" => run(recording, case, place, &hypers, |h| {
            Ok(Adai {
                beta0: h.number("beta0")?,
                beta2: h.number("beta2")?,
                epsilon: h.number("epsilon")?,
            })
        }),
        other => Err(Error::Input(format!(
            "{place}: no update rule for `{other}`; there are adai, adam, amsgrad, pnm, sgd, sgdm"
        ))),
    }
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

fn run<R: Rule>(
    recording: &Recording,
    case: &Case,
    place: &str,
    hypers: &[Hyper],
    rule: impl Fn(&Hyper) -> Result<R>,
) -> Result<f64> {
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
    let mut groups = Vec::new();
    for (group, hyper) in case.groups.iter().zip(hypers) {
        groups.push(Group {
            rule: rule(hyper)?,
            eta: hyper.number("eta")?,
            decay: hyper.decay()?,
            coordinates: group.tensors.concat(),
        });
    }
    let mut covered: Vec<usize> = groups.iter().flat_map(|g| g.coordinates.clone()).collect();
    covered.sort_unstable();
    if covered != (0..dim).collect::<Vec<_>>() || case.theta0.len() != dim {
        return Err(bad(format!(
            "groups and theta0 do not cover {dim} coordinates once each"
        )));
    }
    if case.theta.len() != recording.steps.len() || case.theta.iter().any(|t| t.len() != dim) {
        return Err(bad(format!(
            "`theta` is not {} rows of {dim} numbers",
            recording.steps.len()
        )));
    }

    let mut theta = case.theta0.clone();
    let mut gradient = vec![0.0; dim];
    let mut trajectory = Trajectory::new(groups, &0.0);
    let mut worst = 0.0;
    for t in 0..=steps {
        if t > 0 {
            surface.gradient(&theta, 1, &mut gradient);
            if let Some(rows) = noise {
                for (g, xi) in gradient.iter_mut().zip(&rows[t - 1]) {
                    *g += xi;
                }
            }
            let factor = case
                .lr_schedule
                .iter()
                .rev()
                .find(|(from, _)| *from <= t)
                .map_or(1.0, |(_, factor)| *factor);
            trajectory.step(&mut theta, &gradient, factor);
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
