//! Networks of convolutions and dense layers with rectified linear units between them, and one output.

use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

use super::layer::Layer;
use super::task::Task;
use crate::feature::network::logistic;
use crate::random::{Purpose, Sequence, Stream};
use crate::vectorised::vectorised;

/// Numbers in a patch of a convolutional network: windows of 5 that do not overlap.
pub const PATCH: usize = 5;

/// A kind of network, as the paper's table names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// ⟨w, x⟩ + b.
    Linear,
    /// One hidden layer.
    OneMlp,
    /// Two hidden layers.
    TwoMlp,
    /// One convolution over patches and a dense head.
    OneCnn,
    /// Two convolutions, the second over neighbouring patches, and a dense head.
    TwoCnn,
}

impl Architecture {
    /// All, in the order of the table, with their names.
    pub const ALL: [(Architecture, &'static str); 5] = [
        (Architecture::Linear, "linear"),
        (Architecture::OneMlp, "1-mlp"),
        (Architecture::TwoMlp, "2-mlp"),
        (Architecture::OneCnn, "1-cnn"),
        (Architecture::TwoCnn, "2-cnn"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let own = |(a, _): &&(Architecture, _)| *a == self;
        Self::ALL.iter().find(own).map_or("", |(_, name)| name)
    }

    /// Whether it convolves, so that inputs must be whole patches, two of them at least.
    pub fn convolves(self) -> bool {
        matches!(self, Architecture::OneCnn | Architecture::TwoCnn)
    }

    /// The network on inputs of `dim` numbers with hidden layers of `width` units or channels.
    pub fn network(self, dim: usize, width: usize) -> Network {
        let patches = Layer {
            positions: dim,
            channels: 1,
            kernel: PATCH,
            stride: PATCH,
            filters: width,
        };
        let layers = match self {
            Architecture::Linear => vec![Layer::dense(1, dim, 1)],
            Architecture::OneMlp => vec![Layer::dense(1, dim, width), Layer::dense(1, width, 1)],
            Architecture::TwoMlp => vec![
                Layer::dense(1, dim, width),
                Layer::dense(1, width, width),
                Layer::dense(1, width, 1),
            ],
            Architecture::OneCnn => {
                let head = Layer::dense(patches.windows(), width, 1);
                vec![patches, head]
            }
            Architecture::TwoCnn => {
                let pairs = Layer {
                    positions: patches.windows(),
                    channels: width,
                    kernel: 2,
                    stride: 1,
                    filters: width,
                };
                let head = Layer::dense(pairs.windows(), width, 1);
                vec![patches, pairs, head]
            }
        };
        Network { layers }
    }
}

/// Layers, each followed by max(0, ·) but for the last, which has one output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    layers: Vec<Layer>,
}

impl Network {
    /// How many parameters it has.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(Layer::parameters).sum()
    }

    /// Random parameters: weights N(0, 2/fan-in), those of the last layer N(0, 1/fan-in), biases 0 (He et al.
    /// 2015).
    pub fn draw(&self, stream: &Stream, replicate: u64) -> Vec<f64> {
        let mut normals = Sequence::new(stream, Purpose::Pool, replicate, 0);
        let mut parameters = Vec::with_capacity(self.parameters());
        for (at, layer) in self.layers.iter().enumerate() {
            let gain = if at + 1 == self.layers.len() {
                1.0
            } else {
                2.0
            };
            let deviation = (gain / layer.fan_in() as f64).sqrt();
            for _ in 0..layer.filters * layer.fan_in() {
                let normal: f64 = StandardNormal.sample(&mut normals);
                parameters.push(deviation * normal);
            }
            parameters.resize(parameters.len() + layer.filters, 0.0);
        }
        parameters
    }

    /// Each layer with its place in the parameters.
    fn placed(&self) -> Vec<(Layer, std::ops::Range<usize>)> {
        let mut first = 0;
        let place = |layer: &Layer| {
            let place = first..first + layer.parameters();
            first = place.end;
            (*layer, place)
        };
        self.layers.iter().map(place).collect()
    }
}

/// A network on some inputs, and room to differentiate it.
#[derive(Clone, Debug)]
pub struct Pass {
    layers: Vec<(Layer, std::ops::Range<usize>)>,
    /// The activations of each layer.
    activations: Vec<Vec<f64>>,
    /// The gradients with respect to them.
    slopes: Vec<Vec<f64>>,
    length: usize,
}

impl Pass {
    /// Room for rows of `length` lanes.
    pub fn new(network: &Network, length: usize) -> Self {
        let rooms = || {
            network
                .layers
                .iter()
                .map(|layer| vec![0.0; layer.outputs() * length])
        };
        Pass {
            layers: network.placed(),
            activations: rooms().collect(),
            slopes: rooms().collect(),
            length,
        }
    }

    /// The output on every lane of `inputs` (rows by coordinate), kept for [`Pass::gradient`].
    pub fn outputs(&mut self, parameters: &[f64], inputs: &[f64]) -> &[f64] {
        let pass = &mut *self;
        vectorised!(|pass| pass.forward(parameters, inputs));
        self.activations.last().map_or(&[], Vec::as_slice)
    }

    /// The gradient of the mean of log(1 + exp(−y f)) over the task's training data, at the parameters of the
    /// last [`Pass::outputs`] on its inputs.
    pub fn gradient(&mut self, parameters: &[f64], task: &Task, gradient: &mut [f64]) {
        if let (Some(f), Some(slopes)) = (self.activations.last(), self.slopes.last_mut()) {
            let n = task.labels.len() as f64;
            for ((slope, y), f) in slopes.iter_mut().zip(&task.labels).zip(f) {
                *slope = -y * logistic(-y * f) / n;
            }
        }
        gradient.fill(0.0);
        let pass = &mut *self;
        vectorised!(|pass, gradient| pass.backward(parameters, &task.inputs.values, gradient));
    }

    #[inline(always)]
    fn forward(&mut self, parameters: &[f64], inputs: &[f64]) {
        let last = self.layers.len().saturating_sub(1);
        for (at, (layer, place)) in self.layers.iter().enumerate() {
            let (before, own) = self.activations.split_at_mut(at);
            let input = before.last().map_or(inputs, Vec::as_slice);
            let output = &mut own[0];
            layer.forward(&parameters[place.clone()], input, output, self.length);
            if at < last {
                for z in output.iter_mut() {
                    *z = where_positive(*z, *z);
                }
            }
        }
    }

    #[inline(always)]
    fn backward(&mut self, parameters: &[f64], inputs: &[f64], gradient: &mut [f64]) {
        for (at, (layer, place)) in self.layers.iter().enumerate().rev() {
            let (before, own) = self.slopes.split_at_mut(at);
            let slopes = &own[0];
            let input = match at.checked_sub(1) {
                Some(below) => &self.activations[below],
                None => inputs,
            };
            layer.gradient(input, slopes, &mut gradient[place.clone()], self.length);
            if let Some(below) = before.last_mut() {
                layer.back(&parameters[place.clone()], slopes, below, self.length);
                for (slope, a) in below.iter_mut().zip(input) {
                    *slope = where_positive(*a, *slope);
                }
            }
        }
    }
}

/// x where the gate is positive, else 0, by a mask: from a branch the compiler makes stores of some lanes only, which
/// take ten times as long on many processors.
#[inline(always)]
fn where_positive(gate: f64, x: f64) -> f64 {
    let kept = u64::from(gate > 0.0).wrapping_neg();
    f64::from_bits(x.to_bits() & kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::network::loss;
    use crate::student::task::Inputs;

    #[test]
    fn parameters_are_counted() {
        for (architecture, count) in [
            (Architecture::Linear, 31),
            (Architecture::OneMlp, 31 * 7 + 8),
            (Architecture::TwoMlp, 31 * 7 + 8 * 7 + 8),
            (Architecture::OneCnn, 6 * 7 + 6 * 7 + 1),
            (Architecture::TwoCnn, 6 * 7 + 15 * 7 + 5 * 7 + 1),
        ] {
            assert_eq!(
                architecture.network(30, 7).parameters(),
                count,
                "{architecture:?}"
            );
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let stream = Stream::new(9, 2);
        let inputs = Inputs::draw(&stream, 0, 20, 30);
        let labels = (0..20)
            .map(|i| if i % 3 == 0 { 1.0 } else { -1.0 })
            .collect();
        let task = Task { inputs, labels };
        for (architecture, _) in Architecture::ALL {
            let network = architecture.network(30, 4);
            let mut parameters = network.draw(&stream, 1);
            // Biases away from 0, so that they are tested too.
            for (i, p) in parameters.iter_mut().enumerate() {
                *p += 0.01 * (i as f64).sin();
            }
            let mut pass = Pass::new(&network, task.inputs.length());
            let mut gradient = vec![7.0; parameters.len()];
            pass.outputs(&parameters, &task.inputs.values);
            pass.gradient(&parameters, &task, &mut gradient);
            let mut mean_loss = |parameters: &[f64]| {
                let f = pass.outputs(parameters, &task.inputs.values);
                let margins = task.labels.iter().zip(f).map(|(y, f)| y * f);
                margins.map(loss).sum::<f64>() / 20.0
            };
            for i in 0..parameters.len() {
                let (centre, h) = (parameters[i], 1e-6);
                parameters[i] = centre + h;
                let above = mean_loss(&parameters);
                parameters[i] = centre - h;
                let below = mean_loss(&parameters);
                parameters[i] = centre;
                let slope = (above - below) / (2.0 * h);
                // Rounding 1e-16/h, and no kink within h for this seed.
                assert!(
                    (gradient[i] - slope).abs() < 1e-8,
                    "{architecture:?} {i}: {} {slope}",
                    gradient[i]
                );
            }
        }
    }
}
