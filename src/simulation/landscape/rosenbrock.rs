//! Rosenbrock's curved valley, s Σ [(a − x)² + b (y − x²)²] over pairs of coordinates.

use nalgebra::DMatrix;

use super::{CriticalPoint, Gradient, Kind, Landscape};
use crate::float::Float;
use base::error::{Error, Result};

/// L(θ) = s Σⱼ [(a − xⱼ)² + b (yⱼ − xⱼ²)²], xⱼ = θ₂ⱼ, yⱼ = θ₂ⱼ₊₁: uncoupled pairs, each with
/// its one critical point, a minimum at (a, a²).
///
/// Source: Rosenbrock, The Computer Journal 3 (1960) 175 (a = 1, b = 100, s = 1, d = 2).
#[derive(Clone, Debug, PartialEq)]
pub struct Rosenbrock {
    a: f64,
    b: f64,
    scale: f64,
    dim: usize,
}

impl Rosenbrock {
    /// The valley of `dim` coordinates, minimum (a, a²), stiffness b, overall factor s.
    ///
    /// # Errors
    /// `dim` is not an even number of at least 2, `a` is not finite, or `b` or `scale` is not
    /// positive and finite.
    pub fn new(a: f64, b: f64, scale: f64, dim: usize) -> Result<Self> {
        if dim == 0 || !dim.is_multiple_of(2) {
            return Err(Error::Input(format!(
                "dim = {dim}: rosenbrock is made of pairs of coordinates; give an even dim >= 2"
            )));
        }
        if !a.is_finite() {
            return Err(Error::Input(format!(
                "a = {a}: the minimum lies at (a, a^2), so a must be finite"
            )));
        }
        for (name, number) in [("b", b), ("scale", scale)] {
            if !(number.is_finite() && number > 0.0) {
                return Err(Error::Input(format!(
                    "{name} = {number}: must be positive and finite, else (a, a^2) is no minimum"
                )));
            }
        }
        Ok(Self { a, b, scale, dim })
    }
}

impl<F: Float> Gradient<F> for Rosenbrock {
    #[inline(always)]
    fn gradient(&self, theta: &[F], lanes: usize, gradient: &mut [F]) {
        let (a, b, two) = (F::of(self.a), F::of(self.b), F::of(2.0));
        let twice = two * F::of(self.scale);
        for (point, slope) in theta
            .chunks_exact(2 * lanes)
            .zip(gradient.chunks_exact_mut(2 * lanes))
        {
            let (xs, ys) = point.split_at(lanes);
            let (gxs, gys) = slope.split_at_mut(lanes);
            for (((gx, gy), &x), &y) in gxs.iter_mut().zip(gys).zip(xs).zip(ys) {
                let across = b * (y - x * x);
                *gx = twice * ((x - a) - two * across * x);
                *gy = twice * across;
            }
        }
    }
}

impl Landscape for Rosenbrock {
    fn name(&self) -> &'static str {
        "rosenbrock"
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn value(&self, theta: &[f64]) -> f64 {
        let sum: f64 = theta
            .chunks_exact(2)
            .map(|pair| {
                let along = self.a - pair[0];
                let across = pair[1] - pair[0] * pair[0];
                along * along + self.b * across * across
            })
            .sum();
        self.scale * sum
    }

    fn hessian(&self, theta: &[f64]) -> DMatrix<f64> {
        let mut hessian = DMatrix::zeros(self.dim, self.dim);
        let twice = 2.0 * self.scale;
        for (j, pair) in theta.chunks_exact(2).enumerate() {
            let (x, y, i) = (pair[0], pair[1], 2 * j);
            hessian[(i, i)] = twice * (1.0 + self.b * (6.0 * x * x - 2.0 * y));
            hessian[(i, i + 1)] = -2.0 * twice * self.b * x;
            hessian[(i + 1, i)] = hessian[(i, i + 1)];
            hessian[(i + 1, i + 1)] = twice * self.b;
        }
        hessian
    }

    #[inline(always)]
    fn hessian_diagonal(&self, theta: &[f64], lanes: usize, diagonal: &mut [f64]) {
        let twice = 2.0 * self.scale;
        for (point, curvature) in theta
            .chunks_exact(2 * lanes)
            .zip(diagonal.chunks_exact_mut(2 * lanes))
        {
            let (xs, ys) = point.split_at(lanes);
            let (hxs, hys) = curvature.split_at_mut(lanes);
            for ((h, x), y) in hxs.iter_mut().zip(xs).zip(ys) {
                *h = twice * (1.0 + self.b * (6.0 * x * x - 2.0 * y));
            }
            hys.fill(twice * self.b);
        }
    }

    fn critical_points(&self) -> Vec<CriticalPoint> {
        let theta: Vec<f64> = (0..self.dim)
            .map(|i| if i % 2 == 0 { self.a } else { self.a * self.a })
            .collect();
        vec![CriticalPoint {
            kind: Kind::Minimum,
            value: self.value(&theta),
            theta,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classic_start_has_its_known_value() {
        let classic = Rosenbrock::new(1.0, 100.0, 1.0, 2).unwrap();
        assert!((classic.value(&[-1.2, 1.0]) - 24.2).abs() < 1e-13);
        let twice = Rosenbrock::new(1.0, 100.0, 1.0, 4).unwrap();
        assert!((twice.value(&[-1.2, 1.0, -1.2, 1.0]) - 48.4).abs() < 1e-13);
    }

    #[test]
    fn odd_dimensions_and_soft_walls_are_refused() {
        for (b, scale, dim, reason) in [
            (100.0, 1.0, 3, "even"),
            (100.0, 1.0, 0, "even"),
            (0.0, 1.0, 2, "b = 0"),
            (1.0, f64::INFINITY, 2, "scale = inf"),
        ] {
            let message = Rosenbrock::new(1.0, b, scale, dim).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
    }
}
