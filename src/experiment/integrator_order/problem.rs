//! The problems, and the integrators on them.

use nalgebra::DMatrix;
use serde::Serialize;

use base::error::Result;
use simulation::landscape::Landscape;
use simulation::landscape::cosine::Cosine;
use simulation::landscape::quadratic::Quadratic;
use simulation::sde::registry::{Dynamics, Entry};
use simulation::sde::{Diffusion, Integrator, OrnsteinUhlenbeck, Overdamped, Sde, Underdamped};

/// The numbers of all problems.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// T of the additive noise, on the circle and on the quadratic.
    pub temperature: f64,
    /// s of D = s(L + δ) on the circle; σ² of the geometric Brownian motion.
    pub scale: f64,
    /// δ on the circle.
    pub floor: f64,
    /// γ.
    pub friction: f64,
    /// h of the quadratic.
    pub h: f64,
    /// Time after which the laws are compared.
    pub horizon: f64,
}

/// Which problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Expectations on the circle, additive noise.
    Additive,
    /// Expectations on the circle, noise that depends on θ.
    Shaped,
    /// Moments of a linear process.
    Linear,
    /// Paths.
    Strong,
}

impl Kind {
    /// In the order of the panels.
    pub const ALL: [Kind; 4] = [Kind::Additive, Kind::Shaped, Kind::Linear, Kind::Strong];

    /// Its name in records and figures.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Additive => "weak: 1 − cos θ, additive noise",
            Kind::Shaped => "weak: 1 − cos θ, D = s(L + δ)",
            Kind::Linear => "weak: ½hθ², mean and covariance",
            Kind::Strong => "strong: paths in common noise",
        }
    }

    /// The order that an integrator declares for it.
    pub fn declared(self, entry: &Entry) -> f64 {
        match self {
            Kind::Additive | Kind::Linear => entry.additive.weak,
            Kind::Shaped => entry.weak_order,
            Kind::Strong => entry.strong_order,
        }
    }
}

impl Problem {
    /// The diffusion on the circle.
    ///
    /// # Errors
    /// None at one coordinate.
    pub fn on_circle(&self, kind: Kind) -> Result<Box<dyn Sde>> {
        let diffusion = match kind {
            Kind::Shaped => Diffusion::LossShaped {
                scale: self.scale,
                floor: self.floor,
            },
            _ => Diffusion::Constant(self.temperature),
        };
        Ok(Box::new(Overdamped::new(
            Box::new(Cosine::new(1)?),
            diffusion,
        )))
    }

    /// Geometric Brownian motion: dθ = −hθ dt + σθ dW with σ² = hs.
    ///
    /// # Errors
    /// h is out of range.
    pub fn geometric(&self) -> Result<Box<dyn Sde>> {
        let diffusion = Diffusion::LossShaped {
            scale: self.scale,
            floor: 0.0,
        };
        Ok(Box::new(Overdamped::new(self.bowl()?, diffusion)))
    }

    fn bowl(&self) -> Result<Box<dyn Landscape>> {
        let hessian = DMatrix::from_element(1, 1, self.h);
        Ok(Box::new(Quadratic::new(hessian)?))
    }

    /// `entry` on the linear process of its kind: an Itô diffusion, one with inertia, or the exact sampler's.
    ///
    /// # Errors
    /// A number is out of range.
    pub fn linear(&self, entry: &Entry) -> Result<Box<dyn Integrator>> {
        let diffusion = Overdamped::new(self.bowl()?, Diffusion::Constant(self.temperature));
        if let Ok(scheme) = (entry.build)(Dynamics::Diffusion(Box::new(diffusion))) {
            return Ok(scheme);
        }
        let inert = Underdamped::new(self.bowl()?, self.friction, self.temperature)?;
        if let Ok(scheme) = (entry.build)(Dynamics::Underdamped(inert)) {
            return Ok(scheme);
        }
        let hessian = DMatrix::from_element(1, 1, self.h);
        let process = OrnsteinUhlenbeck::new(hessian, &[0.0], self.temperature)?;
        (entry.build)(Dynamics::OrnsteinUhlenbeck(process))
    }

    /// Whether `entry` has a velocity.
    pub fn inert(entry: &Entry) -> bool {
        entry.parameters.iter().any(|p| p.name == "friction")
    }
}
