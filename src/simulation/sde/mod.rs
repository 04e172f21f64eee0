//! Continuous-time processes and their integrators, one file each, with declared orders.

mod euler_maruyama;
mod overdamped;
pub mod registry;

pub use euler_maruyama::EulerMaruyama;
pub use overdamped::{Diffusion, Overdamped};

/// An Itô diffusion dθ = b(θ)dt + √(2D(θ)) dW with diagonal D.
pub trait Sde: Send + Sync {
    /// d, the number of coordinates.
    fn dim(&self) -> usize;
    /// b over a block, coordinate-major.
    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]);
    /// The diagonal of D over a block.
    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]);
}

/// A scheme that advances an [`Sde`] by one step of fixed size.
pub trait Integrator: Send + Sync {
    /// Name in experiment files.
    fn name(&self) -> &'static str;
    /// Order of convergence of expectations of smooth functions.
    fn weak_order(&self) -> f64;
    /// Order of convergence of paths, for general D(θ).
    fn strong_order(&self) -> f64;
    /// θ ← one step; on return `variance` holds 2D dt at the old θ, which the Brownian-bridge test
    /// needs.
    fn step(
        &self,
        sde: &dyn Sde,
        by: Increment<'_>,
        theta: &mut [f64],
        drift: &mut [f64],
        variance: &mut [f64],
    );
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
