//! A convolution with bias. A dense layer is one whose window is its whole input.

use crate::rows::{combine, correlate, spread, total};

/// Filters that slide over positions of several channels: y_p = W x[p·stride .. p·stride + kernel] + b.
///
/// Rows of activations run by position, then channel; parameters are W by rows (filter, then position in the
/// window, then channel), then b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Positions of the input.
    pub positions: usize,
    /// Channels of the input.
    pub channels: usize,
    /// Positions in a window.
    pub kernel: usize,
    /// Positions between windows.
    pub stride: usize,
    /// Channels of the output.
    pub filters: usize,
}

impl Layer {
    /// All inputs to all outputs.
    pub fn dense(positions: usize, channels: usize, filters: usize) -> Self {
        Layer {
            positions,
            channels,
            kernel: positions,
            stride: 1,
            filters,
        }
    }

    /// Numbers that a window sees.
    pub fn fan_in(&self) -> usize {
        self.kernel * self.channels
    }

    /// Positions of the output.
    pub fn windows(&self) -> usize {
        (self.positions - self.kernel) / self.stride + 1
    }

    /// Rows of the output.
    pub fn outputs(&self) -> usize {
        self.windows() * self.filters
    }

    /// How many parameters it has.
    pub fn parameters(&self) -> usize {
        self.filters * (self.fan_in() + 1)
    }

    /// The rows that a window sees.
    fn window(&self, at: usize, length: usize) -> std::ops::Range<usize> {
        let first = at * self.stride * self.channels * length;
        first..first + self.fan_in() * length
    }

    /// The outputs of every lane.
    pub fn forward(&self, parameters: &[f64], input: &[f64], output: &mut [f64], length: usize) {
        let (weights, biases) = parameters.split_at(self.filters * self.fan_in());
        let windows = output.chunks_exact_mut(self.filters * length);
        for (at, output) in windows.enumerate() {
            for (row, bias) in output.chunks_exact_mut(length).zip(biases) {
                row.fill(*bias);
            }
            combine(weights, &input[self.window(at, length)], output, length);
        }
    }

    /// Adds to `gradient` that of the parameters, given the one with respect to the outputs.
    pub fn gradient(&self, input: &[f64], slopes: &[f64], gradient: &mut [f64], length: usize) {
        let (weights, biases) = gradient.split_at_mut(self.filters * self.fan_in());
        for (at, slopes) in slopes.chunks_exact(self.filters * length).enumerate() {
            correlate(slopes, &input[self.window(at, length)], weights, length);
            for (bias, row) in biases.iter_mut().zip(slopes.chunks_exact(length)) {
                *bias += total(row);
            }
        }
    }

    /// The gradient with respect to the inputs.
    pub fn back(&self, parameters: &[f64], slopes: &[f64], input: &mut [f64], length: usize) {
        let weights = &parameters[..self.filters * self.fan_in()];
        input.fill(0.0);
        for (at, slopes) in slopes.chunks_exact(self.filters * length).enumerate() {
            spread(weights, slopes, &mut input[self.window(at, length)], length);
        }
    }
}
