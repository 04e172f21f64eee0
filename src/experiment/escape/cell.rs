//! One cell of an escape experiment: every number that it needs, resolved.

use serde::Serialize;

pub use super::noise::Noise;
use crate::optimizer::Tuned;
use crate::plan::Planned;
use measurement::reading::Facts;
use simulation::ensemble::{Crossing, Precision};
use simulation::landscape::Landscape;
use simulation::landscape::expression::Formula;
use simulation::landscape::registry::{Settings, build};
use simulation::sde::Reading;
use simulation::sde::registry::find;

/// What moves the particles, resolved for one cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Driver {
    /// A discrete optimizer.
    Optimizer {
        /// The update rule.
        rule: Tuned,
        /// Where its gradients come from.
        noise: Noise,
    },
    /// Overdamped Langevin dynamics at a temperature.
    Langevin {
        /// T = D.
        temperature: f64,
        /// How it is integrated.
        scheme: Scheme,
    },
    /// The SDE of SGD in noise that depends on θ: D = (η/2B)(|H| + δ) or (η/2B)(L − L* + δ).
    Shaped {
        /// What the noise follows.
        shape: Shape,
        /// η/B.
        eta_over_batch: f64,
        /// δ, with respect to θ.
        floor: f64,
        /// How √(2D) dW is read.
        reading: Reading,
        /// How it is integrated.
        scheme: Scheme,
    },
    /// Langevin dynamics with inertia.
    Inert {
        /// T.
        temperature: f64,
        /// γ.
        friction: f64,
        /// How it is integrated.
        scheme: Scheme,
    },
}

/// What noise follows that depends on θ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// C = (|H| + δ)/B.
    Hessian,
    /// C = (L − L* + δ)/B.
    Loss,
}

/// How an SDE is integrated and its exits are found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scheme {
    /// Name of the integrator.
    pub integrator: &'static str,
    /// Time step.
    pub dt: f64,
    /// How an exit between grid points is found.
    pub crossing: Crossing,
}

impl Scheme {
    /// Whether the path between its grid points is a Brownian bridge: noise acts on θ itself, step by step anew.
    pub fn bridged(&self) -> bool {
        find(self.integrator).is_some_and(|entry| entry.bridged)
    }
}

impl Driver {
    /// The scheme of an SDE.
    pub fn scheme(&self) -> Option<&Scheme> {
        match self {
            Driver::Optimizer { .. } => None,
            Driver::Langevin { scheme, .. }
            | Driver::Shaped { scheme, .. }
            | Driver::Inert { scheme, .. } => Some(scheme),
        }
    }
}

/// One cell: a driver on a surface, from a start to an exit.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Unique and stable name; keys the random numbers.
    pub label: String,
    /// Name of the series it belongs to.
    pub series: String,
    /// Abscissa: the value of what the experiment sweeps.
    pub x: f64,
    /// k.
    pub sharpness: f64,
    /// Name of the surface.
    pub landscape: String,
    /// The surface's own parameters.
    pub parameters: std::collections::BTreeMap<String, f64>,
    /// d.
    pub dim: usize,
    /// What moves the particles.
    pub driver: Driver,
    /// The user's own formula, where the surface is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
    /// Start, θ: one number for every coordinate alike, or one for each.
    pub start: Vec<f64>,
    /// Boundary, θ.
    pub exit: f64,
    /// The coordinate that must pass it; `None`: whichever does first.
    pub coordinate: Option<usize>,
    /// True when the exit lies above the start.
    pub upwards: bool,
    /// Number of particles.
    pub particles: u64,
    /// Steps after which a particle is censored.
    pub max_steps: u64,
    /// Seed of the pool of samples, the same for all cells of an experiment.
    pub pool_key: u64,
    /// What numbers it is made of.
    #[serde(skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
}

impl Driver {
    /// Its numbers, by the names of `[[optimizer]]`, `[noise]` and `[sde]`.
    fn facts(&self) -> Facts {
        let facts = match self {
            Driver::Optimizer { rule, noise } => rule.facts().and(&noise.facts()),
            Driver::Langevin { temperature, .. } => {
                Facts::default().with("temperature", *temperature)
            }
            Driver::Shaped {
                eta_over_batch,
                floor,
                ..
            } => Facts::default()
                .with("eta_over_batch", *eta_over_batch)
                .with("floor", *floor),
            Driver::Inert {
                temperature,
                friction,
                ..
            } => Facts::default()
                .with("temperature", *temperature)
                .with("friction", *friction),
        };
        match self.scheme() {
            None => facts,
            Some(scheme) => facts
                .with("integrator", scheme.integrator)
                .with("dt", scheme.dt),
        }
    }
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        Planned::of(&self.label, &self.series)
            .with("sharpness", self.sharpness)
            .and(&self.driver.facts())
            .runs_until(self.particles, self.max_steps)
            .in_coordinates(self.dim)
    }

    /// The surface in `dim` coordinates.
    ///
    /// # Errors
    /// The surface refuses its parameters.
    pub fn surface_of(&self, dim: usize) -> Result<Box<dyn Landscape>, String> {
        let mut scalars = self.parameters.clone();
        scalars.insert("dim".into(), dim as f64);
        scalars.insert("sharpness".into(), self.sharpness);
        build(
            &self.landscape,
            &Settings {
                scalars,
                formula: self.formula.clone(),
                ..Settings::default()
            },
        )
    }

    /// The surface.
    ///
    /// # Errors
    /// The surface refuses its parameters.
    pub fn surface(&self) -> Result<Box<dyn Landscape>, String> {
        self.surface_of(self.dim)
    }

    /// The same cell of an SDE with half the step, so with twice the steps; `None` of an optimizer.
    pub fn halved(&self) -> Option<Cell> {
        let mut cell = self.clone();
        match &mut cell.driver {
            Driver::Optimizer { .. } => return None,
            Driver::Langevin { scheme, .. }
            | Driver::Shaped { scheme, .. }
            | Driver::Inert { scheme, .. } => scheme.dt *= 0.5,
        }
        cell.label += ", half the step";
        cell.max_steps = cell.max_steps.saturating_mul(2);
        Some(cell)
    }

    /// Where every coordinate starts.
    pub fn start_point(&self) -> Vec<f64> {
        match self.start[..] {
            [x] => vec![x; self.dim],
            _ => self.start.clone(),
        }
    }

    /// Where the coordinate that leaves starts, or each of them alike.
    pub fn start_towards_exit(&self) -> f64 {
        let at = self.coordinate.unwrap_or(0);
        let own = self.start.get(at).or(self.start.first());
        own.copied().unwrap_or(f64::NAN)
    }

    /// The step of the process in units of time: η for SGD-like rules, dt for an SDE.
    pub fn time_step(&self) -> f64 {
        match &self.driver {
            Driver::Optimizer { rule, .. } => rule.values["eta"],
            Driver::Langevin { scheme, .. }
            | Driver::Shaped { scheme, .. }
            | Driver::Inert { scheme, .. } => scheme.dt,
        }
    }
}
