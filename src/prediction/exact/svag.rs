//! SVAG: two gradients combined so that the noise is amplified, in closed form.

use super::linear::{LinearRule, Memory, Recursion};
use super::moments::Moments;
use base::error::{Error, Result};

/// g = r₊g₁ + r₋g₂ with r± = (1 ± √(2l − 1))/2 and two independent gradients.
///
/// Wang et al. 2024, Def. 6.1, after Li, Malladi and Arora 2021. With learning rate η/l, l steps make
/// one of the original; as l grows the noise of l steps becomes Gaussian, that of one does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Svag {
    l: f64,
}

impl Svag {
    /// # Errors
    /// [`Error::Input`] unless l ≥ 1.
    pub fn new(l: f64) -> Result<Self> {
        if l.is_finite() && l >= 1.0 {
            return Ok(Self { l });
        }
        Err(Error::Input(format!(
            "l = {l} must be at least 1: its weights are (1 ± √(2l − 1))/2"
        )))
    }

    /// r₊ and r₋; their sum is 1.
    pub fn weights(&self) -> (f64, f64) {
        let root = (2.0 * self.l - 1.0).sqrt();
        (0.5 * (1.0 + root), 0.5 * (1.0 - root))
    }

    /// r₊ⁿ + r₋ⁿ, by which the n-th cumulant of one gradient's noise is multiplied: 1 for the mean,
    /// l for the covariance, (3l − 1)/2 for the third and (l² + 2l − 1)/2 for the fourth.
    pub fn cumulant_factor(&self, n: i32) -> f64 {
        let (plus, minus) = self.weights();
        plus.powi(n) + minus.powi(n)
    }

    /// Factor of the skewness: (3l − 1)/(2l^{3/2}), which tends to 0.
    pub fn skewness_factor(&self) -> f64 {
        self.cumulant_factor(3) / self.l.powf(1.5)
    }

    /// Factor of the excess kurtosis: (l² + 2l − 1)/(2l²), which tends to 1/2.
    pub fn kurtosis_factor(&self) -> f64 {
        self.cumulant_factor(4) / (self.l * self.l)
    }

    /// Factor of the excess kurtosis of the sum of l steps, which tends to 0.
    pub fn summed_kurtosis_factor(&self) -> f64 {
        self.kurtosis_factor() / self.l
    }

    /// E θ and Var θ after `steps` of the original steps at learning rate `eta`, from θ = `start` on
    /// ½hθ² with gradient variance `variance`: l · `steps` steps at η/l with variance l · `variance`.
    ///
    /// # Errors
    /// As [`Recursion::scalar`], or unless l is a whole number.
    pub fn on_quadratic(
        &self,
        rule: LinearRule,
        eta: f64,
        (h, variance): (f64, f64),
        steps: u64,
        (start, memory): (f64, Memory),
    ) -> Result<Moments> {
        if self.l.fract() != 0.0 {
            return Err(Error::Input(format!(
                "l = {} must be a whole number: one step becomes l",
                self.l
            )));
        }
        let recursion = Recursion::scalar(rule, eta / self.l, h, self.l * variance)?;
        // Whole and at least 1; steps beyond 2⁶⁴ are long past the stationary law.
        let law = recursion.after(steps.saturating_mul(self.l as u64), &[start], memory)?;
        Ok(Moments {
            mean: law.mean[0],
            variance: law.covariance[(0, 0)],
        })
    }

    /// Var θ in the long run; `None` where it is unstable.
    ///
    /// # Errors
    /// As [`Recursion::scalar`].
    pub fn stationary(
        &self,
        rule: LinearRule,
        eta: f64,
        (h, variance): (f64, f64),
    ) -> Result<Option<f64>> {
        let recursion = Recursion::scalar(rule, eta / self.l, h, self.l * variance)?;
        Ok(recursion.stationary().map(|law| law.theta[(0, 0)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cumulants_by_hand() {
        for l in [1.0, 2.0, 4.0, 16.0, 1e4] {
            let svag = Svag::new(l).unwrap();
            let close = |value: f64, expected: f64| {
                assert!(
                    (value / expected - 1.0).abs() < 1e-13,
                    "{l} {value} {expected}"
                );
            };
            close(svag.cumulant_factor(1), 1.0);
            close(svag.cumulant_factor(2), l);
            close(svag.cumulant_factor(3), 0.5 * (3.0 * l - 1.0));
            close(svag.cumulant_factor(4), 0.5 * (l * l + 2.0 * l - 1.0));
            close(svag.skewness_factor(), 0.5 * (3.0 * l - 1.0) / l.powf(1.5));
            close(
                svag.kurtosis_factor(),
                0.5 * (l * l + 2.0 * l - 1.0) / (l * l),
            );
            close(svag.summed_kurtosis_factor(), svag.kurtosis_factor() / l);
        }
        let far = Svag::new(1e12).unwrap();
        assert!(far.skewness_factor() < 2e-6);
        assert!((far.kurtosis_factor() - 0.5).abs() < 2e-12);
    }

    #[test]
    fn sgd_tends_to_its_diffusion() {
        // h = 1, η = 0.2, variance 1, ten steps: variance and mean factor to their digits.
        for (l, variance, mean, stationary) in [
            (1.0, 0.10983008721710, 0.1073741824, 0.1111111111),
            (2.0, 0.10370727547985, 0.1215766545905694, 0.1052631579),
            (4.0, 0.10087021801179, 0.1285121565651031, 0.1025641026),
            (16.0, 0.09883173154621, 0.13364006794205367, 0.1006289308),
        ] {
            let svag = Svag::new(l).unwrap();
            let rule = LinearRule::Sgd;
            let start = (1.0, Memory::Zero);
            let found = svag.on_quadratic(rule, 0.2, (1.0, 1.0), 10, start).unwrap();
            assert!((found.mean - mean).abs() < 2e-16, "{found:?}");
            assert!((found.variance - variance).abs() < 5.1e-15, "{found:?}");
            let late = svag.stationary(rule, 0.2, (1.0, 1.0)).unwrap().unwrap();
            assert!((late - stationary).abs() < 5.1e-11);
        }
        // The diffusion: 0.1(1 − e⁻⁴) and e⁻²; the distance falls like 1/l.
        let diffusion = -0.1 * (-4f64).exp_m1();
        assert!((diffusion - 0.09816843611112658).abs() < 1e-15);
        let error = |l: f64| {
            let svag = Svag::new(l).unwrap();
            let found =
                svag.on_quadratic(LinearRule::Sgd, 0.2, (1.0, 1.0), 10, (1.0, Memory::Zero));
            found.unwrap().variance - diffusion
        };
        assert!((error(1024.0) / error(2048.0) - 2.0).abs() < 1e-3);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(Svag::new(0.5).is_err() && Svag::new(f64::NAN).is_err());
        let half = Svag::new(1.5).unwrap();
        let start = (1.0, Memory::Zero);
        assert!(
            half.on_quadratic(LinearRule::Sgd, 0.1, (1.0, 1.0), 1, start)
                .is_err()
        );
    }
}
