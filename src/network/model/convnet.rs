//! A small convolutional network.

use tch::Tensor;

use super::{Model, Statistics, layers};
use crate::layout::{Layout, Start};

/// Blocks of a 3 × 3 convolution, a rectifier and 2 × 2 max pooling, then a linear layer.
pub struct ConvNet {
    layout: Layout,
}

impl ConvNet {
    /// Images of `shape` (channels, height, width), one block for each number of `channels`, K `outputs`. A side is
    /// halved by every block, rounded down, and must not vanish: `None` where it would.
    pub fn new(shape: [i64; 3], channels: &[i64], outputs: i64) -> Option<Self> {
        let mut layout = Layout::default();
        let [mut from, mut height, mut width] = shape;
        for (block, &to) in channels.iter().enumerate() {
            let name = |what| format!("{what}{}", block + 1);
            layout.push(
                name("weight"),
                &[to, from, 3, 3],
                Start::rectified(9 * from),
            );
            layout.push(name("bias"), &[to], Start::Constant(0.0));
            (from, height, width) = (to, height / 2, width / 2);
        }
        let features = from * height * width;
        if features == 0 {
            return None;
        }
        layout.push("weight", &[features, outputs], Start::linear(features));
        layout.push("bias", &[outputs], Start::Constant(0.0));
        Some(ConvNet { layout })
    }
}

impl Model for ConvNet {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn outputs(&self, weights: &[Tensor], inputs: &Tensor, _: &Statistics) -> Tensor {
        let members = inputs.size()[0];
        let mut images = layers::to_images(inputs);
        let (blocks, last) = weights.split_at(weights.len() - 2);
        for pair in blocks.chunks(2) {
            images = layers::convolution(&images, &pair[0], 1, 1);
            images = layers::add_to_channels(&images, &pair[1])
                .relu()
                .max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false);
        }
        layers::dense(&layers::to_features(&images, members), &last[0], &last[1])
    }
}
