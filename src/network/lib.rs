//! Real networks through libtorch: models, training by the crate's own update rules, curvature and noise.
//!
//! Everything is a function of the parameters θ, a tensor of shape members × parameters. A member is one network of
//! an ensemble that is computed at once: a seed of a training run, an example whose own gradient is wanted, or a
//! vector that the Hessian is applied to.

pub mod convert;
pub mod curvature;
pub mod device;
pub mod layout;
pub mod local;
pub mod loss;
pub mod minibatch;
pub mod minimum;
pub mod model;
pub mod noise;
pub mod objective;
pub mod protocol;
pub mod replay;
pub mod set;
mod tensor;
pub mod training;

pub use tch;
