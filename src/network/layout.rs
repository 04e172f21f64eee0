//! Where a network's weights lie in θ, and how they start.

use rand_distr::{Distribution, StandardNormal};
use tch::{Device, Kind, Tensor};

use simulation::random::{Purpose, Sequence, Stream};

/// How a tensor of weights starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// All the same number.
    Constant(f64),
    /// N(0, σ²).
    Normal(f64),
    /// Uniform in ±a.
    Uniform(f64),
}

impl Start {
    /// N(0, 2/fan_in) (He et al. 2015), for layers that a rectifier follows.
    pub fn rectified(fan_in: i64) -> Self {
        Start::Normal((2.0 / fan_in as f64).sqrt())
    }

    /// N(0, 1/fan_in), for layers that nothing follows.
    pub fn linear(fan_in: i64) -> Self {
        Start::Normal((1.0 / fan_in as f64).sqrt())
    }
}

/// One tensor of weights.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name in the network.
    pub name: String,
    /// Its shape.
    pub shape: Vec<i64>,
    /// How it starts.
    pub start: Start,
}

impl Part {
    fn count(&self) -> i64 {
        self.shape.iter().product()
    }
}

/// The tensors of a network, one after another in θ.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    parts: Vec<Part>,
}

impl Layout {
    /// Adds a tensor.
    pub fn push(&mut self, name: impl Into<String>, shape: &[i64], start: Start) {
        self.parts.push(Part {
            name: name.into(),
            shape: shape.to_vec(),
            start,
        });
    }

    /// Every tensor in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// P, the number of parameters.
    pub fn len(&self) -> i64 {
        self.parts.iter().map(Part::count).sum()
    }

    /// True for a network without weights.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tensors of θ (members × P), each of shape members × its own.
    pub fn views(&self, theta: &Tensor) -> Vec<Tensor> {
        let members = theta.size()[0];
        let mut at = 0;
        let view = |part: &Part| {
            let count = part.count();
            let mut shape = vec![members];
            shape.extend(&part.shape);
            let view = theta.narrow(1, at, count).reshape(shape);
            at += count;
            view
        };
        self.parts.iter().map(view).collect()
    }

    /// First parameters, one row for each of `members`; a member's numbers are its own, whoever its neighbours are.
    pub fn draw(&self, stream: &Stream, members: &[u64], kind: Kind, device: Device) -> Tensor {
        let mut values = Vec::with_capacity(members.len() * self.len() as usize);
        for &member in members {
            for (part, round) in self.parts.iter().zip(0..) {
                let mut words = Sequence::new(stream, Purpose::Start, member, round);
                for _ in 0..part.count() {
                    values.push(match part.start {
                        Start::Constant(value) => value,
                        Start::Normal(sigma) => {
                            let normal: f64 = StandardNormal.sample(&mut words);
                            sigma * normal
                        }
                        Start::Uniform(bound) => {
                            bound * rand::RngExt::random_range(&mut words, -1.0..1.0)
                        }
                    });
                }
            }
        }
        Tensor::from_slice(&values)
            .reshape([members.len() as i64, self.len()])
            .to_kind(kind)
            .to_device(device)
    }
}
