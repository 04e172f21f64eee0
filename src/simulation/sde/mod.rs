//! Continuous-time processes and their integrators, one file each, with declared orders.
//!
//! An integrator holds the process it integrates, since a scheme fits one kind of process only. All of them
//! step on the grid n·dt, n counted, so that time is never summed.

mod aboba;
mod adam;
mod baoab;
mod euler_maruyama;
mod exact_ou;
mod heun;
mod leimkuhler_matthews;
mod milstein;
mod modified;
mod obabo;
mod ornstein_uhlenbeck;
mod overdamped;
mod platen;
pub mod registry;
mod rmsprop;
mod underdamped;
pub mod written;

pub use aboba::Aboba;
pub use adam::AdamSde;
pub use baoab::Baoab;
pub use euler_maruyama::EulerMaruyama;
pub use exact_ou::ExactOu;
pub use heun::Heun;
pub use leimkuhler_matthews::LeimkuhlerMatthews;
pub use milstein::Milstein;
pub use modified::{Modified, Order};
pub use obabo::Obabo;
pub use ornstein_uhlenbeck::OrnsteinUhlenbeck;
pub use overdamped::{Diffusion, Overdamped, Reading};
pub use platen::Platen;
pub use rmsprop::RmspropSde;
pub use underdamped::Underdamped;
pub use written::SdeFormula;

use base::error::{Error, Result};
use registry::Entry;

/// An Itô diffusion dθ = b(θ)dt + √(2D(θ)) dW with diagonal D.
///
/// A process read otherwise, or one that remembers more than θ, is brought to this form: the drift of the
/// reading in b, the memory as further coordinates.
pub trait Sde: Send + Sync {
    /// d, the number of coordinates.
    fn dim(&self) -> usize;
    /// b over a block, coordinate-major.
    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]);
    /// The diagonal of D over a block.
    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]);
    /// ∂D_ii/∂θ_i over a block: σ ∂σ for σ = √(2D).
    fn diffusion_slope(&self, theta: &[f64], lanes: usize, slope: &mut [f64]);
    /// On what D depends.
    fn noise(&self) -> Noise;
    /// D where it is the same everywhere and in every coordinate.
    fn constant_diffusion(&self) -> Option<f64> {
        None
    }
}

/// On what D depends, ever more general.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noise {
    /// On nothing: the noise is additive.
    Additive,
    /// D_ii on θ_i alone, so that the noise of the coordinates commutes.
    Own,
    /// D_ii on any coordinate.
    Crossed,
}

/// `sde` if its noise is no more general than `most`.
///
/// # Errors
/// It is: says what the scheme called `scheme` needs.
fn within(sde: Box<dyn Sde>, most: Noise, scheme: &str) -> Result<Box<dyn Sde>> {
    if sde.noise() <= most {
        return Ok(sde);
    }
    let needs = match most {
        Noise::Additive => "noise that is the same everywhere",
        _ => "noise in which D_ii depends on θ_i alone",
    };
    Err(Error::Input(format!(
        "{scheme} needs {needs}; use euler-maruyama here"
    )))
}

/// A scheme that advances a process by one step of fixed size.
pub trait Integrator: Send + Sync {
    /// Its name, scope and declared orders.
    fn entry(&self) -> &'static Entry;
    /// d, the number of coordinates.
    fn dim(&self) -> usize;
    /// Standard normals that a particle needs for one step.
    fn normals(&self) -> usize {
        self.dim()
    }
    /// Rows of memory to work in, beside those of [`Moved`].
    fn scratch_rows(&self) -> usize {
        0
    }
    /// Values of the memory rows, such as velocities, of a particle that starts at rest at `theta`.
    fn start(&self, theta: &[f64]) -> Vec<f64> {
        let _ = theta;
        Vec::new()
    }
    /// True when noise acts on θ itself, so that between grid points θ is a Brownian bridge.
    fn bridged(&self) -> bool {
        self.entry().bridged
    }
    /// What went wrong along a path, of all that did the first.
    fn fault(&self) -> Option<String> {
        None
    }
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
    /// Standard normals, [`Integrator::normals`] rows.
    pub normals: &'a [f64],
    /// How many steps each lane's particle has taken; empty where nothing depends on it.
    pub taken: &'a [u64],
    /// Whether each lane's particle is under way; empty where all are.
    pub live: &'a [bool],
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
    /// Memory to work in, [`Integrator::scratch_rows`] rows.
    pub scratch: &'a mut [f64],
}

/// The first N pieces, as long as θ, of the memory to work in.
fn pieces<const N: usize>(scratch: &mut [f64], size: usize) -> [&mut [f64]; N] {
    let mut rest = scratch;
    std::array::from_fn(|_| {
        let (piece, further) = std::mem::take(&mut rest).split_at_mut(size);
        rest = further;
        piece
    })
}
