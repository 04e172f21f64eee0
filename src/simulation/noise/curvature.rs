//! Independent Gaussian noise of each coordinate whose variance follows the curvature along it.

use super::{Oracle, Place};
use crate::landscape::Landscape;
use crate::vectorised::vectorised;

/// gᵢ = ∂ᵢL + √(sᵢ|∂ᵢ²L(θ)| + cᵢ) ξᵢ.
///
/// With s the same across a manifold of minima and 0 along it this is the noise that random labels make
/// (Blanc et al. 2020; Li, Wang and Arora 2022), with s = 0 a constant diagonal one, in which a coordinate
/// may be free of noise.
pub struct Curvature {
    landscape: Box<dyn Landscape>,
    shaped: Vec<f64>,
    constant: Vec<f64>,
}

impl Curvature {
    /// sᵢ ≥ 0 and cᵢ ≥ 0, one of each for every coordinate.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them.
    pub fn new(
        landscape: Box<dyn Landscape>,
        shaped: Vec<f64>,
        constant: Vec<f64>,
    ) -> Result<Self, String> {
        let dim = landscape.dim();
        let right =
            |list: &[f64]| list.len() == dim && list.iter().all(|x| (0.0..1e300).contains(x));
        if right(&shaped) && right(&constant) {
            return Ok(Curvature {
                landscape,
                shaped,
                constant,
            });
        }
        Err(format!(
            "the noise needs {dim} factors and {dim} variances, none below 0; got {shaped:?} and {constant:?}"
        ))
    }
}

impl Oracle for Curvature {
    fn dim(&self) -> usize {
        self.landscape.dim()
    }

    fn normals(&self) -> usize {
        self.landscape.dim()
    }

    fn scratch(&self, lanes: usize) -> usize {
        self.landscape.dim() * lanes
    }

    fn gradient(&self, at: Place<'_>, gradient: &mut [f64], scratch: &mut [f64]) {
        self.landscape.gradient(at.theta, at.lanes, gradient);
        let diagonal = &mut scratch[..gradient.len()];
        if self.shaped.iter().any(|s| *s > 0.0) {
            self.landscape
                .hessian_diagonal(at.theta, at.lanes, diagonal);
        }
        let rows = gradient
            .chunks_exact_mut(at.lanes)
            .zip(diagonal.chunks_exact(at.lanes))
            .zip(at.normals.chunks_exact(at.lanes));
        for (((row, curvature), normals), (s, c)) in
            rows.zip(self.shaped.iter().zip(&self.constant))
        {
            if *s == 0.0 {
                let deviation = c.sqrt();
                vectorised!(|row| for (g, xi) in row.iter_mut().zip(normals) {
                    *g += deviation * xi;
                });
                continue;
            }
            vectorised!(
                |row| for ((g, h), xi) in row.iter_mut().zip(curvature).zip(normals) {
                    *g += (s * h.abs() + c).sqrt() * xi;
                }
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::valley::Valley;
    use crate::random::Stream;

    #[test]
    fn the_deviation_follows_the_curvature() {
        let valley = || Box::new(Valley::new(1.0, 1.0).unwrap());
        let noise = Curvature::new(valley(), vec![0.0, 2.0], vec![0.25, 1.0]).unwrap();
        let stream = Stream::new(1, 2);
        let at = Place {
            lanes: 2,
            theta: &[2.0, 0.0, 0.5, 0.0],
            particle: &[0, 1],
            step: &[0, 0],
            stream: &stream,
            normals: &[1.0, -1.0, 1.0, -2.0],
            live: &[],
        };
        let mut gradient = [f64::NAN; 4];
        noise.gradient(at, &mut gradient, &mut [0.0; 4]);
        // ∇L = (uv², (1 + u²)v); deviations ½ and √(2(1 + u²) + 1).
        let expected = [0.5 + 0.5, -0.5, 2.5 + 11f64.sqrt(), -2.0 * 3f64.sqrt()];
        for (g, e) in gradient.iter().zip(expected) {
            assert!((g - e).abs() < 1e-15, "{gradient:?}");
        }
        assert!(Curvature::new(valley(), vec![0.0], vec![0.0, 0.0]).is_err());
        assert!(Curvature::new(valley(), vec![0.0, -1.0], vec![0.0, 0.0]).is_err());
    }
}
