//! A Gaussian step of a linear recursion, and many of them at once.

use nalgebra::{DMatrix, DVector};

use base::error::{Error, Result};

/// z ← (I + D) z + ζ with ζ ~ N(0, Q): one step of a linear process, or any number of them.
///
/// The change D is kept, not the matrix A = I + D: near the identity, where small learning rates
/// and small time steps live, A has lost the digits that D still has. Composing steps in this form
/// keeps a stationary variance at ηh = 1e-11 to fifteen digits, where A gives six.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearStep {
    /// D, n × n.
    pub change: DMatrix<f64>,
    /// Q, n × n, symmetric and positive semidefinite.
    pub noise: DMatrix<f64>,
}

/// Mean and covariance of a Gaussian vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// E z.
    pub mean: DVector<f64>,
    /// Cov z.
    pub covariance: DMatrix<f64>,
}

impl Gaussian {
    /// A point.
    pub fn at(mean: DVector<f64>) -> Self {
        let n = mean.len();
        Self {
            mean,
            covariance: DMatrix::zeros(n, n),
        }
    }

    /// E z zᵀ.
    pub fn second_moment(&self) -> DMatrix<f64> {
        &self.covariance + &self.mean * self.mean.transpose()
    }
}

/// Doublings after which a process that has not begun to forget its start never will: 2⁴⁰⁰ steps.
const MOST_DOUBLINGS: usize = 400;
/// Doublings after ‖Aⁿ‖ < 1/2 that leave at most 2⁻⁶⁴ of the start.
const LAST_DOUBLINGS: usize = 6;
/// Doublings for the growth rate: the norm's own constant is then divided by 2⁶⁴.
const GROWTH_DOUBLINGS: i32 = 64;

impl LinearStep {
    /// No step at all, in n dimensions.
    pub fn none(n: usize) -> Self {
        Self {
            change: DMatrix::zeros(n, n),
            noise: DMatrix::zeros(n, n),
        }
    }

    /// This step, then the next.
    pub fn then(&self, next: &Self) -> Self {
        let forward = &next.change * &self.change;
        Self {
            change: &self.change + &next.change + forward,
            noise: &next.noise + next.carried(&self.noise),
        }
    }

    /// This step `n` times, by squaring.
    pub fn times(&self, mut n: u64) -> Self {
        let mut result = Self::none(self.change.nrows());
        let mut power = self.clone();
        loop {
            if n % 2 == 1 {
                result = result.then(&power);
            }
            n /= 2;
            if n == 0 {
                return result;
            }
            power = power.then(&power);
        }
    }

    /// The law after this step from a given law.
    pub fn apply(&self, start: &Gaussian) -> Gaussian {
        Gaussian {
            mean: &start.mean + &self.change * &start.mean,
            covariance: &self.noise + self.carried(&start.covariance),
        }
    }

    /// The stationary covariance: Σ = AΣAᵀ + Q, by doubling.
    ///
    /// `None` where some eigenvalue of A is not inside the unit circle. That it is is proved by a power of A
    /// whose Frobenius norm is below one. Relative accuracy about 1e-14.
    pub fn stationary(&self) -> Option<DMatrix<f64>> {
        let mut power = self.clone();
        for _ in 0..MOST_DOUBLINGS {
            if power.norm() < 0.5 {
                for _ in 0..LAST_DOUBLINGS {
                    power = power.then(&power);
                }
                return Some(power.noise);
            }
            power = power.then(&power);
            if !power.change.iter().all(|x| x.is_finite()) {
                return None;
            }
        }
        None
    }

    /// ln ρ(A), the long-run growth of z per step; −∞ where A is nilpotent.
    pub fn growth(&self) -> f64 {
        let n = self.change.nrows();
        let mut power = DMatrix::identity(n, n) + &self.change;
        let mut log = 0.0;
        for doubling in 0..GROWTH_DOUBLINGS {
            let norm = power.norm();
            if norm == 0.0 {
                return f64::NEG_INFINITY;
            }
            log += norm.ln() * 0.5f64.powi(doubling);
            power /= norm;
            power = &power * &power;
        }
        log
    }

    /// dz = Fz dt + dζ with ⟨dζ dζᵀ⟩ = N dt, over the time `t`.
    ///
    /// Power series over a time so short that they converge like that of e, then doublings; so fast
    /// and slow rates of any ratio go together. Non-finite where the process outgrows the doubles.
    ///
    /// # Errors
    /// [`Error::Input`] unless F and N are finite and t ≥ 0 is finite.
    pub fn of_sde(drift: &DMatrix<f64>, noise: &DMatrix<f64>, t: f64) -> Result<Self> {
        let known = drift.iter().chain(noise.iter()).all(|x| x.is_finite());
        if !known || !t.is_finite() || t < 0.0 {
            return Err(Error::Input(format!(
                "a linear SDE needs finite coefficients and a finite time ≥ 0; got t = {t}"
            )));
        }
        // The norm, whose squares no double need hold.
        let largest = drift.amax().max(f64::MIN_POSITIVE);
        let rate = (drift / largest).norm() * largest * t;
        if !rate.is_finite() {
            return Err(Error::Input(format!(
                "over the time {t} rates of {largest} exceed the largest double"
            )));
        }
        // ‖F‖h ≤ 1/2.
        let doublings = (2.0 * rate).log2().ceil().max(0.0);
        let h = t * (-doublings).exp2();
        let mut change = drift * h;
        let mut covariance = noise * h;
        let (mut total_change, mut total_noise) = (change.clone(), covariance.clone());
        // The terms fall like 1/k!, so the thirtieth is below 1e-32 of the first.
        for k in 2..=30 {
            let k = f64::from(k);
            change = drift * &change * (h / k);
            let half = drift * &covariance * (h / k);
            covariance = &half + half.transpose();
            total_change += &change;
            total_noise += &covariance;
        }
        let mut step = Self {
            change: total_change,
            noise: total_noise,
        };
        let mut left = doublings;
        while left > 0.0 {
            step = step.then(&step);
            left -= 1.0;
        }
        Ok(step)
    }

    /// A S Aᵀ, symmetric to the last bit: the rounding in which two halves differ would double with
    /// every doubling.
    fn carried(&self, covariance: &DMatrix<f64>) -> DMatrix<f64> {
        let forward = &self.change * covariance;
        let both = &forward * self.change.transpose();
        let sum = covariance + &forward + forward.transpose() + both;
        0.5 * (&sum + sum.transpose())
    }

    /// ‖A‖, Frobenius.
    fn norm(&self) -> f64 {
        let n = self.change.nrows();
        (DMatrix::identity(n, n) + &self.change).norm()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(change: f64, noise: f64) -> LinearStep {
        LinearStep {
            change: DMatrix::from_element(1, 1, change),
            noise: DMatrix::from_element(1, 1, noise),
        }
    }

    fn close(value: f64, expected: f64, relative: f64) {
        assert!(
            (value / expected - 1.0).abs() < relative,
            "{value} {expected}"
        );
    }

    #[test]
    fn powers_are_repeated_steps() {
        let step = LinearStep {
            change: DMatrix::from_row_slice(2, 2, &[-0.1, 0.2, 0.05, -0.3]),
            noise: DMatrix::from_row_slice(2, 2, &[1.0, 0.3, 0.3, 0.5]),
        };
        let start = Gaussian::at(DVector::from_vec(vec![1.0, -2.0]));
        let mut law = start.clone();
        for _ in 0..37 {
            law = step.apply(&law);
        }
        let at_once = step.times(37).apply(&start);
        assert!((&law.mean - &at_once.mean).norm() < 1e-14);
        assert!((&law.covariance - &at_once.covariance).norm() < 1e-13);
        assert_eq!(step.times(0).apply(&start), start);
    }

    #[test]
    fn stationary_variance_at_the_smallest_steps() {
        // q/(1 − a²) with a = 1 − x: q/(x(2 − x)).
        for x in [1.9, 1.0, 0.5, 1e-3, 1e-9, 1e-30] {
            let variance = scalar(-x, 1.0).stationary().unwrap()[(0, 0)];
            close(variance, 1.0 / (x * (2.0 - x)), 2e-15);
        }
    }

    #[test]
    fn stationary_covariance_of_slow_and_fast_rates_together() {
        // Three coordinates with momentum, rates from 1e-5 to 1; Σ = AΣAᵀ + Q in every block.
        let h = DMatrix::from_row_slice(3, 3, &[2.0, 0.5, 0.1, 0.5, 1.0, -0.3, 0.1, -0.3, 0.2]);
        let c = DMatrix::from_row_slice(3, 3, &[1.0, -0.3, 0.2, -0.3, 0.5, 0.1, 0.2, 0.1, 0.9]);
        let (eta, decay) = (1e-4, 0.6);
        let mut change = DMatrix::zeros(6, 6);
        let mut input = DMatrix::zeros(6, 3);
        change.view_range_mut(..3, ..3).copy_from(&(-eta * &h));
        change.view_range_mut(3.., ..3).copy_from(&h);
        change.view_range_mut(..3, 3..).fill_diagonal(-eta * decay);
        change.view_range_mut(3.., 3..).fill_diagonal(decay - 1.0);
        input.view_range_mut(..3, ..).fill_diagonal(-eta);
        input.view_range_mut(3.., ..).fill_diagonal(1.0);
        let noise = &input * c * input.transpose();
        let step = LinearStep { change, noise };
        let sigma = step.stationary().unwrap();
        assert_eq!(sigma, sigma.transpose());
        // DΣ + ΣDᵀ + DΣDᵀ = −Q, block by block, where Σ itself cancels.
        let left = step.carried(&sigma) - &sigma + &step.noise;
        for (rows, columns) in [(0, 0), (0, 3), (3, 3)] {
            let block = |m: &DMatrix<f64>| m.view((rows, columns), (3, 3)).amax();
            assert!(block(&left) < 1e-14 * block(&sigma), "{rows} {columns}");
        }
    }

    #[test]
    fn instability_and_its_edge_are_seen() {
        for change in [-2.0, -2.1, 0.0, 1e-12, 3.0] {
            assert_eq!(scalar(change, 1.0).stationary(), None);
        }
        assert!(scalar(-2.0 + 1e-12, 1.0).stationary().is_some());
        // A rotation neither grows nor decays.
        let rotation = LinearStep {
            change: DMatrix::from_row_slice(2, 2, &[-0.4, -0.8, 0.8, -0.4]),
            noise: DMatrix::identity(2, 2),
        };
        assert!(rotation.growth().abs() < 1e-15);
    }

    #[test]
    fn growth_is_the_spectral_radius() {
        close(scalar(0.1, 0.0).growth(), 1.1f64.ln(), 1e-14);
        // Eigenvalues of [[1, 2], [3, 4]]: (5 + √33)/2.
        let step = LinearStep {
            change: DMatrix::from_row_slice(2, 2, &[0.0, 2.0, 3.0, 3.0]),
            noise: DMatrix::zeros(2, 2),
        };
        close(step.growth(), (0.5 * (5.0 + 33f64.sqrt())).ln(), 1e-14);
        assert_eq!(scalar(-1.0, 0.0).growth(), f64::NEG_INFINITY);
    }

    #[test]
    fn an_ornstein_uhlenbeck_process_at_every_time() {
        let (drift, noise) = (DMatrix::from_element(1, 1, -2.0), DMatrix::identity(1, 1));
        for t in [0.0, 1e-9, 0.3, 40.0, 1e6] {
            let step = LinearStep::of_sde(&drift, &noise, t).unwrap();
            // e^{−2t} − 1 and (1 − e^{−4t})/4.
            let (change, variance) = ((-2.0 * t).exp_m1(), -0.25 * (-4.0 * t).exp_m1());
            assert!((step.change[(0, 0)] - change).abs() <= 2e-15 * change.abs());
            assert!((step.noise[(0, 0)] - variance).abs() <= 4e-15 * variance);
        }
        assert!(LinearStep::of_sde(&drift, &noise, f64::NAN).is_err());
        assert!(LinearStep::of_sde(&drift, &noise, -1.0).is_err());
    }
}
