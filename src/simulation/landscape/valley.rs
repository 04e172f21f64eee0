//! A straight valley whose walls steepen along it, L = ½ (h₀ + h₁u²) v².

use nalgebra::DMatrix;

use super::{CriticalPoint, Gradient, Kind, Landscape};
use crate::float::Float;
use base::error::{Error, Result};

/// L(u, v) = ½ (h₀ + h₁u²) v², θ = (u, v): every point with v = 0 is a minimum, and the curvature
/// across it is h₀ + h₁u².
///
/// The gradient flow keeps u² − v² + (h₀/h₁) ln u² constant along each trajectory, so where it ends
/// on the valley is known in closed form: for h₀ = h₁ = 1 at U = ±√W(u² exp(u² − v²)), with W
/// Lambert's function and the sign of u.
///
/// Source: the manifold setting of Li, Wang & Arora (ICLR 2022) and The Marginal Value of Momentum
/// (Wang et al. 2024), Thm 5.5.
#[derive(Clone, Debug, PartialEq)]
pub struct Valley {
    h0: f64,
    h1: f64,
}

impl Valley {
    /// Curvature `h0` across the valley at u = 0, growing by `h1` u².
    ///
    /// # Errors
    /// `h0` is not positive and finite, or `h1` is negative or not finite.
    pub fn new(h0: f64, h1: f64) -> Result<Self> {
        if !(h0.is_finite() && h0 > 0.0) {
            return Err(Error::Input(format!(
                "h0 = {h0}: the curvature across the valley must be positive and finite"
            )));
        }
        if !(h1.is_finite() && h1 >= 0.0) {
            return Err(Error::Input(format!(
                "h1 = {h1}: must be finite and at least 0, else the walls turn into slopes away \
                 from the valley at large u"
            )));
        }
        Ok(Self { h0, h1 })
    }
}

impl<F: Float> Gradient<F> for Valley {
    #[inline(always)]
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        let (h0, h1) = (F::of(self.h0), F::of(self.h1));
        let (us, vs) = theta.split_at(lanes);
        let (gus, gvs) = gradient.split_at_mut(lanes);
        for (((gu, gv), &u), &v) in gus.iter_mut().zip(gvs).zip(us).zip(vs) {
            *gu = h1 * u * v * v;
            *gv = (h0 + h1 * u * u) * v;
        }
    }
}

impl Landscape for Valley {
    fn name(&self) -> &'static str {
        "valley"
    }

    fn dim(&self) -> usize {
        2
    }

    fn value(&self, theta: &[f64]) -> f64 {
        let (u, v) = (theta[0], theta[1]);
        0.5 * (self.h0 + self.h1 * u * u) * v * v
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        let (u, v) = (theta[0], theta[1]);
        let mixed = 2.0 * self.h1 * u * v;
        DMatrix::from_row_slice(
            2,
            2,
            &[self.h1 * v * v, mixed, mixed, self.h0 + self.h1 * u * u],
        )
    }

    #[inline(always)]
    fn hessian_diagonal(&self, theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        let (us, vs) = theta.split_at(lanes);
        let (along, across) = diagonal.split_at_mut(lanes);
        for (((hu, hv), u), v) in along.iter_mut().zip(across).zip(us).zip(vs) {
            *hu = self.h1 * v * v;
            *hv = self.h0 + self.h1 * u * u;
        }
    }

    /// One point of the valley stands for all: the flattest, (0, 0).
    fn critical_points(&self) -> Vec<CriticalPoint> {
        vec![CriticalPoint {
            kind: Kind::Minimum,
            theta: vec![0.0, 0.0],
            value: 0.0,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_flat_and_its_walls_are_as_asked() {
        let valley = Valley::new(2.0, 3.0).unwrap();
        for u in [-2.0, 0.0, 0.7] {
            let mut slope = [f64::NAN; 2];
            valley.gradient(&[u, 0.0], 1, &mut slope);
            assert_eq!(slope, [0.0, 0.0]);
            let hessian = valley.hessian(&[u, 0.0]);
            assert_eq!(hessian[(0, 0)], 0.0);
            assert_eq!(hessian[(1, 1)], 2.0 + 3.0 * u * u);
        }
    }

    #[test]
    fn walls_that_turn_over_are_refused() {
        assert!(Valley::new(0.0, 1.0).is_err());
        assert!(Valley::new(1.0, -0.1).is_err());
        assert!(Valley::new(1.0, f64::NAN).is_err());
    }
}
