//! One cell: a heavy ball that stands for a Klein–Kramers particle, from rest to an exit.

use serde::Serialize;

use crate::plan::Planned;
use crate::surface::Surface;
use simulation::ensemble::{Optimizing, Process};
use simulation::landscape::Landscape;
use simulation::noise::{Gaussian, Shape};
use simulation::optimizer::entry::Values;
use simulation::optimizer::heavy_ball::HEAVY_BALL;

/// A damping, a step and an exit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// Unique and stable name; keys the random numbers.
    pub label: String,
    /// The surface, in one coordinate.
    pub landscape: Surface,
    /// T.
    pub temperature: f64,
    /// γ.
    pub damping: f64,
    /// h, the time of one step.
    pub step: f64,
    /// Where particles start, at rest.
    pub start: f64,
    /// Where they end.
    pub exit: f64,
    /// N.
    pub particles: u64,
    /// Steps after which a particle is censored.
    pub max_steps: u64,
}

/// The rule that a step of the particle is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HeavyBall {
    /// β₁.
    pub beta1: f64,
    /// η.
    pub eta: f64,
    /// C, the variance of one stochastic gradient.
    pub variance: f64,
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        Planned::new(&self.label)
            .with("damping", self.damping)
            .with("step", self.step)
            .with("exit", self.exit)
            .runs_until(self.particles, self.max_steps)
            .in_coordinates(1)
    }

    /// β = (1 − γh/2)/(1 + γh/2), η = h²(1 + β)/2, C = 2T(1 − β)/η.
    ///
    /// m ← βm + g, θ ← θ − ηm is θ ← θ + β(θ − θ₋) − ηg, which with these numbers is the scheme of Brünger,
    /// Brooks and Karplus (Chem. Phys. Lett. 105, 1984) for mass 1, damping γ, temperature T and time step h: of
    /// second order in h in what the positions do. The reading γ = (1 − β)/√η, h = √η of the papers is its
    /// limit for γh → 0.
    pub fn rule(&self) -> HeavyBall {
        let half = 0.5 * self.damping * self.step;
        let beta1 = (1.0 - half) / (1.0 + half);
        let eta = 0.5 * self.step * self.step * (1.0 + beta1);
        HeavyBall {
            beta1,
            eta,
            variance: 2.0 * self.temperature * (1.0 - beta1) / eta,
        }
    }

    /// The surface.
    ///
    /// # Errors
    /// It refuses one coordinate.
    pub fn surface(&self) -> Result<Box<dyn Landscape>, String> {
        self.landscape.build().map_err(|e| e.to_string())
    }

    /// The process that is simulated.
    ///
    /// # Errors
    /// As [`Cell::surface`].
    pub fn process(&self) -> Result<Box<dyn Process>, String> {
        let HeavyBall {
            beta1,
            eta,
            variance,
        } = self.rule();
        let values = Values::defaults(&HEAVY_BALL, 0.0)
            .with("eta", eta)
            .with("beta1", beta1);
        let shape = Shape::Isotropic(variance.sqrt());
        Ok(Box::new(Optimizing {
            oracle: Box::new(Gaussian::new(self.surface()?, shape)),
            optimizer: (HEAVY_BALL.build)(&values),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_the_papers_where_the_step_is_small() {
        let cell = Cell {
            label: String::new(),
            landscape: Surface {
                name: "double-well".into(),
                numbers: Default::default(),
                hessian: None,
                formula: None,
                data: None,
                given: None,
            },
            temperature: 0.05,
            damping: 1.0,
            step: 1e-4,
            start: -1.0,
            exit: 1.0,
            particles: 2,
            max_steps: 1,
        };
        let HeavyBall {
            beta1,
            eta,
            variance,
        } = cell.rule();
        // γ = (1 − β)/√η, h = √η, T = ηC/(2(1 − β)), off by γh.
        assert!(((1.0 - beta1) / eta.sqrt() - 1.0).abs() < 1e-4);
        assert!((eta.sqrt() / 1e-4 - 1.0).abs() < 1e-4);
        assert!((eta * variance / (2.0 * (1.0 - beta1)) - 0.05).abs() < 1e-15);
        assert!(cell.process().is_ok());
    }
}
