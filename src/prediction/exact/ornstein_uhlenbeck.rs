//! The overdamped diffusion of SGD on a quadratic: dθ = −Hθ dt + √(ηC) dW.

use nalgebra::{DMatrix, SymmetricEigen};

use super::linear::Quadratic;
use crate::scaled::Scaled;

/// Its covariance in closed form, on minima, saddles and flat directions alike.
///
/// In the eigenbasis of H the covariance at time t is ηCᵢⱼ(1 − e^{−(hᵢ+hⱼ)t})/(hᵢ + hⱼ), and ηCᵢⱼt
/// where hᵢ + hⱼ = 0. PNM, eq. 13, and Adaptive Inertia, eq. 1, with one step per time η.
#[derive(Clone, Debug)]
pub struct OrnsteinUhlenbeck {
    /// H = V diag(h) Vᵀ.
    eigen: SymmetricEigen<f64, nalgebra::Dyn>,
    /// VᵀCV.
    noise: DMatrix<f64>,
    eta: f64,
}

impl OrnsteinUhlenbeck {
    /// The diffusion of SGD at learning rate η.
    pub fn new(quadratic: &Quadratic, eta: f64) -> Self {
        let eigen = SymmetricEigen::new(quadratic.hessian().clone());
        let axes = &eigen.eigenvectors;
        Self {
            noise: axes.transpose() * quadratic.noise() * axes,
            eigen,
            eta,
        }
    }

    /// Cov θ at time t from a point.
    pub fn covariance(&self, t: f64) -> DMatrix<f64> {
        self.in_axes(|rate| {
            if rate == 0.0 {
                Scaled::of(t)
            } else {
                Scaled::exp_m1((Scaled::of(-rate) * t).value()) / -rate
            }
        })
    }

    /// Cov θ in the long run, which solves ΣH + HΣ = ηC; `None` unless H is positive definite.
    pub fn stationary(&self) -> Option<DMatrix<f64>> {
        let settles = self.eigen.eigenvalues.iter().all(|h| *h > 0.0);
        settles.then(|| self.in_axes(|rate| 1.0 / rate))
    }

    /// V (ηVᵀCV ∘ f(hᵢ + hⱼ)) Vᵀ.
    fn in_axes<N: Into<Scaled>>(&self, factor: impl Fn(f64) -> N) -> DMatrix<f64> {
        let h = &self.eigen.eigenvalues;
        let scaled = DMatrix::from_fn(h.len(), h.len(), |i, j| {
            (Scaled::of(self.noise[(i, j)]) * self.eta * factor(h[i] + h[j])).value()
        });
        let axes = &self.eigen.eigenvectors;
        axes * scaled * axes.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::linear::LinearStep;
    use super::*;

    fn matrix(x: [f64; 4]) -> DMatrix<f64> {
        DMatrix::from_row_slice(2, 2, &x)
    }

    #[test]
    fn rotated_noise() {
        // H = [[2, .5], [.5, 1]], C = [[1, −.3], [−.3, .5]]: Σ/η to ten digits.
        let quadratic =
            Quadratic::new(matrix([2.0, 0.5, 0.5, 1.0]), matrix([1.0, -0.3, -0.3, 0.5])).unwrap();
        let diffusion = OrnsteinUhlenbeck::new(&quadratic, 1.0);
        let sigma = diffusion.stationary().unwrap();
        let printed = matrix([0.3023809524, -0.2095238095, -0.2095238095, 0.3547619048]);
        assert!((&sigma - printed).amax() < 6e-11);
        let h = quadratic.hessian();
        assert!((&sigma * h + h * &sigma - quadratic.noise()).amax() < 1e-15);
        assert!((diffusion.covariance(1e3) - sigma).amax() < 1e-15);
    }

    #[test]
    fn minima_saddles_and_flat_directions_at_finite_time() {
        // Against the power series and doublings of the general solver.
        for h in [
            [2.0, 0.5, 0.5, 1.0],
            [1.0, 2.0, 2.0, -1.0],
            [1.0, 1.0, 1.0, 1.0],
            [-2.0, 0.0, 0.0, -0.1],
        ] {
            let quadratic = Quadratic::new(matrix(h), matrix([1.0, 0.2, 0.2, 0.5])).unwrap();
            let diffusion = OrnsteinUhlenbeck::new(&quadratic, 0.1);
            for t in [1e-6, 0.3, 5.0] {
                let step = LinearStep::of_sde(&-quadratic.hessian(), &(0.1 * quadratic.noise()), t);
                let expected = step.unwrap().noise;
                let error = (diffusion.covariance(t) - &expected).amax() / expected.amax();
                assert!(error < 3e-14, "{h:?} {t} {error}");
            }
        }
        let saddle = Quadratic::scalar(-1.0, 1.0).unwrap();
        assert!(OrnsteinUhlenbeck::new(&saddle, 0.1).stationary().is_none());
    }
}
