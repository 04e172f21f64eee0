//! Residual networks in their CIFAR forms (He et al. 2016).

use tch::Tensor;

use super::{Model, Statistics, layers};
use crate::layout::{Layout, Start};

/// How a block's input gets to its output where the shape changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shortcut {
    /// Every second pixel, with channels of zeros added (option A).
    Padded,
    /// A 1 × 1 convolution and a normalisation (option B).
    Projected,
}

/// A 3 × 3 stem, stages of basic blocks, the mean over the image, a linear layer. Every convolution is followed by
/// batch normalisation.
pub struct ResNet {
    layout: Layout,
    normalised: Vec<i64>,
    stages: Vec<(i64, usize)>,
    shortcut: Shortcut,
}

impl ResNet {
    /// ResNet-18: four stages of two blocks, 64 to 512 channels, projected shortcuts; `width` = 64 is the usual one.
    pub fn eighteen(channels: i64, width: i64, outputs: i64) -> Self {
        let stages = (0..4).map(|stage| (width << stage, 2)).collect();
        Self::new(channels, stages, Shortcut::Projected, outputs)
    }

    /// ResNet-32: three stages of five blocks, 16 to 64 channels, padded shortcuts; `width` = 16 is the usual one.
    pub fn thirty_two(channels: i64, width: i64, outputs: i64) -> Self {
        let stages = (0..3).map(|stage| (width << stage, 5)).collect();
        Self::new(channels, stages, Shortcut::Padded, outputs)
    }

    fn new(channels: i64, stages: Vec<(i64, usize)>, shortcut: Shortcut, outputs: i64) -> Self {
        let mut net = ResNet {
            layout: Layout::default(),
            normalised: Vec::new(),
            stages,
            shortcut,
        };
        let mut from = net.stages.first().map_or(channels, |stage| stage.0);
        net.convolution("stem", channels, from, 3);
        for (stage, (to, blocks)) in net.stages.clone().into_iter().enumerate() {
            for block in 0..blocks {
                let name = |what| format!("stage{}.block{}.{what}", stage + 1, block + 1);
                net.convolution(&name("first"), from, to, 3);
                net.convolution(&name("second"), to, to, 3);
                if net.changes(stage, block) && net.shortcut == Shortcut::Projected {
                    net.convolution(&name("shortcut"), from, to, 1);
                }
                from = to;
            }
        }
        net.layout
            .push("weight", &[from, outputs], Start::linear(from));
        net.layout.push("bias", &[outputs], Start::Constant(0.0));
        net
    }

    fn convolution(&mut self, name: &str, from: i64, to: i64, side: i64) {
        let start = Start::rectified(side * side * from);
        self.layout
            .push(format!("{name}.weight"), &[to, from, side, side], start);
        self.layout
            .push(format!("{name}.scale"), &[to], Start::Constant(1.0));
        self.layout
            .push(format!("{name}.shift"), &[to], Start::Constant(0.0));
        self.normalised.push(to);
    }

    /// Whether a block halves the image: the first of every stage but the first.
    fn changes(&self, stage: usize, block: usize) -> bool {
        stage > 0 && block == 0
    }

    fn skip(&self, images: &Tensor, members: i64, next: &mut Layers<'_>) -> Tensor {
        match self.shortcut {
            Shortcut::Projected => next.convolve(images, 2, 0),
            Shortcut::Padded => {
                let size = images.size();
                let halved = images.slice(2, 0, size[2], 2).slice(3, 0, size[3], 2);
                let channels = size[1] / members;
                let small = halved.size();
                halved
                    .reshape([small[0], members, channels, small[2], small[3]])
                    .constant_pad_nd([0, 0, 0, 0, channels / 2, channels - channels / 2])
                    .reshape([small[0], 2 * size[1], small[2], small[3]])
            }
        }
    }
}

/// The weights and normalisations, in the order in which they are used.
struct Layers<'a> {
    weights: std::slice::Chunks<'a, Tensor>,
    statistics: &'a Statistics,
    used: usize,
}

impl Layers<'_> {
    /// The next convolution and its normalisation.
    fn convolve(&mut self, images: &Tensor, stride: i64, padding: i64) -> Tensor {
        let Some([weight, scale, shift]) = self.weights.next() else {
            return images.shallow_clone();
        };
        self.used += 1;
        let images = layers::convolution(images, weight, stride, padding);
        layers::normalise(&images, scale, shift, self.statistics, self.used - 1)
    }
}

impl Model for ResNet {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn normalised(&self) -> &[i64] {
        &self.normalised
    }

    fn outputs(&self, weights: &[Tensor], inputs: &Tensor, statistics: &Statistics) -> Tensor {
        let members = inputs.size()[0];
        let (convolutions, last) = weights.split_at(weights.len() - 2);
        let mut next = Layers {
            weights: convolutions.chunks(3),
            statistics,
            used: 0,
        };
        let mut images = next.convolve(&layers::to_images(inputs), 1, 1).relu();
        for (stage, (_, blocks)) in self.stages.iter().enumerate() {
            for block in 0..*blocks {
                let changes = self.changes(stage, block);
                let stride = if changes { 2 } else { 1 };
                let inner = next.convolve(&images, stride, 1).relu();
                let inner = next.convolve(&inner, 1, 1);
                let skipped = if changes {
                    self.skip(&images, members, &mut next)
                } else {
                    images
                };
                images = (inner + skipped).relu();
            }
        }
        let means = images.mean_dim([2i64, 3].as_slice(), false, inputs.kind());
        layers::dense(&layers::to_features(&means, members), &last[0], &last[1])
    }
}
