//! One cell: a process whose diffusion is D(θ), and the noise that makes it so.

use serde::Serialize;

use crate::plan::Planned;
use crate::surface::Surface;
use simulation::ensemble::{Diffusing, Optimizing, Process};
use simulation::landscape::Landscape;
use simulation::landscape::line::curvature_at;
use simulation::noise::{Gaussian, HessianShaped, Oracle, Shape};
use simulation::optimizer::entry::Values;
use simulation::optimizer::sgd::SGD;
use simulation::optimizer::sgdm::SGDM;
use simulation::sde::{Diffusion, EulerMaruyama, Overdamped};

/// D(θ).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Noise {
    /// D = T.
    Constant {
        /// T.
        temperature: f64,
    },
    /// D = s(|L″| + δ).
    Hessian {
        /// s.
        scale: f64,
        /// δ.
        floor: f64,
    },
}

/// What moves the particles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Mover {
    /// SGD, whose gradients have the variance C = 2D/η.
    Sgd,
    /// SGDM with β₃ = 1 − β₁ and the same gradients.
    Sgdm {
        /// β₁.
        beta1: f64,
    },
    /// Euler–Maruyama's scheme.
    EulerMaruyama,
}

/// One process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// Unique and stable name; keys the random numbers.
    pub label: String,
    /// What figures and claims call it.
    pub series: String,
    /// The surface, in one coordinate.
    pub landscape: Surface,
    /// What moves the particles.
    pub mover: Mover,
    /// η, or dt.
    pub step: f64,
    /// D.
    pub noise: Noise,
    /// Where particles start, in turn.
    pub starts: Vec<f64>,
    /// N.
    pub particles: u64,
    /// Steps of each.
    pub steps: u64,
}

impl Noise {
    /// D(θ) on a line.
    pub fn diffusion(&self, line: &dyn Landscape, theta: f64) -> f64 {
        match *self {
            Noise::Constant { temperature } => temperature,
            Noise::Hessian { scale, floor } => scale * (curvature_at(line, theta).abs() + floor),
        }
    }
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        let plan = Planned::of(&self.label, &self.series);
        let plan = match self.mover {
            Mover::Sgd => plan.with("optimizer", "sgd").with("eta", self.step),
            Mover::Sgdm { beta1 } => plan
                .with("optimizer", "sgdm")
                .with("eta", self.step)
                .with("beta1", beta1),
            Mover::EulerMaruyama => plan
                .with("integrator", EulerMaruyama::NAME)
                .with("dt", self.step),
        };
        let plan = match self.noise {
            Noise::Constant { temperature } => plan.with("temperature", temperature),
            Noise::Hessian { scale, floor } => plan.with("scale", scale).with("floor", floor),
        };
        plan.runs(self.particles, self.steps).in_coordinates(1)
    }

    /// The surface.
    ///
    /// # Errors
    /// There is none of that name in one coordinate.
    pub fn surface(&self) -> Result<Box<dyn Landscape>, String> {
        self.landscape.build().map_err(|e| e.to_string())
    }

    /// The process that is simulated.
    ///
    /// # Errors
    /// As [`Cell::surface`].
    pub fn process(&self) -> Result<Box<dyn Process>, String> {
        let surface = self.surface()?;
        let values = |entry| Values::defaults(entry, 0.0).with("eta", self.step);
        let optimizer = match self.mover {
            Mover::Sgd => (SGD.build)(&values(&SGD)),
            Mover::Sgdm { beta1 } => (SGDM.build)(&values(&SGDM).with("beta1", beta1)),
            Mover::EulerMaruyama => {
                let diffusion = match self.noise {
                    Noise::Constant { temperature } => Diffusion::Constant(temperature),
                    Noise::Hessian { scale, floor } => Diffusion::HessianShaped { scale, floor },
                };
                let process = Box::new(Overdamped::new(surface, diffusion));
                let scheme = Box::new(EulerMaruyama::new(process));
                return Ok(Box::new(Diffusing::new(scheme, self.step)));
            }
        };
        let oracle: Box<dyn Oracle> = match self.noise {
            Noise::Constant { temperature } => {
                let sigma = (2.0 * temperature / self.step).sqrt();
                Box::new(Gaussian::new(surface, Shape::Isotropic(sigma)))
            }
            Noise::Hessian { scale, floor } => {
                let batch = self.step / (2.0 * scale);
                Box::new(HessianShaped::new(surface, batch, floor))
            }
        };
        Ok(Box::new(Optimizing { oracle, optimizer }))
    }
}
