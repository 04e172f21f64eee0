//! What is measured of the noise at one point of one training.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::spec::Measure;
use crate::convert::{numbers, rows};
use crate::curvature::signs;
use crate::noise::{of_batches, per_example};
use crate::protocol::points::Place;
use crate::protocol::task::stream;
use experiment::kept::{finite, known};
use measurement::DEFAULT_CONFIDENCE;
use measurement::kurtosis::kurtosis;
use measurement::mean::Moments;
use measurement::shapiro_wilk::{self, shapiro_wilk};
use measurement::tail_index::{tail_index, usual_block};

/// The level of the Shapiro–Wilk test.
const LEVEL: f64 = 0.05;
/// Examples whose gradients are taken at once, and those that a look at the loss takes.
const TOGETHER: i64 = 200;
const MOST: i64 = 2000;
/// Parameters whose noise varies less than this share of the largest variance are those of units that are off.
const OFF: f64 = 1e-20;

/// One network at a point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Look {
    /// The mean loss on the training examples.
    #[serde(deserialize_with = "known")]
    pub loss: f64,
    /// Minibatches of every size.
    pub batches: Vec<OfBatch>,
}

/// Minibatches of one size.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OfBatch {
    /// B.
    pub batch: u64,
    /// One parameter across minibatches.
    pub parameter: Sampled,
    /// One direction across minibatches.
    pub direction: Sampled,
    /// One minibatch across parameters.
    pub minibatch: Sampled,
    /// Fourth moments of the parameters.
    pub parameters: Fourth,
    /// Fourth moments along the directions.
    pub directions: Fourth,
}

/// How Gaussian many samples are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Sampled {
    /// Share that passes the test.
    #[serde(deserialize_with = "known")]
    pub pass: f64,
    /// Median excess kurtosis.
    #[serde(deserialize_with = "known")]
    pub kurtosis: f64,
    /// Median tail index.
    #[serde(deserialize_with = "known")]
    pub tail: f64,
}

/// The mean over columns of E(x/σ)⁴ − 3, with σ² known exactly: without bias, whatever the law.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Fourth {
    /// As measured.
    #[serde(deserialize_with = "known")]
    pub mean: f64,
    /// Its standard error, from the scatter over minibatches.
    #[serde(deserialize_with = "known")]
    pub error: f64,
    /// κ₁/B, κ₁ being the mean excess kurtosis of one example's gradient.
    #[serde(deserialize_with = "known")]
    pub exact: f64,
}

/// Measures it.
pub fn look(how: &Measure, place: &Place<'_>) -> Look {
    let (objective, theta) = (place.objective, &place.theta);
    let gradients = per_example(
        objective,
        theta,
        &place.examples,
        &place.statistics,
        TOGETHER,
    )
    .to_kind(Kind::Double);
    let alive = alive(&gradients);
    let all = gradients.index_select(1, &alive);
    let chosen = spaced(all.size()[1], how.parameters as i64).to_device(theta.device());
    let some = all.index_select(1, &chosen);
    let vectors = stream(place.root, "directions");
    let first = place.seed * how.directions;
    let turned = all.matmul(&signs(&vectors, first, how.directions as i64, &all).tr());
    let batches = how.batches.iter().map(|&batch| {
        let name = format!("noise/{}/B={batch}", place.point.name);
        let draws = stream(place.root, &name);
        let noise = |of: &Tensor| of_batches(of, (&draws, place.seed), batch, how.minibatches);
        let (parameters, directions) = (noise(&some), noise(&turned));
        let within = noise(&all).narrow(0, 0, how.within as i64);
        let stride = (within.size()[1] as usize).div_ceil(shapiro_wilk::MOST);
        let thinned = rows(&within)
            .into_iter()
            .map(|row| row.into_iter().step_by(stride).collect());
        OfBatch {
            batch,
            parameter: sampled(rows(&parameters.tr()).into_iter()),
            direction: sampled(rows(&directions.tr()).into_iter()),
            minibatch: sampled(thinned),
            parameters: fourth(&some, &parameters, batch),
            directions: fourth(&turned, &directions, batch),
        }
    });
    let batches = batches.collect();
    let evaluated = objective.evaluate(theta, &place.examples, &place.statistics, MOST);
    Look {
        loss: finite(evaluated.loss.first().copied().unwrap_or(f64::NAN)),
        batches,
    }
}

/// The columns that vary.
fn alive(gradients: &Tensor) -> Tensor {
    let variance = gradients.var_dim(0i64, false, false);
    let least = variance.max() * OFF;
    variance.gt_tensor(&least).nonzero().squeeze_dim(1)
}

/// At most `most` of `all` places, evenly spaced.
fn spaced(all: i64, most: i64) -> Tensor {
    let count = all.min(most);
    let places = (0..count).map(|k| k * all / count.max(1));
    Tensor::from_slice(&places.collect::<Vec<i64>>())
}

fn sampled(samples: impl Iterator<Item = Vec<f64>>) -> Sampled {
    let mut passed = Moments::default();
    let (mut kurtoses, mut tails) = (Vec::new(), Vec::new());
    for sample in samples {
        if let Ok(test) = shapiro_wilk(&sample) {
            passed.push(f64::from(u8::from(test.p_value >= LEVEL)));
        }
        kurtoses.extend(kurtosis(&sample).map(|found| found.excess));
        let found = tail_index(&sample, usual_block(sample.len()), DEFAULT_CONFIDENCE);
        tails.extend(found.ok().and_then(|estimate| estimate.value));
    }
    Sampled {
        pass: passed.mean().unwrap_or(f64::NAN),
        kurtosis: median(kurtoses),
        tail: median(tails),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    match (values.get(low), values.get(high)) {
        (Some(a), Some(b)) => finite(0.5 * (a + b)),
        _ => f64::NAN,
    }
}

/// Fourth moments of `noise` (minibatches × columns), whose single examples are `gradients` (examples × columns).
fn fourth(gradients: &Tensor, noise: &Tensor, batch: u64) -> Fourth {
    let centred = gradients - gradients.mean_dim(0i64, true, Kind::Double);
    let mean = |x: &Tensor, dim: i64| x.mean_dim(dim, false, Kind::Double);
    let variance = mean(&centred.square(), 0);
    let excess = mean(&centred.square().square(), 0) / variance.square() - 3.0;
    let scaled = noise * (batch as f64).sqrt() / variance.sqrt();
    let each = numbers(&(mean(&scaled.square().square(), 1) - 3.0));
    let over: Moments = each.into_iter().collect();
    Fourth {
        mean: finite(over.mean().unwrap_or(f64::NAN)),
        error: finite(over.standard_error().unwrap_or(f64::NAN)),
        exact: finite(mean(&excess, 0).double_value(&[]) / batch as f64),
    }
}
