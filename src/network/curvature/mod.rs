//! The Hessian of a network's loss: products with vectors, all of it, its top, its trace and its density.

mod density;
mod hessian;
mod lanczos;
mod probes;
mod spectrum;

pub use density::{Density, density};
pub use hessian::Hessian;
pub use lanczos::{Eigen, Symmetric, top};
pub use probes::{signs, trace};
pub use spectrum::Spectrum;
