//! Stochastic modified equations of SGD: diffusions that follow it to order 1 or 2 in η.

use super::{Noise, Overdamped, Sde};
use base::error::{Error, Result};

/// To which power of η the law of the diffusion follows SGD's, at times kη.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// dθ = −∇L dt + √(ηC) dW.
    One,
    /// dθ = −∇(L + (η/4)|∇L|²)dt + √(ηC) dW.
    Two,
}

impl Order {
    /// 1 or 2.
    pub fn number(self) -> f64 {
        match self {
            Order::One => 1.0,
            Order::Two => 2.0,
        }
    }
}

/// The stochastic modified equation of SGD at learning rate η (Li, Tai and E 2017; 2019, Theorems 1 and 2), for a
/// gradient noise whose covariance C is diagonal: D = ηC/2, and at order 2 the drift −∇L − (η/2)H∇L.
///
/// C may depend on θ: a term of order η² that its slope could add to a step's mean or covariance would be of
/// order η³, so neither order needs one. The noise is that of an [`Overdamped`] with D = ηC/2, in the Itô reading,
/// since SGD takes its noise at the beginning of a step.
pub struct Modified {
    first: Overdamped,
    order: Order,
    eta: f64,
}

impl Modified {
    /// The equation of the given order from that of order 1, dθ = −∇L dt + √(2D) dW with D = ηC/2.
    ///
    /// # Errors
    /// η is not positive and finite.
    pub fn new(first: Overdamped, order: Order, eta: f64) -> Result<Self> {
        if !(eta.is_finite() && eta > 0.0) {
            return Err(Error::Input(format!(
                "eta = {eta}: must be positive and finite"
            )));
        }
        Ok(Modified { first, order, eta })
    }
}

impl Sde for Modified {
    fn dim(&self) -> usize {
        self.first.dim()
    }

    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]) {
        self.first.drift(theta, lanes, drift);
        if self.order == Order::One {
            return;
        }
        let half = 0.5 * self.eta;
        let surface = self.first.landscape();
        if surface.separable() {
            let mut curvature = vec![0.0; theta.len()];
            surface.hessian_diagonal(theta, lanes, &mut curvature);
            for (b, h) in drift.iter_mut().zip(&curvature) {
                *b += half * h * *b;
            }
            return;
        }
        let dim = self.dim();
        let (mut point, mut own) = (vec![0.0; dim], vec![0.0; dim]);
        for lane in 0..lanes {
            for i in 0..dim {
                (point[i], own[i]) = (theta[i * lanes + lane], drift[i * lanes + lane]);
            }
            let hessian = surface.hessian(&point);
            for i in 0..dim {
                let bent: f64 = (0..dim).map(|j| hessian[(i, j)] * own[j]).sum();
                drift[i * lanes + lane] += half * bent;
            }
        }
    }

    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]) {
        self.first.diffusion(theta, lanes, diffusion);
    }

    fn diffusion_slope(&self, theta: &[f64], lanes: usize, slope: &mut [f64]) {
        self.first.diffusion_slope(theta, lanes, slope);
    }

    fn noise(&self) -> Noise {
        self.first.noise()
    }

    fn constant_diffusion(&self) -> Option<f64> {
        self.first.constant_diffusion()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Diffusion;
    use super::*;
    use crate::landscape::quadratic::Quadratic;
    use crate::landscape::styblinski_tang::StyblinskiTang;
    use nalgebra::DMatrix;

    /// By hand, H = [[2, 1], [1, 3]] at θ = (1, −1): ∇L = (1, −2), H∇L = (0, −5); with η = 0.1 the drift is
    /// (−1, 2 + 0.25).
    #[test]
    fn the_drift_of_order_two_by_hand() {
        let bowl = Quadratic::new(DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 1.0, 3.0])).unwrap();
        let first = Overdamped::new(Box::new(bowl), Diffusion::Constant(0.3));
        let second = Modified::new(first, Order::Two, 0.1).unwrap();
        let mut drift = [0.0; 2];
        second.drift(&[1.0, -1.0], 1, &mut drift);
        assert!((drift[0] + 1.0).abs() < 1e-15 && (drift[1] - 2.25).abs() < 1e-15);
    }

    /// −∇(L + (η/4)|∇L|²) by a central difference, on a separable surface of two coordinates and two lanes.
    #[test]
    fn the_drift_of_order_two_is_a_gradient() {
        let surface = || Box::new(StyblinskiTang::new(2).unwrap());
        let eta = 0.01;
        let first = Overdamped::new(surface(), Diffusion::Constant(0.3));
        let second = Modified::new(first, Order::Two, eta).unwrap();
        let theta = [0.5, -2.0, 1.5, 0.1];
        let mut drift = [0.0; 4];
        second.drift(&theta, 2, &mut drift);
        let potential = |x: [f64; 2]| {
            use crate::landscape::{Gradient, Landscape};
            let mut g = [0.0; 2];
            surface().gradient(&x, 1, &mut g);
            surface().value(&x) + 0.25 * eta * (g[0] * g[0] + g[1] * g[1])
        };
        let step = 1e-5;
        for lane in 0..2 {
            for i in 0..2 {
                let at = |sign: f64| {
                    let mut x = [theta[lane], theta[2 + lane]];
                    x[i] += sign * step;
                    potential(x)
                };
                let slope = (at(1.0) - at(-1.0)) / (2.0 * step);
                assert!((drift[2 * i + lane] + slope).abs() < 1e-6);
            }
        }
    }
}
