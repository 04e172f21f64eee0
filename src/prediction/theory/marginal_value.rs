//! The Marginal Value of Momentum for Small Learning Rate SGD (R. Wang, S. Malladi, T. Wang, K. Lyu
//! and Z. Li, ICLR 2024).
//!
//! Its slow SDE (Theorem 5.5) is solved in
//! [`exact::slow_manifold`](crate::exact::slow_manifold), SVAG (Def. 6.1) is in
//! [`exact::svag`](crate::exact::svag).

use nalgebra::DVector;

use crate::condition::Condition;
use crate::exact::CommonNoise;
use crate::exact::linear::Quadratic;
use base::error::{Error, Result};

/// Gradients g ~ N(c, σ²) whatever θ, and SGDM with its momentum in its stationary law.
///
/// Section 4.1, the warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walk {
    /// η.
    pub eta: f64,
    /// β.
    pub beta: f64,
    /// σ².
    pub variance: f64,
}

impl Walk {
    /// # Errors
    /// [`Error::Input`] unless η > 0, 0 ≤ β < 1 and σ² ≥ 0.
    pub fn new(eta: f64, beta: f64, variance: f64) -> Result<Self> {
        let positive = eta.is_finite() && eta > 0.0;
        if positive && (0.0..1.0).contains(&beta) && variance.is_finite() && variance >= 0.0 {
            return Ok(Self {
                eta,
                beta,
                variance,
            });
        }
        Err(Error::Input(format!(
            "a walk needs eta > 0, 0 ≤ beta < 1 and a variance ≥ 0; got {eta}, {beta} and {variance}"
        )))
    }

    /// The variance of one step of SGD, η²σ².
    pub fn sgd_step(&self) -> f64 {
        self.eta * self.eta * self.variance
    }

    /// The variance of one step of SGDM, (1 − β)/(1 + β) of SGD's.
    pub fn sgdm_step(&self) -> f64 {
        (1.0 - self.beta) / (1.0 + self.beta) * self.sgd_step()
    }

    /// The variance after n steps of SGD, η²σ²n.
    pub fn sgd_end(&self, steps: f64) -> f64 {
        self.sgd_step() * steps
    }

    /// The variance after n steps of SGDM, η²σ²[n − 2β(1 − βⁿ)/(1 − β²)].
    pub fn sgdm_end(&self, steps: f64) -> f64 {
        let beta = self.beta;
        // 1 − βⁿ keeps its digits for β near 1; it is 1 for β = 0.
        let gone = -(steps * beta.ln()).exp_m1();
        self.sgd_step() * (steps - 2.0 * beta * gone / ((1.0 - beta) * (1.0 + beta)))
    }

    /// The bound η²σ²/(1 − β) on what SGDM's end falls short of SGD's, for any number of steps.
    pub fn deficit_bound(&self) -> f64 {
        self.sgd_step() / (1.0 - self.beta)
    }
}

/// E ΔL ≈ −η|∇L|² + (η²/2) tr(HC) + (η²/2) ∇LᵀH∇L for one step of SGD with gradient covariance C = σ²Σ.
///
/// Lemma 3.4, whose remainder is of third order in η; a quadratic has none.
///
/// # Errors
/// [`Error::Input`] unless `gradient` has as many finite coordinates as H.
pub fn descent(quadratic: &Quadratic, eta: f64, gradient: &[f64]) -> Result<f64> {
    if gradient.len() != quadratic.dim() || !gradient.iter().all(|x| x.is_finite()) {
        return Err(Error::Input(format!(
            "the gradient {gradient:?} must have {} finite coordinates",
            quadratic.dim()
        )));
    }
    let g = DVector::from_column_slice(gradient);
    let hessian = quadratic.hessian();
    let noise = (hessian * quadratic.noise()).trace();
    let curvature = (hessian * &g).dot(&g);
    Ok(-eta * g.norm_squared() + 0.5 * eta * eta * (noise + curvature))
}

/// The order (1 − α)/2 in η to which SGD and SGDM with β = 1 − cη^α, noise of scale η^{−1/2}, are said
/// to be weak approximations of each other over O(1/η) steps.
///
/// Theorem 4.5, for α in [0, 1).
///
/// # Errors
/// [`Error::Input`] unless 0 ≤ α < 1.
pub fn weak_order(alpha: f64) -> Result<f64> {
    if (0.0..1.0).contains(&alpha) {
        return Ok(0.5 * (1.0 - alpha));
    }
    Err(Error::Input(format!(
        "α = {alpha} must be at least 0 and below 1: with β = 1 − cη the two have different limits"
    )))
}

/// What an order that is read off finite η takes for granted: small steps and a short lag.
pub fn weak_validity(pair: &CommonNoise) -> Vec<Condition> {
    let h = pair.h.abs();
    vec![
        Condition::at_most("η|h|", pair.eta * h, 0.1),
        Condition::at_most("|h|ηβ/(1 − β)", pair.lag() * h, 0.1),
    ]
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;
    use crate::exact::descent::expected_change;
    use crate::exact::linear::{LinearRule, Memory, Recursion};

    #[test]
    fn the_walk_is_exact() {
        for beta in [0.0, 0.5, 0.9, 0.999] {
            let walk = Walk::new(0.1, beta, 2.0).unwrap();
            let sgdm = LinearRule::Sgdm { beta1: beta };
            let recursion = Recursion::scalar(sgdm, 0.1, 0.0, 2.0).unwrap();
            for steps in [1u32, 7, 100, 5000] {
                let law = recursion
                    .after(steps.into(), &[0.0], Memory::Stationary)
                    .unwrap();
                let stated = walk.sgdm_end(steps.into());
                // The closed form cancels where n(1 − β) is small.
                assert!(
                    (law.covariance[0] / stated - 1.0).abs() < 1e-12,
                    "{beta} {steps}"
                );
                let deficit = walk.sgd_end(steps.into()) - stated;
                assert!(deficit >= 0.0 && deficit <= walk.deficit_bound());
            }
            assert!((walk.sgdm_end(1.0) / walk.sgdm_step() - 1.0).abs() < 1e-12);
        }
        assert!(Walk::new(0.1, 1.0, 1.0).is_err() && Walk::new(0.1, 0.5, -1.0).is_err());
    }

    #[test]
    fn the_descent_lemma_is_exact_on_a_quadratic() {
        // H = [[2, .5], [.5, 1]], Σ = [[1, −.3], [−.3, .5]], σ = 2, θ = (1, −2), η = 0.1:
        // −0.325 + 0.044 + 0.01375 in the order |g|², noise, curvature.
        let matrix = |x: [f64; 4]| DMatrix::from_row_slice(2, 2, &x);
        let noise = 4.0 * matrix([1.0, -0.3, -0.3, 0.5]);
        let quadratic = Quadratic::new(matrix([2.0, 0.5, 0.5, 1.0]), noise).unwrap();
        let change = descent(&quadratic, 0.1, &[1.0, -1.5]).unwrap();
        assert!((change + 0.26725).abs() < 1e-15);
        for (eta, theta) in [(0.1, [1.0, -2.0]), (3.0, [-0.3, 7.0])] {
            let g = [2.0 * theta[0] + 0.5 * theta[1], 0.5 * theta[0] + theta[1]];
            let stated = descent(&quadratic, eta, &g).unwrap();
            let exact = expected_change(&quadratic, eta, &theta).unwrap();
            assert!((stated / exact - 1.0).abs() < 1e-13);
        }
        assert!(descent(&quadratic, 0.1, &[1.0]).is_err());
    }

    #[test]
    fn the_order_and_its_range() {
        assert_eq!(weak_order(0.5).unwrap(), 0.25);
        assert!(weak_order(1.0).is_err() && weak_order(-0.1).is_err());
    }
}
