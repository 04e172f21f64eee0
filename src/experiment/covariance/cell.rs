//! One cell: a rule on a quadratic with Gaussian noise, and the process that simulates it.

use serde::Serialize;

use crate::optimizer::Tuned;
use crate::plan::Planned;
use crate::surface::matrix;
use prediction::exact::linear::{Memory, Quadratic};
use simulation::ensemble::{Optimizing, Precision, Process};
use simulation::float::Float;
use simulation::landscape::quadratic::Quadratic as Surface;
use simulation::landscape::{Gradient, Landscape};
use simulation::noise::{Gaussian, Oracle, Shape, TwoBatch};
use simulation::optimizer::frozen::Frozen;
use simulation::optimizer::{Moves, Optimizer};
use simulation::random::Drawn;

/// How the momentum starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Momentum {
    /// At 0.
    Zero,
    /// In its law on flat ground.
    Stationary,
}

impl Momentum {
    /// The same for an exact law.
    pub fn memory(self) -> Memory {
        match self {
            Momentum::Zero => Memory::Zero,
            Momentum::Stationary => Memory::Stationary,
        }
    }
}

/// A cell of the grid.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Its name, which keys its random numbers.
    pub label: String,
    /// The series it belongs to.
    pub series: String,
    /// The update rule.
    pub rule: Tuned,
    /// Whether its second moment stands still at the noise's variance.
    pub frozen: bool,
    /// β₀ of the two-batch estimator, where that makes the gradients.
    pub two_batch: Option<f64>,
    /// How the momentum starts.
    pub momentum: Momentum,
    /// H, row by row.
    pub hessian: Vec<Vec<f64>>,
    /// C, row by row.
    pub noise: Vec<Vec<f64>>,
    /// N.
    pub particles: u64,
    /// Steps at which θ is looked at, ascending.
    pub steps: Vec<u64>,
    /// What numbers it is made of.
    #[serde(skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
}

impl Cell {
    /// What is known of it before it runs.
    pub fn plan(&self) -> Planned {
        let plan = Planned::of(&self.label, &self.series).under(&self.rule);
        let plan = match self.two_batch {
            Some(beta0) => plan.with("two_batch", beta0),
            None => plan,
        };
        plan.runs(self.particles, self.steps.last().copied().unwrap_or(0))
            .in_coordinates(self.dim())
    }

    /// η.
    pub fn eta(&self) -> f64 {
        self.rule.values["eta"]
    }

    /// A number of the rule, if it has it.
    pub fn value(&self, key: &str) -> Option<f64> {
        self.rule.values.numbers.get(key).copied()
    }

    /// d.
    pub fn dim(&self) -> usize {
        self.hessian.len()
    }

    /// H and C.
    ///
    /// # Errors
    /// One of them is none.
    pub fn quadratic(&self) -> Result<Quadratic, String> {
        Quadratic::new(matrix(&self.hessian), matrix(&self.noise)).map_err(|e| e.to_string())
    }

    /// The variances of the noise, coordinate by coordinate.
    pub fn variances(&self) -> Vec<f64> {
        (0..self.dim()).map(|i| self.noise[i][i]).collect()
    }

    /// The process of this cell, made of `F`.
    ///
    /// # Errors
    /// The surface or the noise is none.
    pub fn process<F: Float + Drawn>(&self) -> Result<Box<dyn Process<F>>, String>
    where
        dyn Landscape: Gradient<F>,
        dyn Optimizer: Moves<F>,
    {
        let surface = Surface::symmetric(matrix(&self.hessian)).map_err(|e| e.to_string())?;
        let shape = Shape::from_covariance(matrix(&self.noise))?;
        let gaussian = Gaussian::new(Box::new(surface), shape);
        let oracle: Box<dyn Oracle<F>> = match self.two_batch {
            Some(beta0) => Box::new(TwoBatch::new(gaussian, beta0)),
            None => Box::new(gaussian),
        };
        let optimizer = match self.frozen_inertia() {
            Some((beta, p)) => Box::new(Frozen::new(self.eta(), beta, p)),
            None => self.rule.build(),
        };
        Ok(Box::new(Optimizing { oracle, optimizer }))
    }

    /// βᵢ and pᵢ of a rule whose second moment stands still at C.
    pub fn frozen_inertia(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        if !self.frozen {
            return None;
        }
        let c = self.variances();
        if let Some(beta1) = self.value("beta1") {
            let p = c.iter().map(|c| 1.0 / c.sqrt()).collect();
            return Some((vec![beta1; c.len()], p));
        }
        let beta0 = self.value("beta0")?;
        let mean = c.iter().sum::<f64>() / c.len() as f64;
        let beta = c.iter().map(|c| (1.0 - beta0 * c / mean).max(0.0));
        Some((beta.collect(), vec![1.0; c.len()]))
    }
}
