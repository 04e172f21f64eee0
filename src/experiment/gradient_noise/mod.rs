//! The protocol `gradient-noise`: the covariance C of per-example gradients against the Hessian H, as softmax
//! regression is trained, with the labels of the data and with labels drawn from the model itself.

mod measure;
mod rulings;
mod run;
mod spec;

pub use spec::GradientNoiseSpec;
