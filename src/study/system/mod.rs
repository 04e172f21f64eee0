//! A system: a landscape, noise, and what moves the particles from their start.

pub mod data;
mod driving;
pub mod equation;
pub mod facts;
pub mod formula;
pub mod landscape;
mod modified;
pub mod motion;
pub mod noise;
pub mod start;

use serde::Serialize;

use base::error::{Error, Result};
use experiment::escape::noise::{Along, driving};
use experiment::escape::process::NO_SDE_IN_SINGLES;
use experiment::surface::Surface;
use simulation::ensemble::{Diffusing, Optimizing, Precision, Process, Retuned, Single};
use simulation::landscape::Landscape;
use simulation::noise::{Gaussian, Oracle, Shape};
use simulation::optimizer::Values;
use simulation::random::Stream;
use simulation::sde::Integrator;
use simulation::sde::registry::{self, Dynamics};

pub use facts::SystemFacts;
use motion::Equation;
pub use motion::Motion;
pub use noise::Noise;
pub use start::Start;

/// Everything that a path's law depends on.
#[derive(Clone, Debug, Serialize)]
pub struct System {
    /// L.
    pub landscape: Surface,
    /// The names of its coordinates.
    pub variables: Vec<String>,
    /// What makes its gradient stochastic.
    pub noise: Noise,
    /// What moves the particles.
    pub motion: Motion,
    /// Where they begin.
    pub start: Start,
    /// How much time a step takes.
    pub clock: f64,
    /// What the numbers are made of.
    #[serde(skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
}

impl System {
    /// d.
    pub fn dim(&self) -> usize {
        self.variables.len()
    }

    /// The process that is simulated; `pool` draws the samples of data.
    ///
    /// # Errors
    /// The parts do not fit: the message says which.
    pub fn process(&self, pool: &Stream) -> Result<Box<dyn Process>> {
        if self.precision == Precision::F32 {
            let singles = self.of_singles().map_err(Error::Failed)?;
            return Ok(Box::new(Single::new(singles)));
        }
        match &self.motion {
            Motion::Rule(rule) => {
                let moving = driving(&|| self.surface(), self.clock).map_err(Error::Failed)?;
                let oracle: Box<dyn Oracle> = match (self.noise.known(), moving) {
                    (None, Some(moving)) => moving,
                    (None, None) => Box::new(Gaussian::new(
                        self.landscape.build()?,
                        Shape::Isotropic(0.0),
                    )),
                    (Some(noise), _) => {
                        let settings = (self.sharpness(), self.clock);
                        let oracle = noise.oracle(&|| self.surface(), settings, pool);
                        oracle.map_err(Error::Failed)?
                    }
                };
                if let Some(driven) = &rule.values.driven {
                    let rule = rule.clone();
                    let (entry, values) = (rule.entry, rule.values.clone());
                    let build = move |values: &Values| (rule.entry.build)(values);
                    let driven = (**driven).clone().with_clock(self.clock);
                    let moved = Retuned::new(oracle, entry, Box::new(build), values, driven);
                    return Ok(Box::new(moved));
                }
                Ok(Box::new(Optimizing {
                    oracle,
                    optimizer: rule.build(),
                }))
            }
            Motion::Sde(sde) => {
                let integrator = self.integrator(sde)?;
                Ok(Box::new(Diffusing::new(integrator, sde.dt)))
            }
        }
    }

    /// The process made of singles.
    fn of_singles(&self) -> std::result::Result<Box<dyn Process<f32>>, String> {
        let Motion::Rule(rule) = &self.motion else {
            return Err(NO_SDE_IN_SINGLES.into());
        };
        if self.landscape.is_driven() || rule.values.driven.is_some() {
            let what = "\"f32\" is for rules and landscapes that stay as they are; schedules take \"f32-noise\"";
            return Err(what.into());
        }
        let shape = match self.noise.known() {
            None => Shape::Isotropic(0.0),
            Some(noise) => noise.shape()?,
        };
        Ok(Box::new(Optimizing {
            oracle: Box::new(Gaussian::new(self.surface()?, shape)),
            optimizer: rule.build(),
        }))
    }

    /// The scheme of an equation.
    fn integrator(&self, sde: &motion::Sde) -> Result<Box<dyn Integrator>> {
        let entry = registry::find(sde.integrator)
            .ok_or_else(|| Error::Failed(format!("no integrator {}", sde.integrator)))?;
        if let Some(formula) = sde.formula() {
            let surface = self.landscape.build()?;
            let (own, frame) = formula
                .on(surface, sde.dt, self.clock)
                .map_err(|wrong| Error::Input(wrong.what))?;
            let inner = (entry.build)(Dynamics::Diffusion(Box::new(own)))?;
            return Ok(Box::new(frame.around(inner)));
        }
        (entry.build)(sde.dynamics(&|| self.surface(), &self.noise)?)
    }

    /// The names of what the process remembers of each coordinate, one for every d rows of its memory.
    pub fn remembered(&self) -> Vec<String> {
        match &self.motion {
            Motion::Rule(rule) => rule.build().remembered(),
            Motion::Sde(sde) => match &sde.equation {
                Equation::Underdamped { .. } => vec!["v".into()],
                Equation::Written { formula, .. } => {
                    formula.state.iter().map(|(name, _)| name.clone()).collect()
                }
                _ => Vec::new(),
            },
        }
    }

    /// The landscape.
    ///
    /// # Errors
    /// None for one that was read.
    pub fn surface(&self) -> std::result::Result<Box<dyn Landscape>, String> {
        self.landscape.build().map_err(|error| error.to_string())
    }

    /// C(x) in one coordinate, where it is known.
    pub fn noise_along(&self) -> Option<Along> {
        match self.noise.known() {
            None => Some(Box::new(|_| 0.0)),
            Some(noise) => noise.along(&|| self.surface()).ok().flatten(),
        }
    }

    /// The time step of the equation that moves the particles, or η of the rule.
    pub fn step(&self) -> f64 {
        match &self.motion {
            Motion::Sde(sde) => sde.dt,
            Motion::Rule(rule) => rule.values["eta"],
        }
    }

    /// k of the landscape, 1 where it is not sharpened.
    pub fn sharpness(&self) -> f64 {
        self.landscape
            .numbers
            .get("sharpness")
            .copied()
            .unwrap_or(1.0)
    }
}
