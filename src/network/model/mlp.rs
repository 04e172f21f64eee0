//! Fully connected networks; without hidden layers, a linear model.

use tch::Tensor;

use super::{Model, Statistics, layers};
use crate::layout::{Layout, Start};

/// f = W_L ρ(… ρ(W₁x + b₁) …) + b_L with the rectifier ρ.
pub struct Mlp {
    layout: Layout,
    depth: usize,
}

impl Mlp {
    /// Inputs of `widths[0]` numbers, hidden layers of the widths between, `widths[last]` outputs. Weights start as
    /// N(0, 2/fan_in), those of the last layer as N(0, 1/fan_in), biases at 0.
    pub fn new(widths: &[i64]) -> Self {
        let mut layout = Layout::default();
        let depth = widths.len() - 1;
        for (layer, pair) in widths.windows(2).enumerate() {
            let (from, to) = (pair[0], pair[1]);
            let start = if layer + 1 < depth {
                Start::rectified(from)
            } else {
                Start::linear(from)
            };
            layout.push(format!("weight{}", layer + 1), &[from, to], start);
            layout.push(format!("bias{}", layer + 1), &[to], Start::Constant(0.0));
        }
        Mlp { layout, depth }
    }
}

impl Model for Mlp {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn outputs(&self, weights: &[Tensor], inputs: &Tensor, _: &Statistics) -> Tensor {
        let mut x = inputs.flatten(2, -1);
        for (layer, pair) in weights.chunks(2).enumerate() {
            x = layers::dense(&x, &pair[0], &pair[1]);
            if layer + 1 < self.depth {
                x = x.relu();
            }
        }
        x
    }
}
