//! The limit of SGDM with 1 − β = cη, another process than that of SGD.

use super::langevin::{Langevin, Velocity};
use super::linear::{Gaussian, Quadratic};
use super::moments::Moments;
use super::ornstein_uhlenbeck::OrnsteinUhlenbeck;
use base::error::{Error, Result};

/// dX = −M dt, dM = c(hX − M) dt + c√Σ dW beside dZ = −hZ dt + √Σ dW, both from x₀.
///
/// Wang et al. 2024, appendix B.2: α = 1 in Theorem 4.5, on ½hx². X is a Langevin particle with
/// damping c and mass 1/c.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InertialLimit {
    /// c > 0.
    pub c: f64,
    /// h, of any sign.
    pub h: f64,
    /// Σ ≥ 0.
    pub sigma: f64,
    /// x₀.
    pub x0: f64,
    /// Whether M₀ is ∇L(x₀) = hx₀; 0 otherwise.
    pub momentum_at_gradient: bool,
}

/// Times at which the distance is looked at before the largest is refined.
const GRID: u32 = 4096;

impl InertialLimit {
    /// X at time t.
    ///
    /// # Errors
    /// [`Error::Input`] for parameters or a time out of range.
    pub fn inertial(&self, t: f64) -> Result<Moments> {
        let velocity = if self.momentum_at_gradient {
            Velocity::Terminal
        } else {
            Velocity::Zero
        };
        let Gaussian { mean, covariance } = self.particle()?.at(t, &[self.x0], velocity)?;
        Ok(Moments {
            mean: mean[0],
            variance: covariance[(0, 0)],
        })
    }

    /// Z at time t.
    ///
    /// # Errors
    /// As [`InertialLimit::inertial`].
    pub fn overdamped(&self, t: f64) -> Result<Moments> {
        let quadratic = Quadratic::scalar(self.h, self.sigma)?;
        Ok(Moments {
            mean: self.x0 * (-self.h * t).exp(),
            variance: OrnsteinUhlenbeck::new(&quadratic, 1.0).covariance(t)[0],
        })
    }

    /// sup |E X − E Z| and sup |E X² − E Z²| over [0, T].
    ///
    /// The largest of 4096 equidistant times, refined by golden section: exact to rounding where the
    /// distance turns less than a thousand times.
    ///
    /// # Errors
    /// As [`InertialLimit::inertial`], or unless T > 0.
    pub fn apart(&self, horizon: f64) -> Result<(f64, f64)> {
        if !(horizon.is_finite() && horizon > 0.0) {
            return Err(Error::Input(format!(
                "the horizon {horizon} must be positive and finite"
            )));
        }
        let mean = |t| Ok((self.inertial(t)?.mean - self.overdamped(t)?.mean).abs());
        let second = |t| Ok((self.inertial(t)?.second() - self.overdamped(t)?.second()).abs());
        Ok((supremum(&mean, horizon)?, supremum(&second, horizon)?))
    }

    fn particle(&self) -> Result<Langevin> {
        let quadratic = Quadratic::scalar(self.h, self.sigma)?;
        Langevin::new(&quadratic, 1.0, self.c, 1.0 / self.c)
    }
}

fn supremum(distance: &dyn Fn(f64) -> Result<f64>, horizon: f64) -> Result<f64> {
    let pitch = horizon / f64::from(GRID);
    let (mut best, mut largest) = (0.0, 0.0);
    for i in 0..=GRID {
        let t = pitch * f64::from(i);
        let here = distance(t)?;
        if here > largest {
            (best, largest) = (t, here);
        }
    }
    let (mut a, mut b) = ((best - pitch).max(0.0), (best + pitch).min(horizon));
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    // The maximum is flat, so 40 halvings of its place are far more than its height needs.
    for _ in 0..40 {
        let (c, d) = (b - golden * (b - a), a + golden * (b - a));
        let (left, right) = (distance(c)?, distance(d)?);
        largest = largest.max(left).max(right);
        if left > right {
            b = d;
        } else {
            a = c;
        }
    }
    Ok(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(c: f64) -> InertialLimit {
        InertialLimit {
            c,
            h: 1.0,
            sigma: 1.0,
            x0: 1.5,
            momentum_at_gradient: true,
        }
    }

    #[test]
    fn the_limits_to_their_digits() {
        for (c, mean, second) in [(0.5, 0.97982, 0.69868), (2.0, 0.31182, 0.45576)] {
            let apart = limit(c).apart(2.0).unwrap();
            assert!((apart.0 - mean).abs() < 5.1e-6, "{apart:?}");
            assert!((apart.1 - second).abs() < 5.1e-6, "{apart:?}");
        }
        let inertial = limit(2.0).inertial(2.0).unwrap();
        assert!((inertial.mean + 0.0844790249882).abs() < 5.1e-14);
        assert!((inertial.variance - 0.4826290714575).abs() < 5.1e-14);
        let overdamped = limit(2.0).overdamped(2.0).unwrap();
        assert!((overdamped.mean - 0.203002924855).abs() < 5.1e-13);
        assert!((overdamped.variance - 0.490842180556).abs() < 5.1e-13);
    }

    #[test]
    fn in_the_long_run_the_position_does_not_know_c() {
        // Σ/(2h): exp(−2L) for Σ = 1, whatever c.
        for c in [0.1, 1.0, 10.0] {
            let late = limit(c).inertial(1000.0).unwrap();
            assert!((late.variance - 0.5).abs() < 1e-13);
            assert!(late.mean.abs() < 1e-15);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(limit(0.0).apart(1.0).is_err());
        assert!(limit(1.0).apart(-1.0).is_err());
        assert!(limit(1.0).inertial(f64::NAN).is_err());
    }
}
