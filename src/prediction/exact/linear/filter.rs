//! A linear filter from gradients to a direction: memory, noise spectrum, variance.

use std::f64::consts::PI;

use nalgebra::{Complex, DMatrix, DVector};

use super::step::LinearStep;

/// With the memory s of k numbers per coordinate: d = out·s + through·g, then s ← F s + in·g.
///
/// The step is θ ← θ − η gain d; g is taken at θ + η gain ahead·s, and its noise enters `amplification` times.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// F, k × k.
    pub transition: DMatrix<f64>,
    /// in, k.
    pub input: DVector<f64>,
    /// out, k.
    pub output: DVector<f64>,
    /// through.
    pub through: f64,
    /// ahead, k: how far before θ the gradient is taken.
    pub ahead: DVector<f64>,
    /// What the learning rate is multiplied by.
    pub gain: f64,
    /// What the noise of one gradient is multiplied by: more than 1 where several are combined.
    pub amplification: f64,
}

impl Filter {
    /// d = g: what is kept, the gradient, is not used again.
    pub fn memoryless() -> Self {
        Self {
            output: DVector::zeros(1),
            ..Self::average(0.0, 1.0)
        }
    }

    /// m ← decay·m + weight·g, d = m.
    pub fn average(decay: f64, weight: f64) -> Self {
        Self {
            transition: DMatrix::from_element(1, 1, decay),
            input: DVector::from_element(1, weight),
            output: DVector::from_element(1, decay),
            through: weight,
            ahead: DVector::zeros(1),
            gain: 1.0,
            amplification: 1.0,
        }
    }

    /// k ≥ 1, the numbers kept per coordinate; the last of them is the momentum m.
    pub fn order(&self) -> usize {
        self.input.len()
    }

    /// Whether the memory of a gradient fades, |F| < 1: else the direction has no mean and no power in the long run.
    pub fn fades(&self) -> bool {
        let eigenvalues = self.transition.complex_eigenvalues();
        eigenvalues.iter().all(|value| value.norm() < 1.0)
    }

    /// Whether the gradient is taken elsewhere than at θ.
    pub fn looks_ahead(&self) -> bool {
        self.ahead.amax() != 0.0
    }

    /// S(ω) of the direction without its gain, ω in radians per step, for white gradient noise of
    /// unit variance: |through + outᵀ(e^{iω} − F)⁻¹in|².
    ///
    /// S(0), the power at zero frequency, sets how far θ diffuses in the long run. Infinite where the memory does not fade.
    pub fn spectrum(&self, omega: f64) -> f64 {
        if !self.fades() {
            return f64::INFINITY;
        }
        let k = self.order();
        let z = Complex::from_polar(1.0, omega);
        let complex = |x: f64| Complex::new(x, 0.0);
        let mut matrix = -self.transition.map(complex);
        for i in 0..k {
            matrix[(i, i)] += z;
        }
        let memory = matrix.lu().solve(&self.input.map(complex));
        let response = memory.map_or(Complex::new(f64::INFINITY, 0.0), |memory| {
            complex(self.through) + self.output.map(complex).dot(&memory)
        });
        self.amplification.powi(2) * response.norm_sqr()
    }

    /// The direction over the gradient, without the gain, for gradients that are multiplied by `sign` = ±1 in every step;
    /// infinite where the memory does not fade.
    pub fn at_period(&self, sign: f64) -> f64 {
        if !self.fades() {
            return f64::INFINITY;
        }
        let k = self.order();
        let matrix = DMatrix::identity(k, k) * sign - &self.transition;
        let memory = matrix.lu().solve(&self.input);
        let put = memory.map_or(f64::INFINITY, |memory| self.output.dot(&memory));
        self.amplification * (self.through + put)
    }

    /// The most that it puts out, its gain included, for a gradient and a memory of size 1.
    pub fn reach(&self) -> f64 {
        self.gain * (self.through.abs() + self.output.lp_norm(1))
    }

    /// With its gain in what it puts out instead.
    #[must_use]
    pub fn normalised(&self) -> Self {
        Self {
            output: &self.output * self.gain,
            through: self.through * self.gain,
            ahead: &self.ahead * self.gain,
            gain: 1.0,
            ..self.clone()
        }
    }

    /// S(π), the power of the period of two steps.
    pub fn nyquist(&self) -> f64 {
        self.spectrum(PI)
    }

    /// The variance of one direction without its gain, for gradient noise of unit variance: the mean
    /// of S. `None` where the memory does not settle.
    pub fn per_step(&self) -> Option<f64> {
        let memory = self.memory().stationary()?;
        let variance = self.through.powi(2) + (self.output.transpose() * memory * &self.output)[0];
        Some(self.amplification.powi(2) * variance)
    }

    /// s ← F s + in·ξ with ξ of unit variance.
    fn memory(&self) -> LinearStep {
        let k = self.order();
        LinearStep {
            change: &self.transition - DMatrix::identity(k, k),
            noise: &self.input * self.input.transpose(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LinearRule;
    use super::super::gamma;
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-13, "{value} {expected}");
    }

    #[test]
    fn power_of_an_average() {
        // Per step (1 − β)/(1 + β); at zero frequency 1.
        for (beta1, printed) in [(0.5, 0.3333), (0.9, 0.05263), (0.99, 0.005025)] {
            let filter = LinearRule::Sgdm { beta1 }.filter();
            let per_step = filter.per_step().unwrap();
            close(per_step, (1.0 - beta1) / (1.0 + beta1));
            assert!((per_step / printed - 1.0).abs() < 2e-4);
            close(filter.spectrum(0.0), 1.0);
        }
        close(LinearRule::Sgd.filter().per_step().unwrap(), 1.0);
        let two = LinearRule::TwoBatch { beta0: 2.0 }.filter();
        close(two.per_step().unwrap(), 13.0);
        close(two.spectrum(1.0), 13.0);
    }

    #[test]
    fn power_of_positive_negative_momentum() {
        for beta1 in [0.0, 0.5, 0.9, 0.99] {
            for beta0 in [-0.5, 0.0, 1.0, 2.0] {
                let filter = LinearRule::Pnm { beta1, beta0 }.filter();
                let q = beta1 * beta1;
                let expected = gamma(beta0).value() * (1.0 - q) / (1.0 + q);
                close(filter.per_step().unwrap(), expected);
                // |1 + β₀ − β₀e^{−iω}|²(1 − q)²/|1 − qe^{−2iω}|², peaks 1 and (1 + 2β₀)².
                close(filter.spectrum(0.0), 1.0);
                let alternating = (1.0 + 2.0 * beta0).powi(2);
                assert!((filter.nyquist() - alternating).abs() < 1e-12);
                let omega = 0.7f64;
                let pair = (1.0 + beta0).powi(2) + beta0 * beta0
                    - 2.0 * beta0 * (1.0 + beta0) * omega.cos();
                let pole = 1.0 + q * q - 2.0 * q * (2.0 * omega).cos();
                close(filter.spectrum(omega), pair * (1.0 - q).powi(2) / pole);
            }
        }
    }

    #[test]
    fn the_variance_is_the_mean_of_the_spectrum() {
        // The trapezoidal rule on a period converges like the slowest power of the memory, 0.8^1000.
        let rule = LinearRule::Torch {
            mu: 0.8,
            tau: 0.2,
            nesterov: true,
        };
        let filter = rule.filter();
        let n = 1000;
        let sum: f64 = (0..n)
            .map(|i| filter.spectrum(2.0 * PI * f64::from(i) / f64::from(n)))
            .sum();
        close(sum / f64::from(n), filter.per_step().unwrap());
    }

    #[test]
    fn beta0_of_a_half_is_only_nearly_an_average() {
        // (1 + β)²/(2(1 + β²)) of the average's variance: 0.5, 0.9, 0.99724; exact at −β/(1 + β).
        for (beta1, printed) in [(0.0, 0.5), (0.5, 0.9), (0.9, 0.99724)] {
            let average = LinearRule::Sgdm { beta1 }.filter().per_step().unwrap();
            let ratio = |beta0| {
                let pnm = LinearRule::Pnm { beta1, beta0 };
                pnm.filter().per_step().unwrap() / average
            };
            assert!((ratio(-0.5) - printed).abs() < 5e-6);
            close(ratio(-beta1 / (1.0 + beta1)), 1.0);
        }
    }
}
