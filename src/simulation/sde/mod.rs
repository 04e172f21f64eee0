//! Continuous-time processes and their integrators, one file each, with declared orders.
//!
//! An integrator holds the process it integrates, since a scheme fits one kind of process only.

mod baoab;
mod euler_maruyama;
mod overdamped;
pub mod registry;
mod underdamped;

pub use baoab::Baoab;
pub use euler_maruyama::EulerMaruyama;
pub use overdamped::{Diffusion, Overdamped};
pub use underdamped::Underdamped;

/// An Itô diffusion dθ = b(θ)dt + √(2D(θ)) dW with diagonal D.
pub trait Sde: Send + Sync {
    /// d, the number of coordinates.
    fn dim(&self) -> usize;
    /// b over a block, coordinate-major.
    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]);
    /// The diagonal of D over a block.
    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]);
    /// D where it is the same everywhere and in every coordinate.
    fn constant_diffusion(&self) -> Option<f64> {
        None
    }
}

/// A scheme that advances a process by one step of fixed size.
pub trait Integrator: Send + Sync {
    /// Name in experiment files.
    fn name(&self) -> &'static str;
    /// Order of convergence of expectations of smooth functions.
    fn weak_order(&self) -> f64;
    /// Order of convergence of paths, for general D(θ).
    fn strong_order(&self) -> f64;
    /// d, the number of coordinates.
    fn dim(&self) -> usize;
    /// Values of the memory rows, such as velocities, of a particle that starts at rest at `theta`.
    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let _ = theta;
        Vec::new()
    }
    /// True when noise acts on θ itself, so that between grid points θ is a Brownian bridge.
    fn bridged(&self) -> bool;
    /// One step of a block.
    fn step(&self, by: Increment<'_>, block: Moved<'_>);
}

/// What a step is driven by.
#[derive(Clone, Copy)]
pub struct Increment<'a> {
    /// The step size.
    pub dt: f64,
    /// Particles in the block.
    pub lanes: usize,
    /// Standard normals, coordinate-major.
    pub normals: &'a [f64],
}

/// What a step moves; all rows are coordinate-major.
pub struct Moved<'a> {
    /// θ.
    pub theta: &'a mut [f64],
    /// The memory rows of [`Integrator::start`].
    pub memory: &'a mut [f64],
    /// Memory to work in, as long as θ.
    pub drift: &'a mut [f64],
    /// As long as θ for a bridged scheme, which leaves 2D dt at the old θ in it; else of no use.
    pub variance: &'a mut [f64],
}
