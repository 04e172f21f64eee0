//! SGD and SGDM on ½hθ² side by side, driven by the same gradients' noise.

use nalgebra::{Matrix3, Vector3};

use crate::scaled::Scaled;
use base::error::{Error, Result};

/// z ← z − ηg(z) beside m ← βm + (1 − β)g(x), x ← x − ηm, with g(x) = hx + ξ/√η and one ξ ~ N(0, Σ)
/// for both.
///
/// The setting of Wang et al. 2024, Theorem 4.5: noise of scale η^{−1/2}, β = 1 − cη^α, a time T of
/// T/η steps. Both start at x₀.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CommonNoise {
    /// η.
    pub eta: f64,
    /// β.
    pub beta: f64,
    /// h, of any sign.
    pub h: f64,
    /// Σ ≥ 0; the variance of one gradient is Σ/η.
    pub sigma: f64,
    /// x₀.
    pub x0: f64,
    /// Whether m₀ is ∇L(x₀) = hx₀; 0 otherwise.
    pub momentum_at_gradient: bool,
}

/// How far the two are apart: with its sign after one number of steps, or in size at worst over the steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Apart {
    /// E x − E z.
    pub mean: f64,
    /// E x² − E z².
    pub second: f64,
    /// √E(x − z)².
    pub strong: f64,
}

/// Most steps that are followed: some ten seconds.
const MOST_STEPS: f64 = 1e8;

impl CommonNoise {
    /// β = 1 − cη^α.
    ///
    /// # Errors
    /// [`Error::Input`] unless that lies in [0, 1).
    pub fn beta(eta: f64, alpha: f64, c: f64) -> Result<f64> {
        let beta = 1.0 - c * eta.powf(alpha);
        if (0.0..1.0).contains(&beta) {
            return Ok(beta);
        }
        Err(Error::Input(format!(
            "β = 1 − cη^α = {beta} must be at least 0 and below 1: c = {c} may be at most η^−α = {}",
            eta.powf(-alpha)
        )))
    }

    /// ηβ/(1 − β), the time by which x lags behind: x + lag·m is an SGD in x's gradients.
    pub fn lag(&self) -> f64 {
        self.eta * self.beta / (1.0 - self.beta)
    }

    /// The suprema over k ≤ T/η of what [`CommonNoise::follow`] gives; not a number where one of it is none.
    ///
    /// # Errors
    /// As [`CommonNoise::follow`].
    pub fn apart(&self, horizon: f64) -> Result<Apart> {
        let mut apart = Apart {
            mean: 0.0,
            second: 0.0,
            strong: 0.0,
        };
        // Both are linear: in a unit of the start, or of the noise, squares have room.
        let size = |x: f64| {
            if x == 0.0 {
                i32::MIN
            } else {
                Scaled::of(x).exponent()
            }
        };
        let unit = size(self.x0).max(size(self.sigma) / 2);
        let over = |x: f64, power: i32| Scaled::of(x).shifted(unit.saturating_mul(power)).value();
        let scaled = Self {
            x0: over(self.x0, -1),
            sigma: over(self.sigma, -2),
            ..*self
        };
        scaled.follow(horizon, |_, here| {
            apart.mean = larger(apart.mean, here.mean.abs());
            apart.second = larger(apart.second, here.second.abs());
            apart.strong = larger(apart.strong, here.strong);
        })?;
        Ok(Apart {
            mean: over(apart.mean, 1),
            second: over(apart.second, 2),
            strong: over(apart.strong, 1),
        })
    }

    /// The last k ≤ T/η, a quotient that is whole up to the rounding of both counted as whole.
    pub fn last_step(&self, horizon: f64) -> f64 {
        let exact = horizon / self.eta;
        if (exact - exact.round()).abs() <= 1e-9 * exact {
            exact.round()
        } else {
            exact.floor()
        }
    }

    /// Hands every k from 1 to T/η to `look`, with E x_k − E z_k, E x_k² − E z_k² and √E(x_k − z_k)², from
    /// the recursion of the joint first and second moments.
    ///
    /// The difference x − z is a coordinate of its own, so nothing cancels: relative accuracy about
    /// 1e-11 at a million steps.
    ///
    /// # Errors
    /// [`Error::Input`] for parameters out of range, or more than 1e8 steps.
    pub fn follow(&self, horizon: f64, mut look: impl FnMut(u64, Apart)) -> Result<()> {
        self.check()?;
        let steps = self.last_step(horizon);
        if !(1.0..=MOST_STEPS).contains(&steps) {
            return Err(Error::Input(format!(
                "the horizon {horizon} at η = {} is {steps} steps; from 1 to 1e8 can be followed",
                self.eta
            )));
        }
        let Self {
            eta, beta, h, x0, ..
        } = *self;
        // (z, δ = x − z, m): m' = βm + (1 − β)(h(z + δ) + ξ), δ' = δ − ηm' + η(hz + ξ).
        let fresh = 1.0 - beta;
        let row = Vector3::new(fresh * h, fresh * h, beta);
        let forward = Matrix3::from_rows(&[
            Vector3::new(1.0 - eta * h, 0.0, 0.0).transpose(),
            Vector3::new(eta * h - eta * row[0], 1.0 - eta * row[1], -eta * row[2]).transpose(),
            row.transpose(),
        ]);
        let kick = Vector3::new(-eta, eta * beta, fresh);
        let noise = kick * kick.transpose() * (self.sigma / eta);
        let m0 = if self.momentum_at_gradient {
            h * x0
        } else {
            0.0
        };
        let mut mean = Vector3::new(x0, 0.0, m0);
        let mut covariance = Matrix3::zeros();
        // In range, hence far below 2⁶³.
        for step in 1..=steps as u64 {
            mean = forward * mean;
            covariance = forward * covariance * forward.transpose() + noise;
            let square = mean[1] * mean[1] + covariance[(1, 1)];
            // x² − z² = 2zδ + δ².
            let product = mean[0] * mean[1] + covariance[(0, 1)];
            let here = Apart {
                mean: mean[1],
                second: 2.0 * product + square,
                strong: square.sqrt(),
            };
            look(step, here);
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        let known = [self.h, self.sigma, self.x0].iter().all(|x| x.is_finite());
        let ranges = self.eta.is_finite()
            && self.eta > 0.0
            && (0.0..1.0).contains(&self.beta)
            && self.sigma >= 0.0;
        if known && ranges {
            return Ok(());
        }
        Err(Error::Input(format!(
            "two optimizers in common noise need η > 0, 0 ≤ β < 1, Σ ≥ 0 and finite h and x₀; got \
             {self:?}"
        )))
    }
}

/// The larger of two; not a number where either is none.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(alpha: f64, c: f64, eta: f64) -> CommonNoise {
        CommonNoise {
            eta,
            beta: CommonNoise::beta(eta, alpha, c).unwrap(),
            h: 1.0,
            sigma: 1.0,
            x0: 1.5,
            momentum_at_gradient: true,
        }
    }

    fn eta(power: i32) -> f64 {
        2f64.powi(-power)
    }

    /// To the digits printed: half a unit of the eleventh, and the orders of the third decimal.
    #[test]
    fn the_table_to_its_digits() {
        for (alpha, power, errors, orders) in [
            (
                0.0,
                8,
                [2.1640032665e-3, 6.5867730271e-3, 3.6173282286e-2],
                [1.006, 1.001, 0.504],
            ),
            (
                0.0,
                12,
                [1.3475437572e-4, 4.1109831140e-4, 9.0224811280e-3],
                [1.0, 1.0, 0.5],
            ),
            (
                0.25,
                8,
                [1.5328440322e-2, 4.2477168674e-2, 1.1332160812e-1],
                [0.726, 0.694, 0.349],
            ),
            (
                0.25,
                12,
                [2.0247778289e-3, 5.6290094757e-3, 4.2105157689e-2],
                [0.734, 0.737, 0.361],
            ),
            (
                0.5,
                8,
                [7.1079667147e-2, 1.6811628995e-1, 2.4679792880e-1],
                [0.511, 0.396, 0.247],
            ),
            (
                0.5,
                12,
                [1.7381401791e-2, 4.7243408825e-2, 1.2444154585e-1],
                [0.505, 0.483, 0.248],
            ),
            (
                0.75,
                8,
                [3.0964399582e-1, 4.5355700909e-1, 5.2989578481e-1],
                [0.241, 0.118, 0.141],
            ),
            (
                0.75,
                12,
                [1.5258016711e-1, 2.9678420648e-1, 3.6258968262e-1],
                [0.261, 0.172, 0.134],
            ),
            (
                0.75,
                18,
                [5.0993416930e-2, 1.2729113563e-1, 2.1138423219e-1],
                [0.262, 0.222, 0.127],
            ),
        ] {
            let here = pair(alpha, 0.5, eta(power)).apart(2.0).unwrap();
            let coarse = pair(alpha, 0.5, eta(power - 1)).apart(2.0).unwrap();
            let both = [
                (here.mean, coarse.mean),
                (here.second, coarse.second),
                (here.strong, coarse.strong),
            ];
            for (((fine, coarse), expected), order) in both.into_iter().zip(errors).zip(orders) {
                assert!(
                    (fine / expected - 1.0).abs() < 6e-11,
                    "{alpha} {power} {fine} {expected}"
                );
                let local = (coarse / fine).log2();
                assert!(
                    (local - order).abs() < 6e-4,
                    "{alpha} {power} {local} {order}"
                );
            }
        }
    }

    #[test]
    fn errors_are_proportional_to_the_lag() {
        let limit = 1.5 * (-1f64).exp();
        assert!((limit - 0.5518191617571635).abs() < 1e-15);
        for (alpha, expected) in [(0.0, 0.5520), (0.25, 0.5529), (0.5, 0.5606)] {
            let pair = pair(alpha, 0.5, eta(12));
            let ratio = pair.apart(2.0).unwrap().mean / pair.lag();
            assert!((ratio - expected).abs() < 5.1e-5, "{alpha} {ratio}");
        }
        // sup|ΔE x²|/lag: 1.684 for α = 0, about 1.52 for α > 0; strong/√lag: √(b/(1 + b)).
        let still = pair(0.0, 0.5, eta(16));
        let apart = still.apart(2.0).unwrap();
        assert!((apart.second / still.lag() - 1.684).abs() < 5e-4);
        assert!((apart.strong / still.lag().sqrt() - 0.57735).abs() < 1e-4);
        let moving = pair(0.25, 0.5, eta(18));
        let apart = moving.apart(2.0).unwrap();
        let ratio = apart.second / moving.lag();
        assert!((ratio - 1.52).abs() < 5e-3, "{ratio}");
    }

    #[test]
    fn an_order_below_the_claimed_one_before_the_limit() {
        // α = 0.75, E x²: local orders 0.03 to 0.12 from 2⁻³ to 2⁻⁸, under (1 − α)/2 = 0.125.
        let second = |power| pair(0.75, 0.5, eta(power)).apart(2.0).unwrap().second;
        for power in 4..=8 {
            let order = (second(power - 1) / second(power)).log2();
            assert!((0.025..0.125).contains(&order), "{power} {order}");
        }
        // β = 0 makes the two one.
        assert_eq!(pair(0.25, 2.0, eta(4)).apart(2.0).unwrap().strong, 0.0);
        let error = CommonNoise::beta(eta(3), 0.25, 2.0).unwrap_err();
        assert!(error.to_string().contains("at most"), "{error}");
    }

    #[test]
    fn with_alpha_one_the_distance_stays() {
        // c = 2 at η = 2⁻¹⁴.
        let apart = pair(1.0, 2.0, eta(14)).apart(2.0).unwrap();
        assert!((apart.mean - 0.31178538).abs() < 5.1e-9);
        assert!((apart.second - 0.45572247).abs() < 5.1e-9);
        // m₀ = 0, c = 1/2: E x² differs by 0.83 to 0.89 at worst, at every η.
        for power in [6, 8, 10, 12] {
            let rest = CommonNoise {
                momentum_at_gradient: false,
                ..pair(1.0, 0.5, eta(power))
            };
            let second = rest.apart(2.0).unwrap().second;
            assert!((0.825..0.895).contains(&second), "{second}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let pair = pair(0.5, 0.5, 0.01);
        assert!(pair.apart(0.0).is_err() && pair.apart(f64::NAN).is_err());
        assert!(pair.apart(1e8).unwrap_err().to_string().contains("steps"));
        assert!(CommonNoise { beta: 1.0, ..pair }.apart(1.0).is_err());
        assert!(
            CommonNoise {
                sigma: -1.0,
                ..pair
            }
            .apart(1.0)
            .is_err()
        );
    }
}
