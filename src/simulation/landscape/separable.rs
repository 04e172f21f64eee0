//! Surfaces that are a sum of one function over the coordinates: L(θ) = Σᵢ f(θᵢ).

use nalgebra::{DMatrix, DVector};

use super::{CriticalPoint, Gradient, Kind, Landscape, Structure};
use crate::float::Float;
use base::error::{Error, Result};

/// The function f of a separable surface, with f′, f″ and its stationary points.
pub trait Profile: Send + Sync {
    /// The name used in experiment files.
    fn name(&self) -> &'static str;

    /// f(x).
    fn value(&self, x: f64) -> f64;

    /// f′(x), in the precision of x.
    fn slope<F: Float>(&self, x: F) -> F;

    /// f″(x).
    fn curvature(&self, x: f64) -> f64;

    /// The minima and maxima of f, deepest minimum first. A maximum of f is a saddle of L when the
    /// other coordinates sit in a minimum, hence the kind.
    fn stationary(&self) -> Vec<(Kind, f64)>;

    /// Points where f, f′ or f″ is not smooth.
    fn kinks(&self) -> Vec<f64> {
        Vec::new()
    }
}

/// L(θ) = Σᵢ f(θᵢ) on ℝᵈ for a [`Profile`] f.
#[derive(Clone, Debug, PartialEq)]
pub struct Separable<P> {
    profile: P,
    dim: usize,
}

impl<P: Profile> Separable<P> {
    /// The surface of `dim` coordinates.
    ///
    /// # Errors
    /// `dim` = 0.
    pub fn with_profile(profile: P, dim: usize) -> Result<Self> {
        if dim == 0 {
            return Err(Error::Input(format!(
                "dim = 0: {} needs at least one coordinate; give dim >= 1",
                profile.name()
            )));
        }
        Ok(Self { profile, dim })
    }

    /// The function of one coordinate.
    pub fn profile(&self) -> &P {
        &self.profile
    }
}

impl<P: Profile + Default> Separable<P> {
    /// The surface of `dim` coordinates.
    ///
    /// # Errors
    /// `dim` = 0.
    pub fn new(dim: usize) -> Result<Self> {
        Self::with_profile(P::default(), dim)
    }
}

impl<P: Profile, F: Float> Gradient<F> for Separable<P> {
    #[inline(always)]
    fn gradient(&self, theta: &[F], _lanes: usize, gradient: &mut [F]) {
        for (g, &x) in gradient.iter_mut().zip(theta) {
            *g = self.profile.slope(x);
        }
    }
}

impl<P: Profile> Landscape for Separable<P> {
    fn name(&self) -> &'static str {
        self.profile.name()
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn value(&self, theta: &[f64]) -> f64 {
        theta.iter().map(|&x| self.profile.value(x)).sum()
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        DMatrix::from_diagonal(&DVector::from_iterator(
            theta.len(),
            theta.iter().map(|&x| self.profile.curvature(x)),
        ))
    }

    fn separable(&self) -> bool {
        true
    }

    #[inline(always)]
    fn hessian_diagonal(&self, theta: &[f64], _lanes: usize, diagonal: &mut [f64]) {
        for (h, &x) in diagonal.iter_mut().zip(theta) {
            *h = self.profile.curvature(x);
        }
    }

    #[inline(always)]
    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) {
        values.fill(0.0);
        for row in theta.chunks_exact(lanes) {
            for (value, &x) in values.iter_mut().zip(row) {
                *value += self.profile.value(x);
            }
        }
    }

    fn critical_points(&self) -> Vec<CriticalPoint> {
        let stationary = self.profile.stationary();
        let Some(&(_, deepest)) = stationary.first() else {
            return Vec::new();
        };
        stationary
            .into_iter()
            .map(|(kind, x)| {
                let mut theta = vec![deepest; self.dim];
                theta[0] = x;
                let value = self.value(&theta);
                CriticalPoint { kind, theta, value }
            })
            .collect()
    }

    fn structure(&self, low: f64, high: f64) -> Structure {
        Structure::smooth(low, high).with_kinks(&self.profile.kinks())
    }
}

/// The root of f′ next to `start`, by Newton's iteration until the step no longer shrinks, which
/// is where rounding in f′ takes over.
pub(super) fn newton<P: Profile>(profile: &P, start: f64) -> f64 {
    let mut x = start;
    let mut last_step = f64::INFINITY;
    let mut step = profile.slope(x) / profile.curvature(x);
    while step.abs() < last_step {
        last_step = step.abs();
        x -= step;
        step = profile.slope(x) / profile.curvature(x);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::super::{double_well::DoubleWell, styblinski_tang::StyblinskiTang};
    use super::*;

    #[test]
    fn no_coordinates_is_refused_with_the_reason() {
        let message = DoubleWell::new(0).unwrap_err().to_string();
        assert!(message.contains("dim = 0"), "{message}");
    }

    #[test]
    fn one_coordinate_leaves_the_deepest_minimum() {
        let surface = StyblinskiTang::new(3).unwrap();
        let points = surface.critical_points();
        assert_eq!(points.len(), 3);
        let deepest = &points[0].theta;
        assert!(deepest.iter().all(|&x| x == deepest[0]));
        for point in &points[1..] {
            assert_ne!(point.theta[0], deepest[0]);
            assert_eq!(point.theta[1..], deepest[1..]);
            assert!(point.value > points[0].value);
        }
    }
}
