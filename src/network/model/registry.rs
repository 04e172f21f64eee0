//! Networks by name.

use serde::Serialize;

use super::Model;
use super::convnet::ConvNet;
use super::cubic::Cubic;
use super::lstm::Lstm;
use super::mlp::Mlp;
use super::resnet::ResNet;
use base::error::{Error, Result};

/// A kind of network with its sizes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Architecture {
    /// f = Wx + b.
    Linear,
    /// Fully connected, with rectifiers.
    Mlp {
        /// Units of each hidden layer.
        hidden: Vec<usize>,
    },
    /// f = Σ_r Σ_j ⟨w_r, x_j⟩³ over patches.
    Cubic {
        /// Neurons.
        neurons: usize,
        /// σ₀ of the first weights.
        init: f64,
    },
    /// Convolutions with pooling, then a linear layer.
    ConvNet {
        /// Channels of each convolution.
        channels: Vec<usize>,
    },
    /// ResNet-18 in its CIFAR form.
    #[serde(rename = "resnet-18")]
    ResNet18 {
        /// Channels of the first stage; 64 is the usual one.
        width: usize,
    },
    /// ResNet-32 in its CIFAR form.
    #[serde(rename = "resnet-32")]
    ResNet32 {
        /// Channels of the first stage; 16 is the usual one.
        width: usize,
    },
    /// A language model.
    Lstm {
        /// Units of each layer.
        hidden: usize,
        /// Layers.
        depth: usize,
    },
}

impl Architecture {
    /// Every name.
    pub const NAMES: [&'static str; 7] = [
        "linear",
        "mlp",
        "cubic",
        "conv-net",
        "resnet-18",
        "resnet-32",
        "lstm",
    ];

    /// The network for examples of that shape and that many outputs.
    ///
    /// # Errors
    /// The examples are not of a kind that it takes.
    pub fn build(&self, shape: &[usize], outputs: usize) -> Result<Box<dyn Model>> {
        let whole = |n: &usize| *n as i64;
        let shape: Vec<i64> = shape.iter().map(whole).collect();
        let outputs = outputs as i64;
        let image = || -> Result<[i64; 3]> {
            shape.as_slice().try_into().map_err(|_| {
                Error::Input(format!(
                    "this network takes images (channels, height, width); the examples are of shape {shape:?}"
                ))
            })
        };
        let dense = |hidden: &[usize]| {
            let mut widths = vec![shape.iter().product()];
            widths.extend(hidden.iter().map(whole));
            widths.push(outputs);
            Mlp::new(&widths)
        };
        Ok(match self {
            Architecture::Linear => Box::new(dense(&[])),
            Architecture::Mlp { hidden } => Box::new(dense(hidden)),
            Architecture::Cubic { neurons, init } => {
                let [_, dim] = shape[..] else {
                    return Err(Error::Input(format!(
                        "the cubic network takes patches × numbers; the examples are of shape {shape:?}"
                    )));
                };
                if outputs != 1 {
                    return Err(Error::Input(format!(
                        "the cubic network has one output, for two classes and the logistic loss; {outputs} are asked for"
                    )));
                }
                Box::new(Cubic::new(dim, *neurons as i64, *init))
            }
            Architecture::ConvNet { channels } => {
                let channels: Vec<i64> = channels.iter().map(whole).collect();
                let shape = image()?;
                Box::new(ConvNet::new(shape, &channels, outputs).ok_or_else(|| {
                    Error::Input(format!(
                        "{} blocks halve images of {} × {} to nothing; take fewer channels",
                        channels.len(),
                        shape[1],
                        shape[2]
                    ))
                })?)
            }
            Architecture::ResNet18 { width } => {
                Box::new(ResNet::eighteen(image()?[0], *width as i64, outputs))
            }
            Architecture::ResNet32 { width } => {
                Box::new(ResNet::thirty_two(image()?[0], *width as i64, outputs))
            }
            Architecture::Lstm { hidden, depth } => {
                Box::new(Lstm::new(outputs, *hidden as i64, *depth))
            }
        })
    }
}
