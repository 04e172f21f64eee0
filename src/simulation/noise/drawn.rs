//! Additive noise of a given law in every coordinate, scaled to a variance.

use std::f64::consts::PI;

use serde::Serialize;

use super::{Oracle, Place};
use crate::landscape::Landscape;
use crate::random::{Purpose, open_uniform};

/// A symmetric law of one coordinate's noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrawnLaw {
    /// Normal.
    Gaussian,
    /// Student's t with ν > 2 degrees of freedom.
    Student(f64),
    /// Laplace's law, of density ∝ e^{−|x|}.
    Laplace,
    /// ±1 with equal chances.
    TwoPoint,
}

impl DrawnLaw {
    /// A number of variance 1 from two that are uniform on (0, 1).
    fn of(self, u: f64, v: f64) -> f64 {
        match self {
            DrawnLaw::Gaussian => (-2.0 * u.ln()).sqrt() * (2.0 * PI * v).cos(),
            // Bailey, Math. Comp. 62 (1994) 779: exact, as Box and Muller's is for ν → ∞.
            DrawnLaw::Student(nu) => {
                let square = (nu - 2.0) * ((-2.0 / nu * u.ln()).exp_m1());
                square.sqrt() * (2.0 * PI * v).cos()
            }
            DrawnLaw::Laplace => {
                let size = -u.ln() / 2f64.sqrt();
                if v < 0.5 { -size } else { size }
            }
            DrawnLaw::TwoPoint => {
                if v < 0.5 {
                    -1.0
                } else {
                    1.0
                }
            }
        }
    }
}

/// ∇L(θ) + σ times the mean of n draws of a law of variance 1, each cut at ±b.
pub struct Drawn {
    /// L.
    pub landscape: Box<dyn Landscape>,
    /// The law.
    pub shape: DrawnLaw,
    /// σ.
    pub scale: f64,
    /// n.
    pub mean_of: u64,
    /// b, in units of the noise; ∞ cuts nothing.
    pub bound: f64,
}

impl Oracle for Drawn {
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
        let n = self.mean_of;
        for (i, row) in gradient.chunks_exact_mut(at.lanes).enumerate() {
            for ((g, particle), step) in row.iter_mut().zip(at.particle).zip(at.step) {
                let one = |k: u64| {
                    let index = i as u64 * n + k;
                    let (a, b) = at.stream.bits(Purpose::Fresh, *particle, *step, index);
                    let x = self.scale * self.shape.of(open_uniform(a), open_uniform(b));
                    x.clamp(-self.bound, self.bound)
                };
                *g += (0..n).map(one).sum::<f64>() / n as f64;
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

    /// Seed 8, n = 400,000: variance and chance beyond two standard deviations within five of their own
    /// (α = 6e-7 each). The chances are those of the laws; Student's with ν = 5 is P(|t| > 2√(5/3)).
    #[test]
    fn noise_has_its_variance_and_its_tail() {
        let lanes = 400_000;
        let particle: Vec<u64> = (0..lanes as u64).collect();
        let (theta, step, stream) = (vec![0.0; lanes], vec![3; lanes], Stream::new(8, 0));
        for (shape, fourth, beyond) in [
            (DrawnLaw::Gaussian, 3.0, 0.045_500),
            (DrawnLaw::Student(5.0), 9.0, 0.049_313),
            (DrawnLaw::Laplace, 6.0, (-2.0 * 2f64.sqrt()).exp()),
            (DrawnLaw::TwoPoint, 1.0, 0.0),
        ] {
            let surface = Quadratic::symmetric(DMatrix::from_element(1, 1, 1.0)).unwrap();
            let oracle = Drawn {
                landscape: Box::new(surface),
                shape,
                scale: 3.0,
                mean_of: 1,
                bound: f64::INFINITY,
            };
            let mut gradient = vec![0.0; lanes];
            let place = Place {
                lanes,
                theta: &theta,
                particle: &particle,
                step: &step,
                stream: &stream,
                normals: &[],
            };
            oracle.gradient(place, &mut gradient, &mut []);
            let n = lanes as f64;
            let variance = gradient.iter().map(|x| x * x).sum::<f64>() / n;
            let error = 9.0 * ((fourth - 1.0) / n).sqrt();
            assert!(
                (variance - 9.0).abs() <= 5.0 * error,
                "{shape:?}: {variance}"
            );
            let tail = gradient.iter().filter(|x| x.abs() > 6.0).count() as f64 / n;
            let error = (beyond * (1.0 - beyond) / n).sqrt();
            assert!(
                (tail - beyond).abs() <= 5.0 * error + 1e-6,
                "{shape:?}: {tail}"
            );
        }
    }
}
