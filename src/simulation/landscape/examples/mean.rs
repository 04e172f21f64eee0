//! The mean loss over a table of examples, as a landscape.

use std::sync::{Arc, OnceLock};

use nalgebra::DMatrix;

use super::super::expression::{Found, Program, search};
use super::super::{CriticalPoint, Gradient, Landscape, Structure};
use super::{ExampleLoss, Standard, Table};
use crate::float::Float;

/// Where examples come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The table holds all there are.
    Table,
    /// Every one is new, made of numbers of these laws; the table has nodes and weights of a mean over them.
    Fresh(Vec<Standard>),
    /// An example is the step and the time of a path; the table has those of its first step.
    Moment,
}

/// L(θ) = Σⱼ wⱼ f(θ; xⱼ).
#[derive(Clone, Debug)]
pub struct MeanLoss {
    loss: Arc<ExampleLoss>,
    table: Arc<Table>,
    origin: Origin,
    search: f64,
    found: Arc<OnceLock<Found>>,
}

/// Examples that go through a program together.
const TOGETHER: usize = 128;

impl MeanLoss {
    /// The mean of `loss` over `table`; minima and saddles are sought in |θᵢ| ≤ `search`.
    pub fn new(loss: Arc<ExampleLoss>, table: Arc<Table>, origin: Origin, search: f64) -> Self {
        MeanLoss {
            loss,
            table,
            origin,
            search,
            found: Arc::default(),
        }
    }

    /// Where examples come from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// f.
    pub fn loss(&self) -> &Arc<ExampleLoss> {
        &self.loss
    }

    /// The examples.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The weighted means of what a program of the loss gives at a point, into `to`.
    fn mean(&self, program: &Program, point: &[f64], to: &mut [f64]) {
        let n = self.table.rows();
        let outputs = to.len();
        let mut from = vec![0.0; (self.loss.dim + self.loss.inputs) * TOGETHER];
        let mut own = vec![0.0; outputs * TOGETHER];
        let mut sums = vec![0.0; outputs];
        for begin in (0..n).step_by(TOGETHER) {
            let width = (n - begin).min(TOGETHER);
            for (i, x) in point.iter().enumerate() {
                from[i * width..][..width].fill(*x);
            }
            let rows = from[self.loss.dim * width..].chunks_exact_mut(width);
            for (k, row) in rows.take(self.loss.inputs).enumerate() {
                let own = self.table.column(k, begin);
                row.iter_mut().zip(own).for_each(|(to, x)| *to = *x);
            }
            program.run(
                &from[..(self.loss.dim + self.loss.inputs) * width],
                width,
                &mut own[..outputs * width],
            );
            for (sum, row) in sums.iter_mut().zip(own.chunks_exact(width)) {
                *sum += match self.table.weights() {
                    Some(weights) => row
                        .iter()
                        .zip(&weights[begin..])
                        .map(|(x, w)| x * w)
                        .sum::<f64>(),
                    None => row.iter().sum::<f64>(),
                };
            }
        }
        let share = match self.table.weights() {
            Some(_) => 1.0,
            None => 1.0 / n as f64,
        };
        to.iter_mut()
            .zip(sums)
            .for_each(|(to, sum)| *to = sum * share);
    }

    /// Cov over the examples of ∇f(θ; x): C(θ) of a batch of one, with replacement.
    pub fn covariance(&self, point: &[f64]) -> DMatrix<f64> {
        let d = self.loss.dim;
        let mut mean = vec![0.0; d];
        self.mean(&self.loss.gradient, point, &mut mean);
        let mut sum = DMatrix::zeros(d, d);
        let mut own = vec![0.0; d];
        let mut from = point.to_vec();
        for j in 0..self.table.rows() {
            from.truncate(d);
            from.extend(self.table.row(j));
            self.loss.gradient.run(&from, 1, &mut own);
            let weight = self.table.weight(j);
            for a in 0..d {
                for b in 0..d {
                    sum[(a, b)] += weight * (own[a] - mean[a]) * (own[b] - mean[b]);
                }
            }
        }
        sum
    }

    fn found(&self) -> &Found {
        // A look at a point costs as many programs as there are examples, by 128.
        let cost = 1.0 + self.table.rows() as f64 / TOGETHER as f64;
        self.found
            .get_or_init(|| search(self, self.loss.dim, self.search, cost))
    }
}

impl<F: Float> Gradient<F> for MeanLoss {
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        let d = self.loss.dim;
        let (mut point, mut own) = (vec![0.0; d], vec![0.0; d]);
        for lane in 0..lanes {
            for (i, x) in point.iter_mut().enumerate() {
                *x = theta[i * lanes + lane].wide();
            }
            self.mean(&self.loss.gradient, &point, &mut own);
            for (i, g) in own.iter().enumerate() {
                gradient[i * lanes + lane] = F::of(*g);
            }
        }
    }
}

impl Landscape for MeanLoss {
    fn name(&self) -> &'static str {
        "data"
    }

    fn dim(&self) -> usize {
        self.loss.dim
    }

    fn value(&self, theta: &[f64]) -> f64 {
        let mut value = [0.0];
        self.mean(&self.loss.value, theta, &mut value);
        value[0]
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        let d = self.loss.dim;
        let mut upper = vec![0.0; d * (d + 1) / 2];
        self.mean(&self.loss.hessian, theta, &mut upper);
        let mut matrix = DMatrix::zeros(d, d);
        let mut entries = upper.into_iter();
        for i in 0..d {
            for j in i..d {
                let x = entries.next().unwrap_or(f64::NAN);
                matrix[(i, j)] = x;
                matrix[(j, i)] = x;
            }
        }
        matrix
    }

    fn separable(&self) -> bool {
        self.loss.dim == 1
    }

    fn critical_points(&self) -> Vec<CriticalPoint> {
        self.found().points.clone()
    }

    fn examples(&self) -> Option<&MeanLoss> {
        Some(self)
    }

    fn sought(&self) -> Option<String> {
        self.found().short.clone()
    }

    fn structure(&self, low: f64, high: f64) -> Structure {
        Structure::smooth(low, high)
    }
}
