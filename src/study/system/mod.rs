//! A system: a landscape, noise, and what moves the particles from their start.

pub mod facts;
pub mod landscape;
pub mod motion;
pub mod noise;
pub mod start;

use serde::Serialize;

use base::error::{Error, Result};
use experiment::surface::Surface;
use simulation::ensemble::{Diffusing, Optimizing, Process};
use simulation::random::Stream;
use simulation::sde::registry;

pub use facts::SystemFacts;
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
        let surface = self.landscape.build()?;
        match &self.motion {
            Motion::Rule(rule) => Ok(Box::new(Optimizing {
                oracle: self.noise.oracle(surface, self.sharpness(), pool)?,
                optimizer: rule.build(),
            })),
            Motion::Sde(sde) => {
                let dynamics = sde.dynamics(surface, &self.noise)?;
                let entry = registry::find(sde.integrator)
                    .ok_or_else(|| Error::Failed(format!("no integrator {}", sde.integrator)))?;
                let integrator = (entry.build)(dynamics)?;
                Ok(Box::new(Diffusing::new(integrator, sde.dt)))
            }
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
