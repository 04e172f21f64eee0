//! Runs a surface's block methods with the widest vector instructions of this machine.

use nalgebra::DMatrix;
use pulp::{Arch, Simd, WithSimd};

use super::{CriticalPoint, Gradient, Landscape, Structure};

/// `inner` with its block methods compiled once per instruction set (scalar, AVX2, AVX-512) and
/// chosen at run time. The bits are those of `inner`: the loops do the same operations in the same
/// order per lane, and none is contracted into a fused multiply–add.
#[derive(Clone, Debug)]
pub struct Vectorised<L> {
    inner: L,
    arch: Arch,
}

impl<L: Landscape> Vectorised<L> {
    /// Wraps `inner` and finds out what this machine can do.
    pub fn new(inner: L) -> Self {
        Self {
            inner,
            arch: Arch::new(),
        }
    }
}

// A named operation and not a closure: only a function marked so is sure to be inlined into the
// code that has the wider instructions switched on.
struct Slope<'a, L, F> {
    surface: &'a L,
    theta: &'a [F],
    lanes: usize,
    out: &'a mut [F],
}

impl<L: Gradient<F>, F> WithSimd for Slope<'_, L, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        self.surface.gradient(self.theta, self.lanes, self.out);
    }
}

struct HessianDiagonal<'a, L> {
    surface: &'a L,
    theta: &'a [f64],
    lanes: usize,
    out: &'a mut [f64],
}

impl<L: Landscape> WithSimd for HessianDiagonal<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        self.surface
            .hessian_diagonal(self.theta, self.lanes, self.out);
    }
}

struct Values<'a, L> {
    surface: &'a L,
    theta: &'a [f64],
    lanes: usize,
    out: &'a mut [f64],
}

impl<L: Landscape> WithSimd for Values<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        self.surface.values(self.theta, self.lanes, self.out);
    }
}

struct Hessians<'a, L> {
    surface: &'a L,
    theta: &'a [f64],
    lanes: usize,
    out: &'a mut [f64],
}

impl<L: Landscape> WithSimd for Hessians<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        self.surface.hessians(self.theta, self.lanes, self.out);
    }
}

impl<L: Gradient<F>, F> Gradient<F> for Vectorised<L> {
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        self.arch.dispatch(Slope {
            surface: &self.inner,
            theta,
            lanes,
            out: gradient,
        });
    }
}

impl<L: Landscape> Landscape for Vectorised<L> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn value(&self, theta: &[f64]) -> f64 {
        self.inner.value(theta)
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        self.inner.hessian(theta)
    }

    fn separable(&self) -> bool {
        self.inner.separable()
    }

    fn hessian_diagonal(&self, theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        self.arch.dispatch(HessianDiagonal {
            surface: &self.inner,
            theta,
            lanes,
            out: diagonal,
        });
    }

    fn values(&self, theta: &[f64], lanes: usize, values: &mut [f64]) {
        self.arch.dispatch(Values {
            surface: &self.inner,
            theta,
            lanes,
            out: values,
        });
    }

    fn hessians(&self, theta: &[f64], lanes: usize, upper: &mut [f64]) {
        self.arch.dispatch(Hessians {
            surface: &self.inner,
            theta,
            lanes,
            out: upper,
        });
    }

    fn critical_points(&self) -> Vec<CriticalPoint> {
        self.inner.critical_points()
    }

    fn sought(&self) -> Option<String> {
        self.inner.sought()
    }

    fn structure(&self, low: f64, high: f64) -> Structure {
        self.inner.structure(low, high)
    }

    fn outside(&self, theta: &[f64]) -> Option<String> {
        self.inner.outside(theta)
    }
}
