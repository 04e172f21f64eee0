//! A language model: two LSTM layers (Hochreiter and Schmidhuber 1997) over words.

use tch::{Kind, Tensor};

use super::{Model, Statistics, layers};
use crate::layout::{Layout, Start};

/// Word vectors, LSTM layers, a linear layer onto the vocabulary. Its state starts at 0 with every window.
pub struct Lstm {
    layout: Layout,
    vocabulary: i64,
    hidden: i64,
    depth: usize,
}

/// Tensors of an LSTM layer: from the input, from the state, bias.
const PER_LAYER: usize = 3;

impl Lstm {
    /// `vocabulary` words, `hidden` units in each of `depth` layers, word vectors of as many numbers. All weights
    /// start uniform in ±1/√hidden, as in torch.
    pub fn new(vocabulary: i64, hidden: i64, depth: usize) -> Self {
        let start = Start::Uniform(1.0 / (hidden as f64).sqrt());
        let mut layout = Layout::default();
        layout.push("words", &[vocabulary, hidden], start);
        for layer in 1..=depth {
            layout.push(format!("input{layer}"), &[hidden, 4 * hidden], start);
            layout.push(format!("state{layer}"), &[hidden, 4 * hidden], start);
            layout.push(format!("bias{layer}"), &[4 * hidden], start);
        }
        layout.push("weight", &[hidden, vocabulary], start);
        layout.push("bias", &[vocabulary], Start::Constant(0.0));
        Lstm {
            layout,
            vocabulary,
            hidden,
            depth,
        }
    }

    /// One layer over a window: members × columns × time × hidden, from the same.
    fn layer(&self, x: &Tensor, weights: &[Tensor]) -> Tensor {
        let size = x.size();
        let (members, columns, time) = (size[0], size[1], size[2]);
        let flat = x.reshape([members, columns * time, self.hidden]);
        let driven = layers::dense(&flat, &weights[0], &weights[2]).reshape([
            members,
            columns,
            time,
            4 * self.hidden,
        ]);
        let blank = || Tensor::zeros([members, columns, self.hidden], (x.kind(), x.device()));
        let (mut h, mut c) = (blank(), blank());
        let mut states = Vec::with_capacity(time as usize);
        for t in 0..time {
            let gates = driven.select(2, t).baddbmm(&h, &weights[1], 1.0, 1.0);
            let gate = |k: i64| gates.narrow(-1, k * self.hidden, self.hidden);
            c = gate(1).sigmoid() * c + gate(0).sigmoid() * gate(2).tanh();
            h = gate(3).sigmoid() * c.tanh();
            states.push(h.shallow_clone());
        }
        Tensor::stack(&states, 2)
    }
}

impl Model for Lstm {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Inputs: members × columns × time words, as whole numbers; outputs for every word, columns × time examples.
    fn outputs(&self, weights: &[Tensor], inputs: &Tensor, _: &Statistics) -> Tensor {
        let size = inputs.size();
        let (members, columns, time) = (size[0], size[1], size[2]);
        let offsets = Tensor::arange(members, (Kind::Int64, inputs.device())) * self.vocabulary;
        let words = inputs.to_kind(Kind::Int64) + offsets.reshape([-1, 1, 1]);
        let mut x = weights[0]
            .flatten(0, 1)
            .index_select(0, &words.flatten(0, -1))
            .reshape([members, columns, time, self.hidden]);
        for layer in weights[1..=PER_LAYER * self.depth].chunks(PER_LAYER) {
            x = self.layer(&x, layer);
        }
        let last = &weights[weights.len() - 2..];
        let flat = x.reshape([members, columns * time, self.hidden]);
        layers::dense(&flat, &last[0], &last[1])
    }
}
