//! Examples with Gaussian features, labelled by a teacher or by the model itself.

use rand_distr::{Distribution, StandardNormal};

use super::model::Model;
use crate::random::{Purpose, Sequence, Stream};

/// n examples: features x ∈ ℝᵈ, the last of them 1, and a label among K classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// d, the constant feature included.
    pub features: usize,
    /// Features, example after example.
    pub x: Vec<f64>,
    /// Labels.
    pub y: Vec<usize>,
}

/// Where labels come from.
#[derive(Clone, Copy, Debug)]
pub enum Labels<'a> {
    /// The class that the model holds most likely.
    Best(&'a Model),
    /// Drawn from the model's own probabilities.
    Drawn(&'a Model),
}

impl Data {
    /// `n` examples without labels (all of class 0): normal features whose standard deviations fall
    /// geometrically from 1 to `least`, and a constant one.
    pub fn unlabelled(stream: &Stream, n: usize, features: usize, least: f64) -> Self {
        let mut x = Vec::with_capacity(n * features);
        let random = features.saturating_sub(2).max(1) as f64;
        for example in 0..n {
            let mut draws = Sequence::new(stream, Purpose::Pool, example as u64, 0);
            for k in 0..features {
                x.push(if k + 1 == features {
                    1.0
                } else {
                    let unit: f64 = StandardNormal.sample(&mut draws);
                    unit * least.powf(k as f64 / random)
                });
            }
        }
        Data {
            features,
            x,
            y: vec![0; n],
        }
    }

    /// The same examples with labels of a model; `round` numbers the draws.
    #[must_use]
    pub fn labelled(mut self, labels: Labels<'_>, stream: &Stream, round: u64) -> Self {
        let (model, drawn) = match labels {
            Labels::Best(model) => (model, false),
            Labels::Drawn(model) => (model, true),
        };
        for (example, label) in self.y.iter_mut().enumerate() {
            let row = &self.x[example * self.features..][..self.features];
            let p = model.probabilities(row);
            *label = if drawn {
                let mut left = stream.uniform(Purpose::Fresh, example as u64, round, 0);
                let chosen = p.iter().position(|p| {
                    left -= p;
                    left <= 0.0
                });
                chosen.unwrap_or(p.len() - 1)
            } else {
                (0..p.len())
                    .max_by(|a, b| p[*a].total_cmp(&p[*b]))
                    .unwrap_or(0)
            };
        }
        self
    }

    /// n.
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// Whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.y.is_empty()
    }

    /// Example `i`: its features and its label.
    pub fn example(&self, i: usize) -> (&[f64], usize) {
        (&self.x[i * self.features..][..self.features], self.y[i])
    }
}
