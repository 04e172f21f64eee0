//! From a cell to the process that is simulated.

use super::cell::{Cell, Driver, Noise};
use crate::simulation::ensemble::{Diffusing, Optimizing, Process};
use crate::simulation::landscape::Landscape;
use crate::simulation::noise::{
    Fresh, Gaussian, HessianShaped, Law, Minibatch, Oracle, Pool, Replacement, Shape,
};
use crate::simulation::random::Stream;
use crate::simulation::sde::{Diffusion, EulerMaruyama, Overdamped};

/// The law of that name in an experiment file.
pub fn law(name: &str, degrees_of_freedom: f64) -> Law {
    match name {
        "uniform" => Law::Uniform,
        "student" => Law::Student(degrees_of_freedom),
        _ => Law::Normal,
    }
}

impl Cell {
    /// The process of this cell; `seed` draws the pool of samples, which all cells share.
    ///
    /// # Errors
    /// A surface, matrix or optimizer refuses its parameters.
    pub fn process(&self, seed: u64) -> Result<Box<dyn Process>, String> {
        let surface = self.surface()?;
        match &self.driver {
            Driver::Optimizer { rule, noise } => Ok(Box::new(Optimizing {
                oracle: self.oracle(surface, noise, seed)?,
                optimizer: rule.build(),
            })),
            Driver::Langevin { temperature, dt } => {
                Ok(diffusing(surface, Diffusion::Constant(*temperature), *dt))
            }
            Driver::HessianLangevin {
                eta_over_batch,
                floor,
                dt,
            } => {
                let scale = eta_over_batch / 2.0;
                let floor = *floor;
                Ok(diffusing(
                    surface,
                    Diffusion::HessianShaped { scale, floor },
                    *dt,
                ))
            }
        }
    }

    fn oracle(
        &self,
        surface: Box<dyn Landscape>,
        noise: &Noise,
        seed: u64,
    ) -> Result<Box<dyn Oracle>, String> {
        Ok(match noise {
            Noise::Gaussian { variance } => {
                Box::new(Gaussian::new(surface, Shape::Isotropic(variance.sqrt())))
            }
            Noise::Correlated { covariance } => {
                let dim = covariance.len();
                let matrix = nalgebra::DMatrix::from_fn(dim, dim, |i, j| covariance[i][j]);
                Box::new(Gaussian::new(surface, Shape::from_covariance(matrix)?))
            }
            Noise::Hessian { batch, floor } => {
                Box::new(HessianShaped::new(surface, *batch, *floor))
            }
            Noise::Minibatch {
                samples,
                batch,
                law: name,
                degrees_of_freedom,
                variance,
                replacement,
            } => {
                let stream = Stream::new(seed, self.pool_key);
                let law = law(name, *degrees_of_freedom);
                let n = *samples as usize;
                let pool = Pool::draw(&stream, law, *variance, self.sharpness, n, self.dim);
                let replacement = if *replacement {
                    Replacement::With
                } else {
                    Replacement::Without
                };
                Box::new(Minibatch::new(surface, pool, *batch as usize, replacement))
            }
            Noise::Fresh {
                batch,
                law: name,
                degrees_of_freedom,
                variance,
            } => Box::new(Fresh::new(
                surface,
                law(name, *degrees_of_freedom),
                variance / self.sharpness,
                *batch as usize,
            )),
        })
    }
}

fn diffusing(surface: Box<dyn Landscape>, diffusion: Diffusion, dt: f64) -> Box<dyn Process> {
    let sde = Overdamped::new(surface, diffusion);
    Box::new(Diffusing {
        integrator: Box::new(EulerMaruyama::new(Box::new(sde))),
        dt,
    })
}
