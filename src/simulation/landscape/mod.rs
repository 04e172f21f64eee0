//! Loss surfaces: value, gradient on blocks of particles, Hessian, critical points.
//!
//! A *block* holds `lanes` particles coordinate-major: coordinate `i` of lane `l` is
//! `theta[i * lanes + l]`.

use base::shown;
use nalgebra::DMatrix;

#[cfg(test)]
mod check;
pub mod cosine;
pub mod cubic;
pub mod double_well;
pub mod examples;
pub mod expression;
pub mod given;
pub mod line;
pub mod quadratic;
pub mod registry;
pub mod ring;
pub mod rosenbrock;
pub mod separable;
pub mod sharpened;
pub mod structure;
pub mod styblinski_tang;
pub mod turns;
pub mod two_temperature;
pub mod valley;
pub mod vectorised;
pub mod way;

pub use structure::Structure;
pub use way::{Boundary, Way};

/// What kind of critical point it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All eigenvalues of the Hessian are positive (or zero along a manifold of minima).
    Minimum,
    /// One eigenvalue is negative.
    Saddle,
}

/// A point where L is at rest: its gradient vanishes, or changes sign at a kink.
#[derive(Clone, Debug, PartialEq)]
pub struct CriticalPoint {
    /// Minimum or saddle.
    pub kind: Kind,
    /// Its position.
    pub theta: Vec<f64>,
    /// L there.
    pub value: f64,
}

/// ∇L over a block, in the arithmetic of `F`.
pub trait Gradient<F> {
    /// ∇L over a block, coordinate-major; `theta.len() == gradient.len() == dim * lanes`, `lanes` ≥ 1.
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]);
}

/// A loss surface L(θ) on ℝᵈ, its gradient in double and in single precision.
pub trait Landscape: Gradient<f64> + Gradient<f32> + Send + Sync {
    /// The name used in experiment files.
    fn name(&self) -> &'static str;

    /// d, the number of coordinates.
    fn dim(&self) -> usize;

    /// L(θ) at one point, `theta.len() == dim`.
    fn value(&self, theta: &[f64]) -> f64;

    /// ∇²L at one point, d × d, symmetric.
    fn hessian(&self, theta: &[f64]) -> DMatrix<f64>;

    /// True when L(θ) = Σᵢ fᵢ(θᵢ), so that the Hessian is diagonal everywhere.
    fn separable(&self) -> bool {
        false
    }

    /// The diagonal of ∇²L over a block, laid out as in [`Gradient::gradient`].
    fn hessian_diagonal(&self, theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        let dim = self.dim();
        let mut point = vec![0.0; dim];
        for lane in 0..lanes {
            for i in 0..dim {
                point[i] = theta[i * lanes + lane];
            }
            let hessian = self.hessian(&point);
            for i in 0..dim {
                diagonal[i * lanes + lane] = hessian[(i, i)];
            }
        }
    }

    /// L over a block, laid out as in [`Gradient::gradient`]; NaN of a particle that is not finite.
    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) {
        let mut point = vec![0.0; self.dim()];
        for (lane, value) in values.iter_mut().enumerate().take(lanes) {
            lane_of(theta, lanes, lane, &mut point);
            // A surface may refuse to be looked at beyond all bounds.
            let finite = point.iter().all(|x| x.is_finite());
            *value = if finite { self.value(&point) } else { f64::NAN };
        }
    }

    /// The upper triangle of ∇²L over a block: a row of one value per lane for each i ≤ j, in the order (0, 0), (0, 1), …,
    /// (1, 1), …
    fn hessians(&self, theta: &[f64], lanes: usize, upper: &mut [f64]) {
        let dim = self.dim();
        if dim == 1 {
            return self.hessian_diagonal(theta, lanes, upper);
        }
        let mut point = vec![0.0; dim];
        for lane in 0..lanes {
            lane_of(theta, lanes, lane, &mut point);
            let finite = point.iter().all(|x| x.is_finite());
            let hessian = finite.then(|| self.hessian(&point));
            for (row, at) in upper.chunks_exact_mut(lanes).zip(upper_triangle(dim)) {
                row[lane] = hessian.as_ref().map_or(f64::NAN, |h| h[at]);
            }
        }
    }

    /// The minima and saddles of the surface, known in closed form or found to rounding.
    ///
    /// For a separable surface of many coordinates these are the points in which all coordinates
    /// sit in the deepest minimum but at most one, which is what an escape over one saddle meets;
    /// coordinate 0 stands for whichever that is. A manifold of minima is represented by one or a
    /// few of its points.
    fn critical_points(&self) -> Vec<CriticalPoint>;

    /// What [`critical_points`](Landscape::critical_points) may have missed, where they were sought and the search was
    /// cut short.
    fn sought(&self) -> Option<String> {
        None
    }

    /// What a solver on a line has to know of a separable surface between two values of a coordinate.
    fn structure(&self, low: f64, high: f64) -> Structure {
        Structure::smooth(low, high)
    }

    /// Whether more is known of it than a gradient, so that its minima and saddles can be sought.
    fn is_known(&self) -> bool {
        true
    }

    /// The examples whose mean loss it is, if it is one.
    fn examples(&self) -> Option<&examples::MeanLoss> {
        None
    }

    /// Why the surface has no value at a point; `None` where it has one.
    fn outside(&self, theta: &[f64]) -> Option<String> {
        let value = self.value(theta);
        let what = || {
            format!(
                "the loss comes to {} at θ = {theta:?}",
                shown::number(value)
            )
        };
        (!value.is_finite()).then(what)
    }
}

/// The entries of the upper triangle of a matrix, row by row.
pub fn upper_triangle(dim: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..dim).flat_map(move |i| (i..dim).map(move |j| (i, j)))
}

/// The particle of a lane of a block.
pub fn lane_of(theta: &[f64], lanes: usize, lane: usize, point: &mut [f64]) {
    for (x, from) in point.iter_mut().zip(theta.iter().skip(lane).step_by(lanes)) {
        *x = *from;
    }
}

/// The lowest point of a kind; of equally deep ones the first listed.
pub fn lowest(landscape: &dyn Landscape, kind: Kind) -> Option<CriticalPoint> {
    let points = landscape.critical_points();
    let own = points.into_iter().filter(|point| point.kind == kind);
    own.min_by(|a, b| a.value.total_cmp(&b.value))
}

/// The deepest minimum and the lowest saddle.
#[cfg(test)]
fn barrier(landscape: &dyn Landscape) -> Option<[CriticalPoint; 2]> {
    Some([
        lowest(landscape, Kind::Minimum)?,
        lowest(landscape, Kind::Saddle)?,
    ])
}
