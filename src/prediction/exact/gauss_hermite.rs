//! Gauss–Hermite quadrature: expectations over a standard normal.

use nalgebra::{DMatrix, SymmetricEigen};

/// Nodes and weights with E f(ξ) = Σ wₖ f(xₖ) for polynomials f of degree below 2n, ξ ~ N(0, 1).
#[derive(Clone, Debug, PartialEq)]
pub struct GaussHermite {
    /// Zeros of Heₙ.
    pub nodes: Vec<f64>,
    /// Their weights, which sum to 1.
    pub weights: Vec<f64>,
}

impl GaussHermite {
    /// The rule of `n` points, by the eigenvectors of the Jacobi matrix with √1, √2, … beside its diagonal
    /// (Golub and Welsch 1969).
    pub fn new(n: usize) -> Self {
        let beside = |i: usize, j: usize| {
            if i.abs_diff(j) == 1 {
                (i.max(j) as f64).sqrt()
            } else {
                0.0
            }
        };
        let eigen = SymmetricEigen::new(DMatrix::from_fn(n, n, beside));
        GaussHermite {
            nodes: eigen.eigenvalues.iter().copied().collect(),
            weights: eigen.eigenvectors.row(0).iter().map(|x| x * x).collect(),
        }
    }

    /// E f(ξ).
    pub fn mean(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.nodes
            .iter()
            .zip(&self.weights)
            .map(|(x, w)| w * f(*x))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E ξ^{2m} = (2m − 1)!!, and E e^{sξ} = e^{s²/2}, which is no polynomial.
    #[test]
    fn moments_of_the_normal() {
        let rule = GaussHermite::new(24);
        let mut moment = 1.0;
        for m in 0..12 {
            let found = rule.mean(|x| x.powi(2 * m));
            assert!(
                (found / moment - 1.0).abs() < 1e-11,
                "{m}: {found} {moment}"
            );
            assert!(rule.mean(|x| x.powi(2 * m + 1)).abs() < 1e-10 * moment);
            moment *= f64::from(2 * m + 1);
        }
        assert!((rule.mean(|x| (0.7 * x).exp()) - (0.245f64).exp()).abs() < 1e-13);
    }
}
