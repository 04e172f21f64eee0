//! Networks, as functions of their parameters: one file each.

pub mod convnet;
pub mod cubic;
mod layers;
pub mod lstm;
pub mod mlp;
pub mod registry;
pub mod resnet;

use tch::Tensor;

use super::layout::Layout;

/// A network.
///
/// Every member of an ensemble has its own parameters and its own examples, and all are computed at once.
pub trait Model: Send + Sync {
    /// Where its weights lie in θ.
    fn layout(&self) -> &Layout;

    /// Outputs, members × examples × K, of `weights` (the layout's tensors, each with the members in front) for
    /// `inputs` (members × examples × the shape of one).
    fn outputs(&self, weights: &[Tensor], inputs: &Tensor, statistics: &Statistics) -> Tensor;

    /// How many channels each of its normalisations has, in the order in which they are used.
    fn normalised(&self) -> &[i64] {
        &[]
    }
}

/// Means and variances that batch normalisation has seen, and whether it uses those of the batch at hand.
#[derive(Debug, Default)]
pub struct Statistics {
    /// For each normalisation a mean and a variance, of members · channels numbers.
    pub running: Vec<(Tensor, Tensor)>,
    /// True in training: the batch's own are used, and the running ones follow.
    pub training: bool,
}

impl Statistics {
    /// Those of a network that has seen nothing, for as many members as `theta` has rows.
    pub fn start(model: &dyn Model, theta: &Tensor) -> Self {
        let members = theta.size()[0];
        let options = (theta.kind(), theta.device());
        let each = model.normalised().iter();
        Statistics {
            running: each
                .map(|channels| {
                    let count = members * channels;
                    (Tensor::zeros(count, options), Tensor::ones(count, options))
                })
                .collect(),
            training: false,
        }
    }

    /// Those of one of `members` members.
    pub fn member(&self, member: usize, members: usize) -> Self {
        self.each(|all| {
            let channels = all.numel() as i64 / members.max(1) as i64;
            all.narrow(0, member as i64 * channels, channels)
        })
    }

    /// Those of one member for `count` members.
    pub fn copies(&self, count: i64) -> Self {
        self.each(|own| own.repeat([count]))
    }

    fn each(&self, of: impl Fn(&Tensor) -> Tensor) -> Self {
        let both = |(mean, variance): &(Tensor, Tensor)| (of(mean), of(variance));
        Statistics {
            running: self.running.iter().map(both).collect(),
            training: self.training,
        }
    }
}
