//! A linear optimizer on a quadratic: z ← A z + B ξ, its moments at any step and in the long run.

use nalgebra::{DMatrix, DVector};

use super::filter::Filter;
use super::optimizer::LinearOptimizer;
use super::quadratic::Quadratic;
use super::step::{Gaussian, LinearStep};
use crate::error::{Error, Result};

/// The memory that an optimizer starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// None: every average is 0.
    Zero,
    /// Every average at the mean gradient Hθ of the start, without noise.
    Gradient,
    /// Every average as after many steps with θ held at the start: mean Hθ and stationary noise.
    Stationary,
}

/// z = (θ, s₁, …, s_k), in blocks of d numbers: one step of a linear optimizer on a quadratic.
#[derive(Clone, Debug, PartialEq)]
pub struct Recursion {
    step: LinearStep,
    first: LinearStep,
    /// The rows of s alone, at fixed θ = 0.
    memory: LinearStep,
    /// Mean of s per θ held fixed.
    memory_mean: DMatrix<f64>,
    dim: usize,
}

/// The stationary law of an optimizer.
#[derive(Clone, Debug, PartialEq)]
pub struct Stationary {
    /// Cov θ.
    pub theta: DMatrix<f64>,
    /// Cov of the momentum m_t that the last step wrote; of the gradient g_t for a rule without.
    pub momentum: DMatrix<f64>,
}

impl Recursion {
    /// The optimizer at learning rate η on a quadratic.
    ///
    /// # Errors
    /// [`Error::Input`] unless η > 0 and the dimensions agree.
    pub fn new(optimizer: &LinearOptimizer, eta: f64, quadratic: &Quadratic) -> Result<Self> {
        if !(eta.is_finite() && eta > 0.0) {
            return Err(Error::Input(format!(
                "the learning rate η = {eta} must be positive and finite"
            )));
        }
        if optimizer.dim() != quadratic.dim() {
            return Err(Error::Input(format!(
                "the optimizer has {} coordinates and the quadratic {}; they must be alike",
                optimizer.dim(),
                quadratic.dim()
            )));
        }
        let of = |filter: fn(&super::LinearRule) -> Filter| -> Vec<(Filter, f64)> {
            let coordinates = optimizer.coordinates().iter();
            coordinates
                .map(|(rule, p)| {
                    let filter = filter(rule);
                    let rate = eta * p * filter.gain;
                    (filter, rate)
                })
                .collect()
        };
        let usual = of(super::LinearRule::filter);
        let first = of(|rule| rule.first_filter().unwrap_or_else(|| rule.filter()));
        let step = assemble(&usual, quadratic);
        let d = quadratic.dim();
        let memory = LinearStep {
            change: step.change.view_range(d.., d..).into_owned(),
            noise: step.noise.view_range(d.., d..).into_owned(),
        };
        // s = F s + in·Hθ, that is, −D_ss s = D_sθ θ.
        let drive = step.change.view_range(d.., ..d).into_owned();
        let memory_mean = (-&memory.change).lu().solve(&drive).ok_or_else(|| {
            Error::Input("the optimizer's memory does not fade: an average with decay 1".into())
        })?;
        Ok(Self {
            first: assemble(&first, quadratic),
            memory_mean,
            memory,
            step,
            dim: d,
        })
    }

    /// One coordinate with curvature `h` and gradient variance `variance`.
    ///
    /// # Errors
    /// As [`Recursion::new`] and [`Quadratic::scalar`].
    pub fn scalar(rule: super::LinearRule, eta: f64, h: f64, variance: f64) -> Result<Self> {
        let optimizer = LinearOptimizer::uniform(rule, 1)?;
        Self::new(&optimizer, eta, &Quadratic::scalar(h, variance)?)
    }

    /// The step itself, on z.
    pub fn step(&self) -> &LinearStep {
        &self.step
    }

    /// The stationary covariances of θ and of the momentum, from Σ = AΣAᵀ + BCBᵀ.
    ///
    /// `None` where the recursion is not stable. Relative accuracy about 1e-14 per standard deviation.
    pub fn stationary(&self) -> Option<Stationary> {
        let joint = self.step.stationary()?;
        let d = self.dim;
        let theta = joint.view_range(..d, ..d).into_owned();
        let last = joint.nrows() - d;
        let momentum = joint.view_range(last.., last..).into_owned();
        Some(Stationary { theta, momentum })
    }

    /// The law of z before the first step: θ at a point, the memory as told.
    ///
    /// # Errors
    /// [`Error::Input`] unless `theta` has d finite coordinates.
    pub fn start(&self, theta: &[f64], memory: Memory) -> Result<Gaussian> {
        let d = self.dim;
        if theta.len() != d || !theta.iter().all(|x| x.is_finite()) {
            return Err(Error::Input(format!(
                "the start {theta:?} must have {d} finite coordinates"
            )));
        }
        let theta = DVector::from_column_slice(theta);
        let n = self.step.change.nrows();
        let mut start = Gaussian::at(DVector::zeros(n));
        start.mean.rows_mut(0, d).copy_from(&theta);
        if memory == Memory::Zero {
            return Ok(start);
        }
        start
            .mean
            .rows_mut(d, n - d)
            .copy_from(&(&self.memory_mean * theta));
        if memory == Memory::Stationary {
            let covariance = self.memory.stationary().ok_or_else(|| {
                Error::Input("the optimizer's memory does not fade, so it has no law".into())
            })?;
            start
                .covariance
                .view_range_mut(d.., d..)
                .copy_from(&covariance);
        }
        Ok(start)
    }

    /// The law of θ after `steps` steps from θ = `theta` with the memory as told.
    ///
    /// Entries that exceed the largest double are not finite.
    ///
    /// # Errors
    /// As [`Recursion::start`].
    pub fn after(&self, steps: u64, theta: &[f64], memory: Memory) -> Result<Gaussian> {
        let mut law = self.start(theta, memory)?;
        if steps > 0 {
            let first = if memory == Memory::Zero {
                &self.first
            } else {
                &self.step
            };
            law = self.step.times(steps - 1).apply(&first.apply(&law));
        }
        let d = self.dim;
        Ok(Gaussian {
            mean: law.mean.rows(0, d).into_owned(),
            covariance: law.covariance.view_range(..d, ..d).into_owned(),
        })
    }
}

/// D and Q of one step, from the filter and the learning rate of each coordinate.
fn assemble(coordinates: &[(Filter, f64)], quadratic: &Quadratic) -> LinearStep {
    let d = coordinates.len();
    let k = coordinates.first().map_or(0, |(filter, _)| filter.order());
    let n = d * (k + 1);
    let mut change = DMatrix::zeros(n, n);
    // What a unit gradient in coordinate i does to z.
    let mut entry = DMatrix::zeros(n, d);
    let mut noise_entry = DMatrix::zeros(n, d);
    for (i, (filter, rate)) in coordinates.iter().enumerate() {
        entry[(i, i)] = -rate * filter.through;
        for j in 0..k {
            let row = d * (j + 1) + i;
            entry[(row, i)] = filter.input[j];
            change[(i, row)] = -rate * filter.output[j];
            for l in 0..k {
                let diagonal = if j == l { 1.0 } else { 0.0 };
                change[(row, d * (l + 1) + i)] = filter.transition[(j, l)] - diagonal;
            }
        }
        noise_entry.set_column(i, &(filter.amplification * entry.column(i)));
    }
    let mut theta = change.view_range_mut(.., ..d);
    theta += &entry * quadratic.hessian();
    LinearStep {
        noise: &noise_entry * quadratic.noise() * noise_entry.transpose(),
        change,
    }
}

#[cfg(test)]
#[path = "recursion_tests.rs"]
mod tests;
