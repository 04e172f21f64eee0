//! Expectations of diffusions and of chains on a circle, by Fourier series: no random numbers, spectral accuracy.

use std::f64::consts::PI;

use nalgebra::DMatrix;

use base::error::{Error, Result};

/// The circle [0, 2π) with an odd number of equidistant nodes: a function is its values there, read between them
/// by trigonometric interpolation.
///
/// For what is smooth and periodic the error falls faster than any power of the number of nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Circle {
    nodes: Vec<f64>,
}

impl Circle {
    /// The circle with `n` nodes, one more if `n` is even.
    pub fn new(n: usize) -> Self {
        let n = n | 1;
        let nodes = (0..n).map(|j| 2.0 * PI * j as f64 / n as f64).collect();
        Circle { nodes }
    }

    /// θ of the nodes.
    pub fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// E\[f(θ_t) | θ₀ = node\] as a matrix on the values of f: e^{tG}, G = b ∂ + D ∂², for the Itô diffusion
    /// dθ = b dt + √(2D) dW with b and D given at the nodes.
    ///
    /// # Errors
    /// A number is not finite, D is negative, or b or D has another length than there are nodes.
    pub fn semigroup(&self, drift: &[f64], diffusion: &[f64], t: f64) -> Result<DMatrix<f64>> {
        let n = self.nodes.len();
        let fits = drift.len() == n && diffusion.len() == n;
        let sound = |x: &f64| x.is_finite() && *x >= 0.0;
        if !fits || !drift.iter().all(|b| b.is_finite()) || !diffusion.iter().all(sound) {
            return Err(Error::Input(format!(
                "a diffusion on a circle needs b and D ≥ 0 at all of its {n} nodes, finite"
            )));
        }
        if !(t.is_finite() && t >= 0.0) {
            return Err(Error::Input(format!(
                "t = {t}: must be finite and at least 0"
            )));
        }
        let generator = DMatrix::from_fn(n, n, |i, j| {
            let (first, second) = self.derivatives(i, j);
            t * (drift[i] * first + diffusion[i] * second)
        });
        Ok(generator.exp())
    }

    /// E\[f(θ′) | θ = node\] of a chain as a matrix on the values of f, from the places θ′ = `images`: for each
    /// node as many as there are `weights`, which are their probabilities.
    ///
    /// # Errors
    /// There are not that many images, or one is not finite.
    pub fn transition(&self, images: &[f64], weights: &[f64]) -> Result<DMatrix<f64>> {
        let n = self.nodes.len();
        if images.len() != n * weights.len() || images.iter().any(|x| !x.is_finite()) {
            return Err(Error::Input(format!(
                "a chain on a circle of {n} nodes needs {} finite images of each; got {} in all",
                weights.len(),
                images.len()
            )));
        }
        let mut matrix = DMatrix::zeros(n, n);
        for (i, own) in images.chunks_exact(weights.len()).enumerate() {
            for (x, w) in own.iter().zip(weights) {
                for j in 0..n {
                    matrix[(i, j)] += w * self.cardinal(x - self.nodes[j]);
                }
            }
        }
        Ok(matrix)
    }

    /// The interpolant that is 1 at a node and 0 at the others, at the distance x from it:
    /// sin(nx/2)/(n sin(x/2)).
    fn cardinal(&self, x: f64) -> f64 {
        let n = self.nodes.len() as f64;
        let below = (0.5 * x).sin();
        if below.abs() < 1e-9 {
            return 1.0;
        }
        (0.5 * n * x).sin() / (n * below)
    }

    /// First and second derivative of node j's interpolant at node i.
    fn derivatives(&self, i: usize, j: usize) -> (f64, f64) {
        let n = self.nodes.len() as f64;
        if i == j {
            return (0.0, -(n * n - 1.0) / 12.0);
        }
        let sign = if i.abs_diff(j).is_multiple_of(2) {
            1.0
        } else {
            -1.0
        };
        let half = 0.5 * (self.nodes[i] - self.nodes[j]);
        let first = 0.5 * sign / half.sin();
        (first, -first * half.cos() / half.sin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(matrix: &DMatrix<f64>, circle: &Circle, f: fn(f64) -> f64) -> Vec<f64> {
        let values = circle.nodes().iter().map(|x| f(*x));
        let values = nalgebra::DVector::from_iterator(circle.nodes().len(), values);
        (matrix * values).iter().copied().collect()
    }

    /// Free diffusion with a drift: E cos θ_t = e^{−Dt} cos(θ₀ + bt).
    #[test]
    fn a_free_particle() {
        let circle = Circle::new(20);
        let n = circle.nodes().len();
        assert_eq!(n, 21);
        let law = circle.semigroup(&vec![0.3; n], &vec![0.4; n], 1.5).unwrap();
        for (x, found) in circle.nodes().iter().zip(apply(&law, &circle, f64::cos)) {
            let exact = (-0.6f64).exp() * (x + 0.45).cos();
            assert!((found - exact).abs() < 1e-12, "{found} {exact}");
        }
    }

    /// The stationary density of dθ = −sin θ dt + √(2T) dW is ∝ e^{cos θ/T} (Gibbs): after a long time every
    /// start gives its average, here by the trapezium rule, which is exact to rounding on a circle.
    #[test]
    fn in_the_long_run_the_gibbs_density() {
        let circle = Circle::new(41);
        let t = 0.5;
        let drift: Vec<f64> = circle.nodes().iter().map(|x| -x.sin()).collect();
        let law = circle.semigroup(&drift, &[t; 41], 200.0).unwrap();
        let weight = |x: &f64| (x.cos() / t).exp();
        let all: f64 = circle.nodes().iter().map(weight).sum();
        let mean: f64 = circle.nodes().iter().map(|x| weight(x) * x.cos()).sum();
        for found in apply(&law, &circle, f64::cos) {
            assert!((found - mean / all).abs() < 1e-10, "{found} {}", mean / all);
        }
    }

    /// A chain that turns by a fixed angle.
    #[test]
    fn a_rotation() {
        let circle = Circle::new(15);
        let images: Vec<f64> = circle.nodes().iter().map(|x| x + 7.1).collect();
        let turn = circle.transition(&images, &[1.0]).unwrap();
        for (x, found) in circle.nodes().iter().zip(apply(&turn, &circle, f64::sin)) {
            assert!((found - (x + 7.1).sin()).abs() < 1e-13);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let circle = Circle::new(5);
        assert!(circle.semigroup(&[0.0; 4], &[1.0; 5], 1.0).is_err());
        assert!(circle.semigroup(&[0.0; 5], &[-1.0; 5], 1.0).is_err());
        assert!(circle.semigroup(&[0.0; 5], &[1.0; 5], f64::NAN).is_err());
        assert!(circle.transition(&[0.0; 9], &[0.5, 0.5]).is_err());
        assert!(circle.transition(&[f64::NAN; 5], &[1.0]).is_err());
    }
}
