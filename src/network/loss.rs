//! What a network is trained on, example by example.

use serde::Serialize;
use tch::{Kind, Tensor};

/// A loss between outputs and a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// −log softmax(f)_y, for K outputs and a class y.
    CrossEntropy,
    /// log(1 + e^{−yf}), for one output and the classes y = −1 (class 0) and y = 1 (class 1).
    Logistic,
}

impl Loss {
    /// How many outputs it takes for that many classes; `None` where it cannot tell them apart.
    pub fn outputs(self, classes: usize) -> Option<usize> {
        match self {
            Loss::CrossEntropy => Some(classes),
            Loss::Logistic => (classes == 2).then_some(1),
        }
    }

    /// The loss of every example: members × examples, from outputs members × examples × K and classes
    /// members × examples.
    pub fn each(self, outputs: &Tensor, classes: &Tensor) -> Tensor {
        match self {
            Loss::CrossEntropy => {
                let chosen = outputs
                    .log_softmax(-1, outputs.kind())
                    .gather(-1, &classes.unsqueeze(-1), false)
                    .squeeze_dim(-1);
                -chosen
            }
            Loss::Logistic => {
                let sign = classes.to_kind(outputs.kind()) * 2.0 - 1.0;
                // log(1 + e^{−z}), which softplus gives without overflow.
                (-(sign * outputs.squeeze_dim(-1))).softplus()
            }
        }
    }

    /// The class that outputs speak for: members × examples.
    pub fn decided(self, outputs: &Tensor) -> Tensor {
        match self {
            Loss::CrossEntropy => outputs.argmax(-1, false),
            Loss::Logistic => outputs.squeeze_dim(-1).gt(0.0).to_kind(Kind::Int64),
        }
    }

    /// The probability of every class: members × examples × classes.
    pub fn probabilities(self, outputs: &Tensor) -> Tensor {
        match self {
            Loss::CrossEntropy => outputs.softmax(-1, outputs.kind()),
            Loss::Logistic => {
                let one = outputs.squeeze_dim(-1).sigmoid();
                Tensor::stack(&[1.0 - &one, one], -1)
            }
        }
    }
}
