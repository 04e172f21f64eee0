//! What makes a gradient stochastic.
//!
//! An [`Oracle`] (the stochastic first-order oracle of optimization theory) gives each particle of a
//! block its stochastic gradient. Additive noises draw a normal for every coordinate; minibatches
//! average the real per-sample gradients ∇f(θ − x_j), whatever law that has.

pub mod covariance;
mod curvature;
mod drawn;
mod driving;
mod exact;
mod examples;
mod fresh;
mod gaussian;
mod hessian;
mod law;
pub mod laws;
mod minibatch;
mod pool;
mod prefetch;
pub mod registry;
mod stable;
mod summed;
mod svag;
mod two_batch;

pub use covariance::{CovarianceField, CovarianceFormula};
pub use curvature::Curvature;
pub use drawn::{Drawn, Size};
pub use driving::Driving;
pub use exact::Exact;
pub use examples::{ExampleBatch, Examples};
pub use fresh::Fresh;
pub use gaussian::{Gaussian, Shape};
pub use hessian::HessianShaped;
pub use law::Law;
pub use laws::{DrawnLaw, Draws};
pub use minibatch::{Minibatch, Replacement};
pub use pool::Pool;
pub use stable::Stable;
pub use summed::Summed;
pub use svag::svag;
pub use two_batch::TwoBatch;

use super::random::Stream;

/// Where a block stands: positions, and the address of every lane's random numbers.
#[derive(Clone, Copy)]
pub struct Place<'a, F = f64> {
    /// Particles in the block.
    pub lanes: usize,
    /// θ, coordinate-major.
    pub theta: &'a [F],
    /// Particle index of each lane.
    pub particle: &'a [u64],
    /// Steps that each lane's particle has taken.
    pub step: &'a [u64],
    /// The cell's random numbers.
    pub stream: &'a Stream,
    /// The step's normals: [`Oracle::normals`] rows of one value per lane.
    pub normals: &'a [F],
    /// Whether each lane holds a particle under way; empty where all do.
    pub live: &'a [bool],
}

/// A source of stochastic gradients, in the arithmetic of `F`.
pub trait Oracle<F = f64>: Send + Sync {
    /// d, the number of coordinates.
    fn dim(&self) -> usize;

    /// Standard normals that a particle needs for one step.
    fn normals(&self) -> usize;

    /// Length of the scratch memory that [`Oracle::gradient`] needs for a block of `lanes`.
    fn scratch(&self, lanes: usize) -> usize;

    /// The stochastic gradient of every lane, coordinate-major.
    fn gradient(&self, at: Place<'_, F>, gradient: &mut [F], scratch: &mut [F]);

    /// What went wrong along a path, of all that did the first: a noise that was asked for where it is none.
    fn fault(&self) -> Option<String> {
        None
    }
}
