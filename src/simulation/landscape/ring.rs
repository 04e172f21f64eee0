//! A ring of minima whose walls are steeper on one side, L = (h₀/8) (1 + 2aθ₁/(1+r²)) (r² − 1)².

use nalgebra::DMatrix;

use super::{CriticalPoint, Gradient, Kind, Landscape};
use crate::float::Float;
use base::error::{Error, Result};

/// L(θ) = (h₀/8) q(θ) (r² − 1)², q = 1 + 2aθ₁/(1 + r²), r² = θ₁² + θ₂²: every point of the unit
/// circle is a minimum, and the curvature across it at the angle φ is h(φ) = h₀ (1 + a cos φ).
///
/// q equals 1 + a cos φ on the ring and is smooth everywhere, the centre included, where cos φ
/// itself is not. The only other critical point is a maximum inside the ring (at the centre for
/// a = 0), so there is no saddle and no barrier. With h₀ = 2, a = 0 this is L = (r² − 1)²/4, on which
/// the angle under isotropic noise is a Brownian motion; a ≠ 0 gives a slow drift towards the flat
/// side and a stationary law.
///
/// Source: the manifold setting of Li, Wang & Arora (ICLR 2022) and The Marginal Value of Momentum
/// (Wang et al. 2024), Thm 5.5.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    h0: f64,
    a: f64,
}

/// Beyond this modulation further critical points appear off the ring: the bracket in
/// ∂L/∂θ₂ ∝ θ₂ (r² − 1) [1 + aθ₁(r² + 3)/(1 + r²)²] vanishes nowhere while
/// |a| < 1 / max r(r² + 3)/(1 + r²)² = 0.9082….
const LARGEST_MODULATION: f64 = 0.9;

impl Ring {
    /// Mean curvature `h0` across the ring, modulated by 1 + `a` cos φ.
    ///
    /// # Errors
    /// `h0` is not positive and finite, or |a| > 0.9.
    pub fn new(h0: f64, a: f64) -> Result<Self> {
        if !(h0.is_finite() && h0 > 0.0) {
            return Err(Error::Input(format!(
                "h0 = {h0}: the curvature across the ring must be positive and finite"
            )));
        }
        if !(-LARGEST_MODULATION..=LARGEST_MODULATION).contains(&a) {
            return Err(Error::Input(format!(
                "a = {a}: must lie in [-{LARGEST_MODULATION}, {LARGEST_MODULATION}], since beyond \
                 that the ring is not the only resting place"
            )));
        }
        Ok(Self { h0, a })
    }
}

impl<F: Float> Gradient<F> for Ring {
    #[inline(always)]
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        let (one, two, half) = (F::of(1.0), F::of(2.0), F::of(0.5));
        let (a, scale) = (F::of(self.a), half * F::of(self.h0));
        let (xs, ys) = theta.split_at(lanes);
        let (gxs, gys) = gradient.split_at_mut(lanes);
        for (((gx, gy), &x), &y) in gxs.iter_mut().zip(gys).zip(xs).zip(ys) {
            let square = x * x + y * y;
            let off = square - one;
            let p = one / (one + square);
            let tilt = a * p * off;
            // (r² − 1) is taken out of both components, so that they vanish on the ring exactly.
            let radial = one + two * a * x * p - tilt * p * x;
            *gx = scale * off * (radial * x + half * tilt);
            *gy = scale * off * (radial * y);
        }
    }
}

impl Landscape for Ring {
    fn name(&self) -> &'static str {
        "ring"
    }

    fn dim(&self) -> usize {
        2
    }

    fn value(&self, theta: &[f64]) -> f64 {
        let (x, y) = (theta[0], theta[1]);
        let square = x * x + y * y;
        let off = square - 1.0;
        0.125 * self.h0 * (1.0 + 2.0 * self.a * x / (1.0 + square)) * off * off
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        let (x, y) = (theta[0], theta[1]);
        let square = x * x + y * y;
        let off = square - 1.0;
        let p = 1.0 / (1.0 + square);
        let tilt = 2.0 * self.a;
        let q = 1.0 + tilt * x * p;
        let (q_x, q_y) = (
            tilt * (p - 2.0 * x * x * p * p),
            -tilt * 2.0 * x * y * p * p,
        );
        let q_xx = tilt * x * p * p * (8.0 * x * x * p - 6.0);
        let q_xy = tilt * y * p * p * (8.0 * x * x * p - 2.0);
        let q_yy = tilt * x * p * p * (8.0 * y * y * p - 2.0);
        let (w, w_x, w_y) = (off * off, 4.0 * x * off, 4.0 * y * off);
        let (w_xx, w_yy) = (4.0 * off + 8.0 * x * x, 4.0 * off + 8.0 * y * y);
        let mixed = q_xy * w + q_x * w_y + q_y * w_x + q * 8.0 * x * y;
        let xx = q_xx * w + 2.0 * q_x * w_x + q * w_xx;
        let yy = q_yy * w + 2.0 * q_y * w_y + q * w_yy;
        DMatrix::from_row_slice(2, 2, &[xx, mixed, mixed, yy]) * (0.125 * self.h0)
    }

    /// Two points of the ring stand for all: φ = 0 and φ = π, the extremes of the curvature.
    fn critical_points(&self) -> Vec<CriticalPoint> {
        [1.0, -1.0]
            .map(|x| CriticalPoint {
                kind: Kind::Minimum,
                theta: vec![x, 0.0],
                value: 0.0,
            })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_modulation_it_is_the_plain_ring() {
        let ring = Ring::new(2.0, 0.0).unwrap();
        let (x, y) = (0.6, -0.3);
        let off: f64 = x * x + y * y - 1.0;
        assert!((ring.value(&[x, y]) - off * off / 4.0).abs() < 1e-16);
        let mut slope = [0.0; 2];
        ring.gradient(&[x, y], 1, &mut slope);
        assert!((slope[0] - x * off).abs() < 1e-16 && (slope[1] - y * off).abs() < 1e-16);
    }

    #[test]
    fn the_curvature_across_the_ring_is_modulated_and_none_lies_along_it() {
        let (h0, a) = (3.0, 0.6);
        let ring = Ring::new(h0, a).unwrap();
        for step in 0..12 {
            let phi = f64::from(step) * 0.5;
            let theta = [phi.cos(), phi.sin()];
            let hessian = ring.hessian(&theta);
            let across = nalgebra::DVector::from_row_slice(&theta);
            let along = nalgebra::DVector::from_row_slice(&[-theta[1], theta[0]]);
            let expected = h0 * (1.0 + a * phi.cos());
            // |θ| = 1 only to rounding; the Hessian's entries are below 10 h₀.
            let allowance = 100.0 * f64::EPSILON * h0;
            assert!(((&hessian * &across).dot(&across) - expected).abs() < allowance);
            assert!((&hessian * along).amax() < allowance);
        }
    }

    #[test]
    fn too_strong_a_modulation_is_refused() {
        assert!(Ring::new(1.0, 0.95).is_err());
        assert!(Ring::new(1.0, f64::NAN).is_err());
        assert!(Ring::new(-1.0, 0.0).is_err());
    }
}
