//! Training of an ensemble by the crate's own update rules.

use std::io::Cursor;

use tch::Tensor;

use super::minibatch::Minibatches;
use super::model::Statistics;
use super::objective::Objective;
use crate::tensor::{field, tensor};
use base::error::{Error, Result};
use simulation::optimizer::trajectory::Trajectory;
use simulation::optimizer::{Field, Optimizer};

/// How a stochastic gradient is made of batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gradient {
    /// That of one batch.
    Plain,
    /// SVAG (Li, Malladi and Arora 2021): r₁g₁ + r₂g₂ of two batches, r = (1 ± √(2l − 1))/2. It has the mean of g and
    /// l times its covariance.
    Svag(f64),
}

impl Gradient {
    /// The weights of the batches of a step.
    fn weights(self) -> Vec<f64> {
        match self {
            Gradient::Plain => vec![1.0],
            Gradient::Svag(l) => {
                let root = (2.0 * l - 1.0).sqrt();
                vec![0.5 * (1.0 + root), 0.5 * (1.0 - root)]
            }
        }
    }
}

/// An ensemble in training.
pub struct Training<'a> {
    /// What is trained.
    pub objective: &'a Objective,
    /// Where its examples come from.
    pub batches: Minibatches,
    /// What its normalisations have seen.
    pub statistics: Statistics,
    theta: Vec<Field>,
    trajectory: Trajectory<Field>,
    gradient: Gradient,
}

impl<'a> Training<'a> {
    /// An ensemble that starts at `theta` (members × P) and moves by `optimizer`.
    ///
    /// # Errors
    /// The rule is tied to single numbers.
    pub fn new(
        objective: &'a Objective,
        optimizer: &dyn Optimizer,
        batches: Minibatches,
        gradient: Gradient,
        theta: Tensor,
    ) -> Result<Self> {
        let theta = field(theta);
        let group = optimizer.field_group(vec![0], &theta).ok_or_else(|| {
            Error::Input("this update rule is tied to single numbers; it trains no network".into())
        })?;
        Ok(Training {
            objective,
            batches,
            statistics: Statistics::start(&*objective.model, tensor(&theta)),
            theta: vec![theta],
            trajectory: Trajectory::new(vec![group]),
            gradient,
        })
    }

    /// θ: members × P.
    pub fn theta(&self) -> &Tensor {
        tensor(&self.theta[0])
    }

    /// Steps taken.
    pub fn taken(&self) -> u64 {
        self.trajectory.taken()
    }

    /// One step.
    pub fn step(&mut self) {
        let weights = self.gradient.weights();
        let first = self.taken() * weights.len() as u64;
        self.statistics.training = true;
        let mut gradient: Option<Tensor> = None;
        for (turn, weight) in (first..).zip(weights) {
            let batch = self.batches.batch(turn);
            let own = self
                .objective
                .gradient(self.theta(), &batch, &self.statistics);
            gradient = Some(match gradient {
                None if weight == 1.0 => own,
                None => own * weight,
                Some(sum) => sum + own * weight,
            });
        }
        self.statistics.training = false;
        if let Some(gradient) = gradient {
            tch::no_grad(|| self.trajectory.step(&mut self.theta, &[field(gradient)]));
        }
    }

    /// All that the rest of the training depends on.
    ///
    /// # Errors
    /// libtorch's reason why it cannot be written down.
    pub fn state(&self) -> Result<Vec<u8>> {
        let mut named = vec![
            ("taken".to_string(), Tensor::from(self.taken() as i64)),
            ("theta".to_string(), self.theta().shallow_clone()),
        ];
        for (k, value) in self.trajectory.memory().into_iter().enumerate() {
            named.push((format!("memory.{k}"), tensor(&value).shallow_clone()));
        }
        for (k, (mean, variance)) in self.statistics.running.iter().enumerate() {
            named.push((format!("mean.{k}"), mean.shallow_clone()));
            named.push((format!("variance.{k}"), variance.shallow_clone()));
        }
        let mut bytes = Vec::new();
        Tensor::save_multi_to_stream(&named, &mut bytes)
            .map_err(|e| Error::Failed(format!("the state of a training cannot be kept: {e}")))?;
        Ok(bytes)
    }

    /// Goes on from the [`state`](Training::state) of the same ensemble; the reason where it is not one.
    ///
    /// # Errors
    /// It is no such state, or one of another network or rule.
    pub fn resume(&mut self, state: &[u8]) -> std::result::Result<(), String> {
        let device = self.theta().device();
        let named = Tensor::load_multi_from_stream_with_device(Cursor::new(state), device)
            .map_err(|e| e.to_string())?;
        let find = |name: &str| {
            let found = named.iter().find(|(n, _)| n == name);
            found
                .map(|(_, tensor)| tensor.shallow_clone())
                .ok_or_else(|| format!("it lacks {name}"))
        };
        let theta = find("theta")?;
        if theta.size() != self.theta().size() || theta.kind() != self.theta().kind() {
            return Err("it is of another network".into());
        }
        let taken = u64::try_from(find("taken")?.int64_value(&[])).map_err(|e| e.to_string())?;
        let memory: Vec<Field> = (0..)
            .map_while(|k| find(&format!("memory.{k}")).ok().map(field))
            .collect();
        let running = (0..self.statistics.running.len())
            .map(|k| Ok((find(&format!("mean.{k}"))?, find(&format!("variance.{k}"))?)))
            .collect::<std::result::Result<Vec<_>, String>>()?;
        self.trajectory
            .resume(taken, &memory)
            .ok_or("it is of another update rule")?;
        self.theta = vec![field(theta)];
        self.statistics.running = running;
        Ok(())
    }
}
