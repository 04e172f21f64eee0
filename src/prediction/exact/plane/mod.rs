//! Diffusions of two coordinates, dθ = b dt + B dW as Itô reads it, by finite differences on rectangles.
//!
//! Whatever the drift: it need be no gradient. Noise may be correlated, and may leave one of the coordinates alone, as it does the
//! position of a particle with inertia.
//!
//! The backward operator b·∇ + D:∇∇, D = ½BBᵀ, is fitted exponentially along a coordinate that noise acts on, so that its rates are
//! never negative (Scharfetter and Gummel 1969); ∂₁∂₂ is taken over the seven nodes that are nearest along the correlation; along a coordinate without
//! noise differences of fifth order look to the side that the drift moves to, and along the other one they are of fourth. The forward equation is its transpose. Rectangles are
//! found by where the process is; what is read is extrapolated from grids of which every other one has half the spacing.
//!
//! | wanted | ask |
//! |---|---|
//! | mean first-passage time | [`Plane::passage`] |
//! | stationary means | [`Plane::stationary`] |
//! | how fast the start is forgotten | [`Plane::relaxation`] |

mod grid;
mod passage;
mod rest;
mod stationary;
mod zoom;

use base::error::{Error, Result};
use base::interrupt;

pub use stationary::PlaneLaw;

/// A point.
pub type Point = [f64; 2];

/// b and D at a point: the drift, then D₁₁, D₁₂ and D₂₂.
pub type Coefficients = (Point, [f64; 3]);

/// A diffusion of two coordinates.
pub struct Plane<'a> {
    /// b and D = ½BBᵀ: θ and θ² per unit of time.
    pub at: &'a dyn Fn(Point) -> Coefficients,
    /// Where it starts.
    pub start: Point,
}

/// Where it is out.
pub enum Exit<'a> {
    /// Beyond a number of a coordinate.
    Beyond {
        /// The coordinate, 0 or 1.
        coordinate: usize,
        /// The number.
        at: f64,
        /// Whether above it.
        above: bool,
    },
    /// Where this is above 0; continuous.
    Where(&'a dyn Fn(Point) -> f64),
}

/// Intervals of the grids along each coordinate. Those two apart are extrapolated to none.
const INTERVALS: [usize; 5] = [40, 56, 80, 112, 160];
/// Errors are this many times the largest change that the last two grids made.
const CHANGES: f64 = 3.0;

/// What some grids come to at none, and how far that may be off.
fn extrapolated(raw: &[f64]) -> (f64, f64) {
    let limits = raw.windows(3).map(|w| w[2] + (w[2] - w[0]) / 3.0);
    let limits: Vec<f64> = limits.collect();
    (limits.last().copied().unwrap_or(f64::NAN), changes(&limits))
}

/// How far the last of some numbers may be off, by the two before it.
fn changes(all: &[f64]) -> f64 {
    let last = all.last().copied().unwrap_or(f64::NAN);
    let changes = all.iter().rev().take(3).map(|x| (x - last).abs());
    CHANGES * changes.fold(0.0, f64::max)
}

impl Plane<'_> {
    /// b and D at a point.
    fn coefficients(&self, point: Point) -> Result<Coefficients> {
        if interrupt::requested() {
            return Err(Error::Interrupted(
                "stopped on a grid in two coordinates".into(),
            ));
        }
        let (drift, noise) = (self.at)(point);
        let [first, mixed, second] = noise;
        let finite = drift.iter().chain(&noise).all(|x| x.is_finite());
        let positive = first >= 0.0 && second >= 0.0;
        if finite && positive && mixed * mixed <= first * second * (1.0 + 1e-9) {
            return Ok((drift, noise));
        }
        Err(Error::Failed(format!(
            "at θ = {point:?} the drift is {drift:?} and D = {noise:?} (D₁₁, D₁₂, D₂₂): they must be numbers, and D no less than 0"
        )))
    }
}

#[cfg(test)]
mod tests;
