//! Heavy-tailed gradients: symmetric α-stable noise of every coordinate.

use std::f64::consts::PI;

use super::{Oracle, Place};
use crate::landscape::Landscape;
use crate::random::{Purpose, open_uniform};

/// ∇L(θ) + σS, S symmetric α-stable with E e^{iuS} = e^{−|u|^α}.
///
/// α = 2 is Gaussian noise of variance 2σ², α = 1 Cauchy's law. Below 2 the variance is infinite, and SGD leaves a
/// valley by a single jump: its exit time grows like a power of 1/η and of the valley's width, and not
/// exponentially with its depth.
pub struct Stable {
    landscape: Box<dyn Landscape>,
    alpha: f64,
    scale: f64,
}

impl Stable {
    /// Index 0 < α ≤ 2 and scale σ ≥ 0.
    pub fn new(landscape: Box<dyn Landscape>, alpha: f64, scale: f64) -> Self {
        Stable {
            landscape,
            alpha,
            scale,
        }
    }
}

/// A symmetric α-stable number from two uniform ones (Chambers, Mallows and Stuck 1976):
/// S = sin αV/(cos V)^{1/α} · (cos (1 − α)V/W)^{(1 − α)/α}, V uniform on (−π/2, π/2), W exponential.
pub(super) fn stable(alpha: f64, u: f64, v: f64) -> f64 {
    let angle = PI * (v - 0.5);
    let exponential = -u.ln();
    let size = (((1.0 - alpha) * angle).cos() / exponential).powf((1.0 - alpha) / alpha);
    (alpha * angle).sin() / angle.cos().powf(1.0 / alpha) * size
}

impl Oracle for Stable {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn normals(&self) -> usize {
        0
    }

    fn scratch(&self, _: usize) -> usize {
        0
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], _: &mut [f64]) {
        self.landscape.gradient(at.theta, at.lanes, gradient);
        for (i, row) in gradient.chunks_exact_mut(at.lanes).enumerate() {
            for ((g, particle), step) in row.iter_mut().zip(at.particle).zip(at.step) {
                let (a, b) = at.stream.bits(Purpose::Fresh, *particle, *step, i as u64);
                *g += self.scale * stable(self.alpha, open_uniform(a), open_uniform(b));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::quadratic::Quadratic;
    use crate::random::Stream;
    use nalgebra::DMatrix;

    /// Seed 8, n = 200 000, three places of the characteristic function each: five standard errors, α = 6e-7.
    #[test]
    fn noise_has_its_characteristic_function() {
        let lanes = 200_000;
        let particle: Vec<u64> = (0..lanes as u64).collect();
        let (theta, step, stream) = (vec![0.0; lanes], vec![3; lanes], Stream::new(8, 0));
        for alpha in [0.7, 1.0, 1.5, 2.0] {
            let surface = Quadratic::symmetric(DMatrix::from_element(1, 1, 1.0)).unwrap();
            let oracle = Stable::new(Box::new(surface), alpha, 2.0);
            let mut gradient = vec![0.0; lanes];
            let place = Place {
                lanes,
                theta: &theta,
                particle: &particle,
                step: &step,
                stream: &stream,
                normals: &[],
                live: &[],
            };
            oracle.gradient(place, &mut gradient, &mut []);
            for u in [0.1, 0.5, 1.0] {
                let cosines = || gradient.iter().map(|g| (u * g / 2.0).cos());
                let n = lanes as f64;
                let mean = cosines().sum::<f64>() / n;
                let square = cosines().map(|c| c * c).sum::<f64>() / n;
                let error = ((square - mean * mean) / n).sqrt();
                let exact = (-f64::powf(u, alpha)).exp();
                assert!(
                    (mean - exact).abs() < 5.0 * error,
                    "{alpha} {u}: {mean} {exact}"
                );
            }
        }
    }
}
