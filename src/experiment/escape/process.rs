//! From a cell to the process that is simulated.

use super::cell::{Cell, Driver, Scheme};
use simulation::ensemble::{Diffusing, Optimizing, Process};
use simulation::noise::{Gaussian, Law};
use simulation::random::Stream;
use simulation::sde::registry::{self as integrators, Dynamics};
use simulation::sde::{Diffusion, OrnsteinUhlenbeck, Overdamped, Underdamped};

/// The integrator that takes the law of a quadratic instead of its gradient.
pub(super) const EXACT: &str = "exact-ou";

/// The law of that name in an experiment file.
pub fn law(name: &str, degrees_of_freedom: f64) -> Law {
    match name {
        "uniform" => Law::Uniform,
        "student" => Law::Student(degrees_of_freedom),
        _ => Law::Normal,
    }
}

/// Why an SDE is not made of singles.
pub const NO_SDE_IN_SINGLES: &str = "\"f32\" is for optimizers; an SDE takes \"f32-noise\"";

impl Cell {
    /// The process of this cell; `seed` draws the pool of samples, which all cells share.
    ///
    /// # Errors
    /// A surface, matrix or optimizer refuses its parameters.
    pub fn process(&self, seed: u64) -> Result<Box<dyn Process>, String> {
        let surface = self.surface()?;
        match &self.driver {
            Driver::Optimizer { rule, noise } => Ok(Box::new(Optimizing {
                oracle: noise.oracle(
                    &|| self.surface(),
                    (self.sharpness, self.time_step()),
                    &Stream::new(seed, self.pool_key),
                )?,
                optimizer: rule.build(),
            })),
            Driver::Langevin {
                temperature,
                scheme,
            } => {
                let sde = Overdamped::new(surface, Diffusion::Constant(*temperature));
                self.diffusing(Dynamics::Diffusion(Box::new(sde)), scheme, *temperature)
            }
            &Driver::Shaped {
                shape,
                eta_over_batch,
                floor,
                reading,
                ref scheme,
            } => {
                let scale = eta_over_batch / 2.0;
                let diffusion = match shape {
                    super::cell::Shape::Hessian => Diffusion::HessianShaped { scale, floor },
                    super::cell::Shape::Loss => Diffusion::LossShaped { scale, floor },
                };
                let sde = Overdamped::read(surface, diffusion, reading);
                self.diffusing(Dynamics::Diffusion(Box::new(sde)), scheme, f64::NAN)
            }
            Driver::Inert {
                temperature,
                friction,
                scheme,
            } => {
                let dynamics = Underdamped::new(surface, *friction, *temperature)
                    .map_err(|e| e.to_string())?;
                self.diffusing(Dynamics::Underdamped(dynamics), scheme, *temperature)
            }
        }
    }

    /// The process of this cell in single precision.
    ///
    /// # Errors
    /// It is not an optimizer on Gaussian noise of constant covariance, which alone are written for it.
    pub fn single_process(&self) -> Result<Box<dyn Process<f32>>, String> {
        let Driver::Optimizer { rule, noise } = &self.driver else {
            return Err(NO_SDE_IN_SINGLES.into());
        };
        let shape = noise.shape()?;
        Ok(Box::new(Optimizing {
            oracle: Box::new(Gaussian::new(self.surface()?, shape)),
            optimizer: rule.build(),
        }))
    }

    /// `dynamics` by its scheme; the exact sampler takes the quadratic at this temperature in their place.
    fn diffusing(
        &self,
        dynamics: Dynamics,
        scheme: &Scheme,
        temperature: f64,
    ) -> Result<Box<dyn Process>, String> {
        let entry = integrators::find(scheme.integrator)
            .ok_or_else(|| format!("no integrator {}", scheme.integrator))?;
        let dynamics = if scheme.integrator == EXACT {
            if self.landscape != "quadratic" {
                return Err(format!(
                    "{EXACT} samples a quadratic exactly; {} is none, so take another integrator",
                    self.landscape
                ));
            }
            let hessian = self.surface()?.hessian(&vec![0.0; self.dim]);
            let process = OrnsteinUhlenbeck::new(hessian, &vec![0.0; self.dim], temperature);
            Dynamics::OrnsteinUhlenbeck(process.map_err(|e| e.to_string())?)
        } else {
            dynamics
        };
        let integrator = (entry.build)(dynamics).map_err(|e| e.to_string())?;
        Ok(Box::new(Diffusing {
            integrator,
            dt: scheme.dt,
            crossing: scheme.crossing,
        }))
    }
}
