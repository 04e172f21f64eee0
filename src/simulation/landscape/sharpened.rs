//! Any surface made sharper: L(√k θ), the same barrier with k times the curvature.

use std::cell::Cell;

use nalgebra::DMatrix;
use pulp::bytemuck::cast_slice_mut;

use super::{CriticalPoint, Gradient, Landscape, Structure};
use crate::float::Float;
use base::error::{Error, Result};

thread_local! {
    // √k θ of the block at hand, of either precision; kept between calls, since a step must not allocate.
    static SCALED: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// L_k(θ) = L(√k θ): H → kH, critical points and kinks → 1/√k of their place, values unchanged.
///
/// For k a power of 4 the map is exact in bits: √k is a power of 2.
///
/// Source: Adaptive Inertia (Xie et al. 2022), Fig. 6, where k is the relative sharpness.
#[derive(Clone, Debug, PartialEq)]
pub struct Sharpened<L> {
    inner: L,
    sharpness: f64,
    root: f64,
}

impl<L: Landscape> Sharpened<L> {
    /// `inner` with its Hessian multiplied by `sharpness`.
    ///
    /// # Errors
    /// `sharpness` is not positive and finite.
    pub fn new(inner: L, sharpness: f64) -> Result<Self> {
        if !(sharpness.is_finite() && sharpness > 0.0) {
            return Err(Error::Input(format!(
                "sharpness = {sharpness}: k stretches the coordinates by its root, so it must be \
                 positive and finite"
            )));
        }
        Ok(Self {
            inner,
            sharpness,
            root: sharpness.sqrt(),
        })
    }

    fn stretch(&self, theta: &[f64]) -> Vec<f64> {
        theta.iter().map(|x| self.root * x).collect()
    }
}

impl<L: Gradient<F>, F: Float> Gradient<F> for Sharpened<L> {
    #[inline(always)]
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        // Taken, not borrowed: a surface sharpened twice comes here again below.
        let mut memory = SCALED.take();
        memory.resize(theta.len(), 0.0);
        let scaled: &mut [F] = &mut cast_slice_mut(&mut memory)[..theta.len()];
        let root = F::of(self.root);
        for (y, x) in scaled.iter_mut().zip(theta) {
            *y = root * *x;
        }
        self.inner.gradient(scaled, lanes, gradient);
        for g in gradient.iter_mut() {
            *g *= root;
        }
        SCALED.set(memory);
    }
}

impl<L: Landscape> Landscape for Sharpened<L> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn value(&self, theta: &[f64]) -> f64 {
        self.inner.value(&self.stretch(theta))
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        self.inner.hessian(&self.stretch(theta)) * self.sharpness
    }

    fn separable(&self) -> bool {
        self.inner.separable()
    }

    #[inline(always)]
    fn hessian_diagonal(&self, theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        let mut scaled = SCALED.take();
        scaled.resize(theta.len(), 0.0);
        for (y, x) in scaled.iter_mut().zip(theta) {
            *y = self.root * x;
        }
        self.inner.hessian_diagonal(&scaled, lanes, diagonal);
        for h in diagonal.iter_mut() {
            *h *= self.sharpness;
        }
        SCALED.set(scaled);
    }

    #[inline(always)]
    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) {
        let mut scaled = SCALED.take();
        scaled.resize(theta.len(), 0.0);
        for (y, x) in scaled.iter_mut().zip(theta) {
            *y = self.root * x;
        }
        self.inner.values(&scaled, lanes, values);
        SCALED.set(scaled);
    }

    fn hessians(&self, theta: &[f64], lanes: usize, upper: &mut [f64]) {
        let scaled: Vec<f64> = self.stretch(theta);
        self.inner.hessians(&scaled, lanes, upper);
        upper.iter_mut().for_each(|h| *h *= self.sharpness);
    }

    fn critical_points(&self) -> Vec<CriticalPoint> {
        let mut points = self.inner.critical_points();
        for point in &mut points {
            for x in &mut point.theta {
                *x /= self.root;
            }
        }
        points
    }

    fn sought(&self) -> Option<String> {
        self.inner.sought()
    }

    fn structure(&self, low: f64, high: f64) -> Structure {
        let [low, high] = [low, high].map(|x| x * self.root);
        self.inner.structure(low, high).divided(self.root)
    }

    fn outside(&self, theta: &[f64]) -> Option<String> {
        let inner: Vec<f64> = theta.iter().map(|x| self.root * x).collect();
        self.inner.outside(&inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{barrier, rosenbrock::Rosenbrock, styblinski_tang::StyblinskiTang};
    use super::*;

    #[test]
    fn a_power_of_four_is_exact_in_bits() {
        let plain = StyblinskiTang::new(5).unwrap();
        let theta = [-2.9, 0.31, 1.0 / 3.0, 2.7, -1e-3];
        let mut slope = [0.0; 5];
        plain.gradient(&theta, 1, &mut slope);
        for (k, root) in [(4.0, 2.0), (16.0, 4.0), (0.25, 0.5)] {
            let sharp = Sharpened::new(plain.clone(), k).unwrap();
            let shrunk = theta.map(|x| x / root);
            let mut sharp_slope = [0.0; 5];
            sharp.gradient(&shrunk, 1, &mut sharp_slope);
            assert_eq!(sharp_slope, slope.map(|g| g * root));
            assert_eq!(sharp.hessian(&shrunk), plain.hessian(&theta) * k);
            assert_eq!(sharp.value(&shrunk), plain.value(&theta));
        }
    }

    #[test]
    fn the_barrier_stays_and_the_curvature_grows() {
        let plain = StyblinskiTang::new(10).unwrap();
        let [minimum, saddle] = barrier(&plain).unwrap();
        let [lower, upper] = barrier(&Sharpened::new(plain, 2.0).unwrap()).unwrap();
        assert_eq!(upper.value - lower.value, saddle.value - minimum.value);
        assert_eq!(upper.theta[0], saddle.theta[0] / 2.0f64.sqrt());
    }

    #[test]
    fn sharpening_twice_multiplies() {
        let once = Sharpened::new(Rosenbrock::new(1.0, 5.0, 1.0, 2).unwrap(), 16.0).unwrap();
        let twice = Sharpened::new(
            Sharpened::new(Rosenbrock::new(1.0, 5.0, 1.0, 2).unwrap(), 4.0).unwrap(),
            4.0,
        )
        .unwrap();
        let theta = [0.3, 0.2, -0.1, 0.4];
        let (mut first, mut second) = ([0.0; 4], [0.0; 4]);
        once.gradient(&theta, 2, &mut first);
        twice.gradient(&theta, 2, &mut second);
        assert_eq!(first, second);
    }

    #[test]
    fn no_sharpness_is_refused() {
        for k in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let message = Sharpened::new(StyblinskiTang::new(1).unwrap(), k)
                .unwrap_err()
                .to_string();
            assert!(message.contains("sharpness"), "{message}");
        }
    }
}
