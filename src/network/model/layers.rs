//! What networks are made of, for all members at once.
//!
//! Images lie as examples × (members · channels) × height × width, so that a convolution with as many groups as
//! members gives every member its own.

use tch::Tensor;

use super::Statistics;

/// xW + b: members × examples × out, for W of shape members × in × out and b of members × out.
pub fn dense(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Tensor {
    bias.unsqueeze(1).baddbmm(x, weight, 1.0, 1.0)
}

/// Inputs members × examples × channels × height × width, as convolutions take them.
pub fn to_images(inputs: &Tensor) -> Tensor {
    let size = inputs.size();
    inputs
        .transpose(0, 1)
        .reshape([size[1], size[0] * size[2], size[3], size[4]])
}

/// What is left of images, as members × examples × features.
pub fn to_features(images: &Tensor, members: i64) -> Tensor {
    let examples = images.size()[0];
    images
        .reshape([examples, members, -1])
        .transpose(0, 1)
        .contiguous()
}

/// A convolution without bias; the weight is members × out × in × k × k.
pub fn convolution(images: &Tensor, weight: &Tensor, stride: i64, padding: i64) -> Tensor {
    let members = weight.size()[0];
    images.conv2d(
        &weight.flatten(0, 1),
        None::<Tensor>,
        [stride],
        [padding],
        [1],
        members,
    )
}

/// Adds one number to every channel; the bias is members × channels.
pub fn add_to_channels(images: &Tensor, bias: &Tensor) -> Tensor {
    images + bias.reshape([1, -1, 1, 1])
}

/// The share of a batch in running statistics, and what keeps a variance from 0 (Ioffe and Szegedy 2015, as in torch).
const SHARE: f64 = 0.1;
const EPSILON: f64 = 1e-5;

/// Batch normalisation number `which` of the network; scale and shift are members × channels.
pub fn normalise(
    images: &Tensor,
    scale: &Tensor,
    shift: &Tensor,
    statistics: &Statistics,
    which: usize,
) -> Tensor {
    let running = statistics.running.get(which);
    images.batch_norm(
        Some(scale.flatten(0, 1)),
        Some(shift.flatten(0, 1)),
        running.map(|(mean, _)| mean.shallow_clone()),
        running.map(|(_, variance)| variance.shallow_clone()),
        statistics.training || running.is_none(),
        SHARE,
        EPSILON,
        false,
    )
}
