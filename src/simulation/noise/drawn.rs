//! Additive noise: numbers of a law, times a size that may depend on where a particle is, added to a gradient.

use nalgebra::DMatrix;

use super::covariance::{CovarianceField, Factor};
use super::laws::Draws;
use super::{Oracle, Place};
use crate::vectorised::vectorised;

/// What multiplies the numbers of a law.
pub enum Size {
    /// The same number everywhere.
    Deviation(f64),
    /// F of a constant C = FFᵀ, lower triangular.
    Factor(DMatrix<f64>),
    /// A formula.
    Field(Box<CovarianceField>),
}

/// g = g₀ + C^½ξ, g₀ the gradient of another oracle and ξ the means of draws of a law, one for each coordinate.
///
/// Where C is a full matrix C^½ is its lower-triangular factor, so that ξ other than normal makes a law of its own.
pub struct Drawn {
    /// To what is added.
    pub inner: Box<dyn Oracle>,
    /// ξ.
    pub draws: Draws,
    /// C^½.
    pub size: Size,
    /// Which of the noises that add it is, from 0: each draws numbers of its own.
    pub part: u64,
}

impl Drawn {
    fn rows(&self) -> usize {
        if self.draws.is_normal() {
            0
        } else {
            self.dim()
        }
    }
}

impl Oracle for Drawn {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn normals(&self) -> usize {
        let own = if self.draws.is_normal() {
            self.dim()
        } else {
            0
        };
        self.inner.normals() + own
    }

    fn scratch(&self, lanes: usize) -> usize {
        let own = match &self.size {
            Size::Field(field) => field.scratch(lanes),
            _ => 0,
        };
        self.inner.scratch(lanes).max(own + self.rows() * lanes)
    }

    fn fault(&self) -> Option<String> {
        let own = match &self.size {
            Size::Field(field) => field.fault(),
            _ => None,
        };
        self.inner.fault().or(own)
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        let lanes = at.lanes;
        let (theirs, normals) = at.normals.split_at(self.inner.normals() * lanes);
        let inner = Place {
            normals: theirs,
            ..at
        };
        self.inner.gradient(inner, gradient, scratch);
        let (drawn, scratch) = scratch.split_at_mut(self.rows() * lanes);
        let (numbers, factor) = if self.draws.is_normal() {
            (normals, self.draws.normal_factor())
        } else {
            let own = (self.part > 0).then(|| at.stream.part(self.part));
            let stream = own.as_ref().unwrap_or(at.stream);
            let address = (at.particle, at.step);
            self.draws.fill(stream, address, self.dim(), drawn);
            (&*drawn, 1.0)
        };
        match &self.size {
            Size::Deviation(sigma) => {
                let sigma = factor * sigma;
                vectorised!(|gradient| for (g, xi) in gradient.iter_mut().zip(numbers) {
                    *g += sigma * xi;
                });
            }
            Size::Factor(matrix) => {
                vectorised!(
                    |gradient| for (i, row) in gradient.chunks_exact_mut(lanes).enumerate() {
                        for (j, xi) in numbers.chunks_exact(lanes).enumerate().take(i + 1) {
                            let f = factor * matrix[(i, j)];
                            for (g, x) in row.iter_mut().zip(xi) {
                                *g += f * x;
                            }
                        }
                    }
                );
            }
            Size::Field(field) => match field.evaluate(&at, scratch) {
                Factor::Alike(size) => {
                    vectorised!(|gradient| for (row, xi) in gradient
                        .chunks_exact_mut(lanes)
                        .zip(numbers.chunks_exact(lanes))
                    {
                        for ((g, x), s) in row.iter_mut().zip(xi).zip(size) {
                            *g += factor * s * x;
                        }
                    });
                }
                Factor::Diagonal(size) => {
                    vectorised!(|gradient| for ((g, x), s) in
                        gradient.iter_mut().zip(numbers).zip(size)
                    {
                        *g += factor * s * x;
                    });
                }
                Factor::Lower(lower) => {
                    vectorised!(|gradient| for (i, row) in
                        gradient.chunks_exact_mut(lanes).enumerate()
                    {
                        let own = &lower[i * (i + 1) / 2 * lanes..];
                        let pairs = own.chunks_exact(lanes).zip(numbers.chunks_exact(lanes));
                        for (f, xi) in pairs.take(i + 1) {
                            for ((g, x), f) in row.iter_mut().zip(xi).zip(f) {
                                *g += factor * f * x;
                            }
                        }
                    });
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DrawnLaw, Exact};
    use super::*;
    use crate::landscape::quadratic::Quadratic;
    use crate::random::Stream;

    /// The noise of size 3 of so many particles at θ = 0, where ∇L = 0.
    fn drawn(law: DrawnLaw, mean_of: u64, bound: Option<f64>, lanes: usize) -> Vec<f64> {
        let particle: Vec<u64> = (0..lanes as u64).collect();
        let (theta, step, stream) = (vec![0.0; lanes], vec![3; lanes], Stream::new(8, 0));
        let surface = Quadratic::symmetric(DMatrix::from_element(1, 1, 1.0)).unwrap();
        let oracle = Drawn {
            inner: Box::new(Exact(Box::new(surface))),
            draws: Draws::new(law, mean_of, bound).unwrap(),
            size: Size::Deviation(3.0),
            part: 1,
        };
        let normals: Vec<f64> = Vec::new();
        let place = Place {
            lanes,
            theta: &theta,
            particle: &particle,
            step: &step,
            stream: &stream,
            normals: &normals,
            live: &[],
        };
        let mut gradient = vec![0.0; lanes];
        oracle.gradient(place, &mut gradient, &mut vec![0.0; oracle.scratch(lanes)]);
        gradient
    }

    /// Variance, fourth moment and chance beyond 6 = 2 × 3.
    fn agree(name: &str, found: &[f64], variance: f64, kurtosis: f64, beyond: f64) {
        let n = found.len() as f64;
        let second = found.iter().map(|x| x * x).sum::<f64>() / n;
        let error = variance * ((kurtosis - 1.0) / n).sqrt();
        assert!(
            (second - variance).abs() <= 5.0 * error + 1e-12,
            "{name}: {second} {variance}"
        );
        let tail = found.iter().filter(|x| x.abs() > 6.0).count() as f64 / n;
        let error = (beyond * (1.0 - beyond) / n).sqrt();
        assert!(
            (tail - beyond).abs() <= 5.0 * error + 1e-6,
            "{name}: {tail}"
        );
    }

    /// Seed 8, n = 400,000: variance and chance beyond two standard deviations within five of their own
    /// (α = 6e-7 each). The chances are those of the laws; Student's with ν = 5 is P(|t| > 2√(5/3)).
    #[test]
    fn noise_has_its_variance_and_its_tail() {
        for (law, kurtosis, beyond) in [
            (DrawnLaw::Student(5.0), 9.0, 0.049_313),
            (DrawnLaw::Laplace, 6.0, (-2.0 * 2f64.sqrt()).exp()),
            (DrawnLaw::TwoPoint, 1.0, 0.0),
        ] {
            agree(
                &format!("{law:?}"),
                &drawn(law, 1, None, 400_000),
                9.0,
                kurtosis,
                beyond,
            );
        }
    }

    /// Seed 8, n = 200,000. The mean of four has a quarter of the variance, and kurtosis 3 + (κ − 3)/4; all by the same errors.
    /// P(|x| > 6) of four draws of Laplace's law: x = (3/4)Σ, the density of a sum of four of scale b is
    /// e^{−z}(z³ + 6z² + 15z + 15)/(96b), z = |x|/b: beyond z it is e^{−z}(z³ + 9z² + 33z + 48)/48.
    #[test]
    fn the_mean_of_several_draws_is_no_draw_of_the_law() {
        let z = 8.0 * 2f64.sqrt();
        let beyond = (-z).exp() * (z.powi(3) + 9.0 * z * z + 33.0 * z + 48.0) / 48.0;
        let found = drawn(DrawnLaw::Laplace, 4, None, 200_000);
        agree("laplace", &found, 9.0 / 4.0, 3.75, beyond);
        // ±1 four times over: P(±1) = 1/16 each.
        let found = drawn(DrawnLaw::TwoPoint, 4, None, 200_000);
        let far = found.iter().filter(|x| x.abs() > 2.9).count() as f64 / 200_000.0;
        assert!(
            (far - 0.125).abs() < 5.0 * (0.125f64 * 0.875 / 2e5).sqrt(),
            "{far}"
        );
    }

    /// Seed 8, n = 200,000, E cos(uS) = e^{−|u|^α} at the scale B^{1/α − 1} of the mean of B = 16 draws, within five standard
    /// errors (α = 6e-7 each).
    #[test]
    fn the_mean_of_stable_draws_is_stable() {
        for alpha in [0.7, 1.0, 1.5] {
            let found = drawn(DrawnLaw::Stable(alpha), 16, None, 200_000);
            let scale = 3.0 * 16f64.powf(1.0 / alpha - 1.0);
            for u in [0.3, 1.0] {
                let cosines: Vec<f64> = found.iter().map(|x| (u * x / scale).cos()).collect();
                let n = cosines.len() as f64;
                let mean = cosines.iter().sum::<f64>() / n;
                let square = cosines.iter().map(|c| c * c).sum::<f64>() / n;
                let error = ((square - mean * mean) / n).sqrt();
                let exact = (-f64::powf(u, alpha)).exp();
                assert!(
                    (mean - exact).abs() < 5.0 * error,
                    "{alpha} {u}: {mean} {exact}"
                );
            }
        }
    }

    /// Seed 8, n = 200,000. A law within its bound has the variance that was asked for: the normal one within ±1 standard
    /// deviation, rescaled by its own closed form 1 − 2bφ(b)/(2Φ(b) − 1) = 0.2911251; nothing lies beyond 3/√0.2911251.
    /// Kurtoses are at most (b²/v)², by which the error is bounded.
    #[test]
    fn a_bounded_law_keeps_its_variance() {
        let within: f64 = 0.291_125_1;
        for (law, bound, own) in [
            (DrawnLaw::Gaussian, 1.0, Some(within)),
            (DrawnLaw::Student(3.0), 2.0, None),
            (DrawnLaw::Laplace, 0.5, None),
            (DrawnLaw::Student(5.0), 1e6, Some(1.0)),
        ] {
            let found = drawn(law, 1, Some(bound), 200_000);
            let n = found.len() as f64;
            let second = found.iter().map(|x| x * x).sum::<f64>() / n;
            let fourth = found.iter().map(|x| x.powi(4)).sum::<f64>() / n;
            let error = ((fourth - second * second) / n).sqrt();
            assert!((second - 9.0).abs() <= 5.0 * error, "{law:?}: {second}");
            let most = found.iter().fold(0.0f64, |m, x| m.max(x.abs()));
            if let Some(own) = own {
                let edge = 3.0 * bound / f64::sqrt(own);
                assert!(most <= edge * (1.0 + 1e-6), "{law:?}: {most} {edge}");
                assert!(
                    bound > 100.0 || most > 0.999 * edge,
                    "{law:?}: {most} {edge}"
                );
            }
        }
        let cauchy = drawn(DrawnLaw::Stable(1.0), 1, Some(4.0), 20_000);
        assert!(cauchy.iter().all(|x| x.abs() <= 12.0));
        assert!(Draws::new(DrawnLaw::TwoPoint, 1, Some(0.5)).is_err());
        assert!(Draws::new(DrawnLaw::Gaussian, 1, Some(0.01)).is_err());
        assert_eq!(
            Draws::new(DrawnLaw::Stable(1.5), 1, None)
                .unwrap()
                .variance(),
            None
        );
        assert_eq!(
            Draws::new(DrawnLaw::Stable(2.0), 4, None)
                .unwrap()
                .variance(),
            Some(0.5)
        );
    }
}
