//! The protocol `network-noise`: is the noise of minibatch gradients Gaussian?

mod figures;
mod look;
mod quantity;
mod rulings;
mod run;
mod spec;
mod text;

pub use spec::NoiseSpec;
