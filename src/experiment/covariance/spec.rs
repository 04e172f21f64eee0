//! The experiment file of the protocols `posterior`, `saddle` and `noise-variance`.

use std::collections::HashSet;

use nalgebra::DMatrix;
use serde::Serialize;

use super::cell::{Cell, Momentum};
use super::claim::ClaimSpec;
use super::exact::recursion;
use crate::confidence::measured;
use crate::optimizer::Tuned;
use crate::precision::precision;
use crate::spec::Section;
use crate::surface::{matrix, rows};
use base::error::Result;
use prediction::exact::linear::Quadratic;
use simulation::ensemble::Precision;
use simulation::landscape::quadratic::Quadratic as Surface;
use simulation::optimizer::registry::Rules;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The covariance of θ around a minimum.
    Posterior,
    /// The mean square of θ as it leaves a saddle.
    Saddle,
    /// The variance of an update on flat ground.
    NoiseVariance,
}

/// A resolved experiment.
#[derive(Clone, Debug, Serialize)]
pub struct CovarianceSpec {
    /// What is looked at.
    pub kind: Kind,
    /// Every cell.
    pub cells: Vec<Cell>,
    /// Coverage of intervals.
    pub confidence: f64,
    /// What the experiment decides.
    pub claims: Vec<ClaimSpec>,
}

/// Particles × steps beyond which an experiment is refused before it starts.
const MOST_WORK: f64 = 1e14;

impl CovarianceSpec {
    /// Resolves the sections of the experiment called `name`.
    ///
    /// # Errors
    /// Anything missing, unknown, out of range, or impossible together.
    pub fn read(root: &Section<'_>, name: &str, rules: &Rules, kind: Kind) -> Result<Self> {
        let landscape = root.required_section("landscape")?;
        landscape.choice("name", Some("quadratic"), &["quadratic"])?;
        let Some(hessian) = landscape.matrix("hessian")? else {
            return Err(landscape.error("hessian", "give H as an array of rows"));
        };
        landscape.finish()?;
        Surface::symmetric(hessian.clone()).map_err(|e| landscape.error("hessian", e))?;
        let noise = root.required_section("noise")?;
        let covariance = read_noise(&noise, &hessian)?;
        check_ground(&landscape, &hessian, kind)?;
        let ensemble = root.required_section("ensemble")?;
        let why = "the number of particles, of which every interval is made";
        let particles = ensemble.integer("particles", None, 10..=100_000_000, why)?;
        let schedule = Steps::read(&ensemble, kind)?;
        let precision = precision(&ensemble)?;
        ensemble.finish()?;
        let confidence = measured(root)?;
        let ground = Ground {
            minimum: kind == Kind::Posterior,
            hessian: rows(&hessian),
            noise: rows(&covariance),
            particles,
            precision,
        };
        let mut cells = Vec::new();
        for section in root.sections("optimizer")? {
            read_optimizer(&section, name, rules, &ground, &schedule, &mut cells)?;
        }
        if cells.is_empty() {
            return Err(root.error("optimizer", "give at least one [[optimizer]]"));
        }
        let claims = root
            .sections("claim")?
            .iter()
            .map(|section| ClaimSpec::read(section, &cells))
            .collect::<Result<Vec<_>>>()?;
        Ok(CovarianceSpec {
            kind,
            cells,
            confidence,
            claims,
        })
    }
}

/// What all cells share.
struct Ground {
    /// θ is to settle at a minimum.
    minimum: bool,
    hessian: Vec<Vec<f64>>,
    noise: Vec<Vec<f64>>,
    particles: u64,
    precision: Precision,
}

/// When to look.
enum Steps {
    /// At these steps.
    At(Vec<u64>),
    /// Once, after this many relaxation times of the slowest mode.
    Relaxations(f64),
}

impl Steps {
    fn read(section: &Section<'_>, kind: Kind) -> Result<Self> {
        let given = section.get("steps").is_some();
        if kind == Kind::Posterior && !given {
            let why = "relaxation times of the slowest mode before θ is looked at";
            let times = section.number("relaxations", Some(8.0), 0.1..=1e3, why)?;
            return Ok(Steps::Relaxations(times));
        }
        let why = "the steps after which θ is looked at, whole, in ascending order";
        let least = if kind == Kind::NoiseVariance {
            2.0
        } else {
            1.0
        };
        let at = section.sweep("steps", None, least..=1e12, why)?;
        let whole = at.iter().all(|n| n.fract() == 0.0);
        if !whole || at.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(section.error("steps", why));
        }
        Ok(Steps::At(at.into_iter().map(|n| n as u64).collect()))
    }
}

fn read_noise(section: &Section<'_>, hessian: &DMatrix<f64>) -> Result<DMatrix<f64>> {
    section.choice("name", Some("gaussian"), &["gaussian"])?;
    let dim = hessian.nrows();
    let given = ["variance", "covariance", "batch"]
        .into_iter()
        .filter(|key| section.get(key).is_some())
        .collect::<Vec<_>>();
    let covariance = match given[..] {
        ["variance"] => {
            let why = "the variance of one stochastic gradient, positive";
            let c = section.number("variance", None, f64::MIN_POSITIVE..=1e12, why)?;
            DMatrix::identity(dim, dim) * c
        }
        ["covariance"] => section
            .matrix("covariance")?
            .ok_or_else(|| section.error("covariance", "give C as an array of rows"))?,
        ["batch"] => {
            let why = "the batch size B of C = |H|/B, positive";
            let batch = section.number("batch", None, f64::MIN_POSITIVE..=1e12, why)?;
            Quadratic::hessian_shaped(hessian.clone(), batch)
                .map_err(|e| section.error("batch", e))?
                .noise()
                .clone()
        }
        _ => {
            return Err(section.error(
                given.get(1).copied().unwrap_or("variance"),
                "give one of variance, covariance, and batch (for C = |H|/B)",
            ));
        }
    };
    section.finish()?;
    if covariance.shape() != hessian.shape() || covariance.clone().cholesky().is_none() {
        return Err(section.error(
            given[0],
            "the noise covariance must be positive definite and as large as the Hessian",
        ));
    }
    Ok(covariance)
}

/// A posterior needs a minimum, a saddle's coordinates must each go down, noise is looked at where H = 0.
fn check_ground(section: &Section<'_>, hessian: &DMatrix<f64>, kind: Kind) -> Result<()> {
    let eigenvalues = hessian.clone().symmetric_eigenvalues();
    let wrong = match kind {
        Kind::Posterior if eigenvalues.min() <= 0.0 => {
            "a posterior needs a minimum: every eigenvalue of H positive"
        }
        Kind::Saddle if hessian.diagonal().max() >= 0.0 => {
            "the mean square is measured along falling directions: every diagonal entry of H negative"
        }
        Kind::NoiseVariance if hessian.amax() > 0.0 => {
            "the noise of an update is measured on flat ground: every entry of H zero"
        }
        _ => return Ok(()),
    };
    Err(section.error("hessian", wrong))
}

fn read_optimizer(
    section: &Section<'_>,
    name: &str,
    rules: &Rules,
    ground: &Ground,
    steps: &Steps,
    cells: &mut Vec<Cell>,
) -> Result<()> {
    let rules = Tuned::sweep(section, rules, None)?;
    let entry = rules[0].entry;
    let series = section.label("label", Some(entry.name))?;
    let frozen = section.switch("frozen", false)?;
    if frozen && !["adam", "adai"].contains(&entry.name) {
        return Err(section.error(
            "frozen",
            "only adam and adai have a second moment to freeze here",
        ));
    }
    let two_batch = match section.get("two_batch") {
        None => None,
        Some(_) => {
            let why = "β₀ of the estimator (1 + β₀)g⁽ᵃ⁾ − β₀g⁽ᵇ⁾";
            Some(section.number("two_batch", None, -1.0..=1e3, why)?)
        }
    };
    let momentum = match section.choice("momentum", Some("zero"), &["zero", "stationary"])? {
        "zero" => Momentum::Zero,
        _ => Momentum::Stationary,
    };
    section.finish()?;
    let swept = |key: &str| rules.iter().any(|r| r.values[key] != rules[0].values[key]);
    let keys: Vec<&str> = entry
        .parameters
        .iter()
        .map(|p| p.name)
        .filter(|key| swept(key))
        .collect();
    let mut taken: HashSet<String> = cells.iter().map(|cell| cell.label.clone()).collect();
    for rule in &rules {
        let mut label = format!("{name}/{series}");
        for key in &keys {
            label += &format!("/{key}={}", rule.values[key]);
        }
        if !taken.insert(label.clone()) {
            return Err(section.error(
                "name",
                format!("two optimizers are called `{series}`; give one of them a label = \"…\""),
            ));
        }
        let mut cell = Cell {
            label,
            series: series.clone(),
            rule: rule.clone(),
            frozen,
            two_batch,
            momentum,
            hessian: ground.hessian.clone(),
            noise: ground.noise.clone(),
            particles: ground.particles,
            steps: Vec::new(),
            precision: ground.precision,
        };
        let exact = recursion(&cell);
        if momentum == Momentum::Stationary && (exact.is_none() || !has_momentum(&cell)) {
            return Err(section.error(
                "momentum",
                "a stationary start is known for sgdm and heavy-ball only",
            ));
        }
        if let Some(recursion) = exact.as_ref().filter(|_| ground.minimum)
            && recursion.growth() >= 0.0
        {
            return Err(section.error("eta", diverges(&cell)));
        }
        cell.steps = match (steps, &exact) {
            (Steps::At(at), _) => at.clone(),
            (Steps::Relaxations(times), Some(recursion)) => {
                // What fades at once still takes the steps that its memory is long.
                let steps = (times / -recursion.growth()).ceil() as u64;
                vec![steps.max(recursion.order() + 1)]
            }
            (Steps::Relaxations(_), None) => {
                return Err(section.error(
                    "name",
                    format!(
                        "{} is not linear, so its relaxation time is not known; give ensemble.steps",
                        entry.name
                    ),
                ));
            }
        };
        let work = cell.particles as f64 * cell.steps.last().map_or(0.0, |n| *n as f64);
        if work > MOST_WORK {
            return Err(section.error(
                "name",
                format!(
                    "{} asks for {work:.1e} particle-steps; fewer particles or steps",
                    cell.label
                ),
            ));
        }
        cells.push(cell);
    }
    Ok(())
}

/// That a rule has no posterior at its η, with the limit where its formula is known.
fn diverges(cell: &Cell) -> String {
    let steepest = matrix(&cell.hessian).symmetric_eigenvalues().max();
    let limit = cell.rule.stability_limit();
    let below = limit.map_or_else(String::new, |limit| {
        format!(
            " (eta * h = {:.4}, h = {steepest:.4} the steepest curvature; below {limit:.4} it does not)",
            cell.eta() * steepest
        )
    });
    format!(
        "{}: it diverges at this η{below}, so that it has no posterior",
        cell.label
    )
}

/// Whether the first slot of the rule's memory is a momentum that may start in its own law.
fn has_momentum(cell: &Cell) -> bool {
    ["sgdm", "heavy-ball"].contains(&cell.rule.entry.name)
}
