//! Positive-Negative Momentum: Manipulating Stochastic Gradient Noise to Improve Generalization
//! (Z. Xie, L. Yuan, Z. Zhu and M. Sugiyama, ICML 2021).
//!
//! Noise, posteriors near a minimum and the PAC-Bayes bound as the paper states them. The exact laws
//! of the same update rules are in [`exact::linear`](crate::exact::linear).

use nalgebra::DMatrix;

use crate::condition::Condition;
use crate::exact::OrnsteinUhlenbeck;
use crate::exact::linear::{Quadratic, gamma};
use crate::exact::pac_bayes::GaussianPair;
use crate::scaled::Scaled;
use base::error::{Error, Result};

/// The variance of the momentum's noise for β₃ = 1 − β₁: σ², that of one gradient.
///
/// Eq. 4.
pub fn momentum_noise(variance: f64) -> f64 {
    variance
}

/// The variance of the noise of (1 + β₀)m_t − β₀m_{t−1}: γσ², γ = (1 + β₀)² + β₀².
///
/// Eq. 9.
pub fn pnm_noise(variance: f64, beta0: f64) -> f64 {
    (gamma(beta0) * variance).value()
}

/// An update rule whose stationary covariance the paper gives, as a multiple of SGD's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Posterior {
    /// ΣH + HΣ = ηC, so (η/2B) I for C = H/B: Theorem 4.1 and eq. 15.
    Sgd,
    /// β₃/(1 − β₁) times that: eq. 17.
    HeavyBall {
        /// β₁.
        beta1: f64,
        /// β₃.
        beta3: f64,
    },
    /// γ times SGD's: eqs. 18 and 19.
    Pnm {
        /// β₀.
        beta0: f64,
    },
}

impl Posterior {
    /// What SGD's covariance is multiplied by.
    pub fn factor(&self) -> Scaled {
        match *self {
            Self::Sgd => 1.0.into(),
            Self::HeavyBall { beta1, beta3 } => Scaled::of(beta3) / (1.0 - beta1),
            Self::Pnm { beta0 } => gamma(beta0),
        }
    }

    /// Σ near a minimum.
    ///
    /// # Errors
    /// [`Error::Input`] unless H is positive definite.
    pub fn covariance(&self, quadratic: &Quadratic, eta: f64) -> Result<DMatrix<f64>> {
        let sgd = OrnsteinUhlenbeck::new(quadratic, eta).stationary();
        let sgd = sgd.ok_or_else(|| {
            Error::Input(format!(
                "there is no stationary covariance: H has the eigenvalue {}, and must have none at or \
                 below 0",
                quadratic.curvatures().0
            ))
        })?;
        Ok(sgd.map(|s| (self.factor() * s).value()))
    }

    /// What the derivation assumes, with its numbers: ηH ≪ 1 for the rate that the rule has in the long
    /// run, and for momentum that its lag is short on the scale of H unless H and C commute.
    pub fn validity(&self, quadratic: &Quadratic, eta: f64) -> Vec<Condition> {
        let h = quadratic.curvatures().1;
        let mut validity = vec![match self {
            Self::HeavyBall { .. } => {
                Condition::at_most("ηβ₃h_max/(1 − β₁)", (self.factor() * eta * h).value(), 0.1)
            }
            _ => Condition::at_most("ηh_max", (Scaled::of(eta) * h).value(), 0.1),
        }];
        if let Self::HeavyBall { beta1, .. } = self {
            // The lag leaves about a tenth of itself where H and C share no axes.
            let lag = Scaled::of(eta) * *beta1 / (1.0 - beta1) * h * quadratic.misalignment();
            let lag = lag.value();
            if lag > 1e-12 {
                validity.push(Condition::at_most(
                    "ηβ₁/(1 − β₁) h_max ‖[H, C]‖/(‖H‖‖C‖)",
                    lag,
                    0.1,
                ));
            }
        }
        validity
    }
}

/// SGD's posterior against a prior N(0, I/λ), and the factor γ by which noise widens it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divergence {
    /// η.
    pub eta: f64,
    /// B.
    pub batch: f64,
    /// λ.
    pub lambda: f64,
    /// n, the number of parameters.
    pub dim: f64,
    /// |θ*|².
    pub theta_norm2: f64,
}

impl Divergence {
    /// k = λη/(2B), the variance of SGD's posterior over the prior's.
    ///
    /// The paper evaluates η/(2Bλ) instead, 0.039 at η = 1e-3, B = 128 and λ = 1e-4; with the prior
    /// N(0, I/λ) that it states, k is 3.9e-10.
    pub fn ratio(&self) -> f64 {
        self.scaled_ratio().value()
    }

    fn scaled_ratio(&self) -> Scaled {
        Scaled::of(self.lambda) * self.eta / (2.0 * self.batch)
    }

    /// KL(γ) = (n/2)(−ln γk + γk − 1) + (λ/2)|θ*|² for a posterior of covariance γ(η/2B) I.
    ///
    /// Eqs. 21 and 22.
    ///
    /// # Errors
    /// [`Error::Input`] for parameters out of range.
    pub fn kl(&self, gamma: impl Into<Scaled>) -> Result<f64> {
        GaussianPair {
            dim: self.dim,
            lambda: self.lambda,
            ratio: self.scaled_ratio() * gamma,
            theta_norm2: self.theta_norm2,
        }
        .kl()
    }

    /// dKL/dγ = (n/2)(λη/(2B) − 1/γ): negative, the bound tighter, for γ below [`Divergence::best_gamma`].
    ///
    /// Eq. 23.
    pub fn slope(&self, gamma: f64) -> f64 {
        0.5 * self.dim * (self.ratio() - 1.0 / gamma)
    }

    /// γ* = 2B/(ηλ), the end of the range on which KL(γ) falls.
    ///
    /// Theorem 4.3.
    pub fn best_gamma(&self) -> f64 {
        (Scaled::of(1.0) / self.scaled_ratio()).value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::pac_bayes::bound;

    #[test]
    fn posteriors_by_hand() {
        // C = H/B: (η/2B) I, whatever H.
        let hessian = DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]);
        let quadratic = Quadratic::hessian_shaped(hessian, 4.0).unwrap();
        for (rule, factor) in [
            (Posterior::Sgd, 1.0),
            (
                Posterior::HeavyBall {
                    beta1: 0.9,
                    beta3: 0.1,
                },
                1.0,
            ),
            (
                Posterior::HeavyBall {
                    beta1: 0.9,
                    beta3: 1.0,
                },
                10.0,
            ),
            (Posterior::Pnm { beta0: 2.0 }, 13.0),
        ] {
            let sigma = rule.covariance(&quadratic, 0.08).unwrap();
            let expected = DMatrix::identity(2, 2) * (0.01 * factor);
            assert!((sigma - expected).amax() < 1e-14);
            assert_eq!(rule.validity(&quadratic, 0.08).len(), 1);
        }
        let saddle = Quadratic::scalar(-1.0, 1.0).unwrap();
        assert!(Posterior::Sgd.covariance(&saddle, 0.1).is_err());
    }

    #[test]
    fn momentum_needs_a_short_lag_where_the_noise_is_rotated() {
        let matrix = |x: [f64; 4]| DMatrix::from_row_slice(2, 2, &x);
        let rotated =
            Quadratic::new(matrix([2.0, 0.5, 0.5, 1.0]), matrix([1.0, -0.3, -0.3, 0.5])).unwrap();
        let rule = |beta1| Posterior::HeavyBall {
            beta1,
            beta3: 1.0 - beta1,
        };
        let holds = |beta1| {
            let validity = rule(beta1).validity(&rotated, 0.01);
            assert_eq!(validity.len(), 2);
            validity.iter().all(Condition::holds)
        };
        assert!(holds(0.5) && !holds(0.99));
    }

    #[test]
    fn noise_as_stated() {
        assert_eq!(momentum_noise(2.0), 2.0);
        assert_eq!(pnm_noise(2.0, 1.0), 10.0);
    }

    #[test]
    fn the_divergence_to_its_digits() {
        // η = 0.1, B = 4, λ = 2, n = 10, θ* = linspace(−1, 1, 10); N = 1000, δ = 0.05.
        let theta_norm2: f64 = (0..10).map(|i| (f64::from(2 * i - 9) / 9.0).powi(2)).sum();
        let divergence = Divergence {
            eta: 0.1,
            batch: 4.0,
            lambda: 2.0,
            dim: 10.0,
            theta_norm2,
        };
        for (gamma, kl, expected) in [
            (0.5, 21.04670724744348, 0.7115430216709547),
            (1.0, 17.643471344643753, 0.6721917116744577),
            (2.0, 14.302735441844028, 0.6311813707636195),
            (5.0, 10.096281782473252, 0.5754013071319087),
            (13.0, 6.318724557336071, 0.5202362431116409),
            (40.0, 4.0740740740740735, 0.4844908058103088),
            (80.0, 5.6083381712743465, 0.5091950181118494),
        ] {
            let found = divergence.kl(gamma).unwrap();
            assert!((found / kl - 1.0).abs() < 1e-14, "{found} {kl}");
            let found = bound(found, 1000.0, 0.05).unwrap();
            assert!((found / expected - 1.0).abs() < 1e-14, "{found} {expected}");
        }
        assert!((divergence.best_gamma() - 40.0).abs() < 1e-13);
        assert!(divergence.slope(40.0).abs() < 1e-14);
        assert!(divergence.slope(39.0) < 0.0 && divergence.slope(41.0) > 0.0);
        // With the covariance that Algorithm 2 has, γ^{−1/2} of SGD's, β₀ = −0.5, 0, 1, 2:
        for (beta0, kl) in [
            (-0.5, 15.962380),
            (0.0, 17.643471),
            (1.0, 21.597968),
            (2.0, 23.965514),
        ] {
            let found = divergence
                .kl(Scaled::of(1.0) / gamma(beta0).sqrt())
                .unwrap();
            assert!((found - kl).abs() < 5.1e-7, "{found} {kl}");
        }
    }

    #[test]
    fn the_papers_numbers_belong_to_another_prior() {
        let paper = Divergence {
            eta: 1e-3,
            batch: 128.0,
            lambda: 1e-4,
            dim: 1.0,
            theta_norm2: 0.0,
        };
        assert!((paper.ratio() / 3.90625e-10 - 1.0).abs() < 1e-14);
        assert!((paper.best_gamma() / 2.56e9 - 1.0).abs() < 1e-14);
        let other: f64 = 1e-3 / (2.0 * 128.0 * 1e-4);
        assert!((other - 0.039).abs() < 1e-4 && (1.0 / other - 25.6).abs() < 1e-12);
    }
}
