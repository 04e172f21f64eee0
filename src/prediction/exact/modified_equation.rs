//! Mean and second moment of SGD and of its modified equations on a parabola in noise that follows the loss.

use base::error::{Error, Result};

/// SGD θ ← θ − η(hθ + √C ξ) with C = κ(½hθ² + δ), and the diffusions dθ = −h(1 + ½ηh)θ dt + √(ηC) dW (order 2;
/// without the ½ηh for order 1) that Li, Tai and E (2019) put in its place: the first two moments of both are
/// closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModifiedEquation {
    /// h.
    pub h: f64,
    /// κ.
    pub kappa: f64,
    /// δ.
    pub floor: f64,
    /// θ₀.
    pub start: f64,
    /// η.
    pub eta: f64,
}

impl ModifiedEquation {
    /// E θ and E θ² of SGD after `steps`: E θ′ = (1 − ηh)E θ, E θ′² = ((1 − ηh)² + ½η²κh)E θ² + η²κδ.
    ///
    /// # Errors
    /// A number is out of range.
    pub fn sgd(&self, steps: u32) -> Result<(f64, f64)> {
        self.check()?;
        let kept = 1.0 - self.eta * self.h;
        let growth = kept * kept + 0.5 * self.eta * self.eta * self.kappa * self.h;
        let gain = self.eta * self.eta * self.kappa * self.floor;
        let mut second = self.start * self.start;
        for _ in 0..steps {
            second = growth * second + gain;
        }
        Ok((kept.powf(f64::from(steps)) * self.start, second))
    }

    /// E θ and E θ² of the equation of order 1 or 2 at time t, with a = h or h(1 + ½ηh):
    /// dE θ/dt = −aE θ, dE θ²/dt = −(2a − ½ηκh)E θ² + ηκδ.
    ///
    /// # Errors
    /// A number is out of range, or the order is another.
    pub fn diffusion(&self, order: u32, t: f64) -> Result<(f64, f64)> {
        self.check()?;
        let rate = match order {
            1 => self.h,
            2 => self.h * (1.0 + 0.5 * self.eta * self.h),
            _ => {
                return Err(Error::Input(format!(
                    "a modified equation of order {order}: there are 1 and 2"
                )));
            }
        };
        let fall = 2.0 * rate - 0.5 * self.eta * self.kappa * self.h;
        let gain = self.eta * self.kappa * self.floor;
        // (1 − e^{−ft})/f, which is t where f vanishes.
        let held = if fall == 0.0 {
            t
        } else {
            -(-fall * t).exp_m1() / fall
        };
        let second = self.start * self.start * (-fall * t).exp() + gain * held;
        Ok(((-rate * t).exp() * self.start, second))
    }

    fn check(&self) -> Result<()> {
        let all = [self.h, self.kappa, self.floor, self.eta];
        if all.iter().all(|x| x.is_finite() && *x >= 0.0) && self.start.is_finite() {
            return Ok(());
        }
        Err(Error::Input(format!(
            "{self:?}: h, κ, δ and η must be finite and at least 0, the start finite"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: ModifiedEquation = ModifiedEquation {
        h: 1.3,
        kappa: 2.0,
        floor: 0.4,
        start: 0.9,
        eta: 0.1,
    };

    /// By hand: θ = 0.9, η = 0.1, h = 1.3: E θ′ = 0.9 · 0.87 = 0.783; C = 2(0.65 · 0.81 + 0.4) = 1.853,
    /// E θ′² = 0.783² + 0.01 · 1.853.
    #[test]
    fn one_step_by_hand() {
        let (mean, second) = AT.sgd(1).unwrap();
        assert!((mean - 0.783).abs() < 1e-15);
        assert!((second - (0.783f64 * 0.783 + 0.018_53)).abs() < 1e-15);
    }

    /// The moment equations, by central differences of the closed forms.
    #[test]
    fn the_moments_solve_their_equations() {
        let (t, step) = (0.7, 1e-5);
        for (order, rate) in [(1, 1.3), (2, 1.3 * 1.065)] {
            let at = |t| AT.diffusion(order, t).unwrap();
            let slope = |read: fn((f64, f64)) -> f64| {
                (read(at(t + step)) - read(at(t - step))) / (2.0 * step)
            };
            let (mean, second) = at(t);
            assert!((slope(|m| m.0) + rate * mean).abs() < 1e-9);
            let noise = AT.eta * AT.kappa * (0.5 * AT.h * second + AT.floor);
            assert!((slope(|m| m.1) + 2.0 * rate * second - noise).abs() < 1e-9);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(AT.diffusion(3, 1.0).is_err());
        assert!(ModifiedEquation { h: -1.0, ..AT }.sgd(1).is_err());
    }
}
