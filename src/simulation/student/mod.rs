//! Teacher and student: labels by a random network on Gaussian inputs, learned by another network.

pub mod layer;
pub mod network;
pub mod task;
pub mod training;

pub use layer::Layer;
pub use network::{Architecture, Network, Pass};
pub use task::{Inputs, Task};
pub use training::train;
