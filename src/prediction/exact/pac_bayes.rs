//! PAC-Bayes: the divergence of a Gaussian posterior from a Gaussian prior, and the bound it gives.

use crate::scaled::Scaled;
use base::error::{Error, Result};

/// Q = N(θ*, (k/λ) I) against P = N(0, I/λ) in n dimensions.
///
/// SGD with noise C = H/B has k = λη/(2B) by PNM's eq. 15; an optimizer whose covariance is f times
/// SGD's has fk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianPair {
    /// n.
    pub dim: f64,
    /// λ, the precision of the prior: the strength of weight decay.
    pub lambda: f64,
    /// k, the posterior's variance over the prior's.
    pub ratio: Scaled,
    /// |θ*|².
    pub theta_norm2: f64,
}

impl GaussianPair {
    /// KL(Q‖P) = (n/2)(k − 1 − ln k) + (λ/2)|θ*|².
    ///
    /// # Errors
    /// [`Error::Input`] unless n, λ and k are positive and |θ*|² ≥ 0.
    pub fn kl(&self) -> Result<f64> {
        let positive = [self.dim.into(), self.lambda.into(), self.ratio];
        let norm = self.theta_norm2;
        if !positive.iter().all(|x| x.is_positive()) || !norm.is_finite() || norm < 0.0 {
            return Err(Error::Input(format!(
                "a divergence needs n, λ and the ratio of variances positive and finite, and |θ*|² ≥ 0; got n = {}, \
                 λ = {}, a ratio of {} and |θ*|² = {norm}",
                self.dim,
                self.lambda,
                self.ratio.value()
            )));
        }
        // k − 1 is exact, and all that matters, for k near 1; ln k keeps its digits elsewhere.
        let excess = self.ratio.value() - 1.0;
        let log = if excess.abs() < 0.5 {
            excess.ln_1p()
        } else {
            self.ratio.ln()
        };
        Ok(0.5 * self.dim * (excess - log) + 0.5 * self.lambda * norm)
    }
}

/// 4√((KL + ln(2N/δ))/N), which bounds the generalisation gap with probability 1 − δ over N samples.
///
/// PNM, eq. 20, as printed.
///
/// # Errors
/// [`Error::Input`] unless KL ≥ 0, N ≥ 1 and 0 < δ < 1.
pub fn bound(kl: f64, samples: f64, delta: f64) -> Result<f64> {
    let usable = kl >= 0.0 && samples.is_finite() && samples >= 1.0;
    if usable && delta > 0.0 && delta < 1.0 {
        return Ok(4.0 * ((kl + (2.0 * samples).ln() - delta.ln()) / samples).sqrt());
    }
    Err(Error::Input(format!(
        "the bound needs KL ≥ 0, N ≥ 1 and 0 < δ < 1; got {kl}, {samples} and {delta}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_and_against_its_integral() {
        let pair = GaussianPair {
            dim: 1.0,
            lambda: 2.0,
            ratio: 0.3.into(),
            theta_norm2: 0.5,
        };
        // ∫ q ln(q/p) by the trapezoidal rule, which converges exponentially on the line.
        let (sq, sp, mean) = (0.15f64, 0.5f64, 0.5f64.sqrt());
        let step = 1e-3;
        let integral: f64 = (-6000..6000)
            .map(|i| {
                let x = mean + step * f64::from(i);
                let log_q = -0.5 * (x - mean).powi(2) / sq - 0.5 * sq.ln();
                let log_p = -0.5 * x * x / sp - 0.5 * sp.ln();
                log_q.exp() / (2.0 * std::f64::consts::PI).sqrt() * (log_q - log_p) * step
            })
            .sum();
        assert!((pair.kl().unwrap() / integral - 1.0).abs() < 1e-12);
        // A posterior like the prior, at the origin.
        let same = GaussianPair {
            ratio: 1.0.into(),
            theta_norm2: 0.0,
            ..pair
        };
        assert_eq!(same.kl().unwrap(), 0.0);
        // (k − 1)²/4 just beside it, (−1 − ln k)/2 far below.
        let pair_of = |ratio| GaussianPair { ratio, ..same };
        let of = |ratio: f64| pair_of(ratio.into()).kl().unwrap();
        assert!((of(1.0 + 1e-6) / 0.25e-12 - 1.0).abs() < 1e-6);
        for power in [-10, -100, -300] {
            let expected = 0.5 * (-1.0 - f64::from(power) * 10f64.ln());
            assert!((of(10f64.powi(power)) / expected - 1.0).abs() < 1e-10);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let pair = GaussianPair {
            dim: 10.0,
            lambda: 2.0,
            ratio: 0.5.into(),
            theta_norm2: 1.0,
        };
        let none = GaussianPair {
            ratio: 0.0.into(),
            ..pair
        };
        assert!(none.kl().is_err());
        assert!(
            GaussianPair {
                theta_norm2: -1.0,
                ..pair
            }
            .kl()
            .is_err()
        );
        assert!(bound(1.0, 0.0, 0.05).is_err() && bound(1.0, 10.0, 1.0).is_err());
        assert!(bound(f64::NAN, 10.0, 0.5).is_err());
    }
}
