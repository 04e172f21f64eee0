//! Second moments of an ensemble, each with its standard error and skewness.

use super::estimate::Estimate;
use super::mean::Moments;
use super::quantile::normal_two_sided;

/// A second moment: the mean of products x_p y_p over particles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecondMoment {
    /// The mean of the products.
    pub mean: f64,
    /// Its standard error, from the products themselves (fourth moments), so no law is assumed.
    pub standard_error: f64,
    /// The skewness of one product.
    pub skewness: f64,
    /// Particles in it.
    pub n: u64,
    /// Particles that were not finite.
    pub diverged: u64,
}

impl SecondMoment {
    /// The covariance of coordinates i and j over rows of `dim` coordinates, one row a particle.
    ///
    /// With `centred` the means of x and y are taken off first and the products scaled by n/(n − 1), so
    /// that the mean is the unbiased covariance. A particle with a coordinate that is not finite counts as
    /// diverged.
    pub fn of(rows: &[f64], dim: usize, i: usize, j: usize, centred: bool) -> Self {
        let pairs = || rows.chunks_exact(dim).map(|row| (row[i], row[j]));
        let finite = |pair: &(f64, f64)| pair.0.is_finite() && pair.1.is_finite();
        let (x, y): (Moments, Moments) = (
            pairs().filter(finite).map(|pair| pair.0).collect(),
            pairs().filter(finite).map(|pair| pair.1).collect(),
        );
        let n = x.n() as f64;
        let (x0, y0, scale) = if centred && n > 1.0 {
            let mean = |m: &Moments| m.mean().unwrap_or(0.0);
            (mean(&x), mean(&y), n / (n - 1.0))
        } else {
            (0.0, 0.0, 1.0)
        };
        let products = || pairs().map(|(a, b)| (a - x0) * (b - y0) * scale);
        let moments: Moments = products().collect();
        let mean = moments.mean().unwrap_or(f64::NAN);
        let spread = moments.variance().unwrap_or(f64::NAN).sqrt();
        // In units of the spread, whose cube may overflow.
        let third: Moments = products().map(|p| ((p - mean) / spread).powi(3)).collect();
        SecondMoment {
            mean,
            standard_error: moments.standard_error().unwrap_or(f64::NAN),
            skewness: third.mean().unwrap_or(0.0),
            n: moments.n(),
            diverged: moments.diverged(),
        }
    }

    /// In other units.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        SecondMoment {
            mean: self.mean * factor,
            standard_error: self.standard_error * factor.abs(),
            skewness: self.skewness * factor.signum(),
            ..self
        }
    }

    /// With an interval corrected for the skewness of the products, which a normal interval misses on one
    /// side: mean + se·(±z + γ(2z² + 1)/(6√n)).
    ///
    /// Source: Johnson, J. Am. Stat. Assoc. 73 (1978) 536.
    pub fn estimate(&self, confidence: f64) -> Estimate {
        let z = normal_two_sided(1.0 - confidence);
        let shift = self.skewness * (2.0 * z * z + 1.0) / (6.0 * (self.n.max(1) as f64).sqrt());
        Estimate {
            value: self.mean.is_finite().then_some(self.mean),
            ci_low: self.mean + self.standard_error * (shift - z),
            ci_high: self.mean + self.standard_error * (shift + z),
            confidence,
            n: self.n,
            method: "mean of products over particles, Johnson's interval".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_particles_by_hand() {
        let rows = [1.0, 2.0, 3.0, 6.0, 5.0, 4.0, f64::NAN, 0.0, 7.0, 0.0];
        let raw = SecondMoment::of(&rows, 2, 0, 1, false);
        assert_eq!((raw.n, raw.diverged), (4, 1));
        // Products 2, 18, 20, 0.
        assert!((raw.mean - 10.0).abs() < 1e-14);
        assert!((raw.standard_error - (328.0f64 / 3.0 / 4.0).sqrt()).abs() < 1e-13);
        // Symmetric about 10.
        assert!(raw.skewness.abs() < 1e-13);
        let centred = SecondMoment::of(&rows, 2, 0, 1, true);
        // Means 4 and 3: (3·1 − 1·3 + 1·1 − 3·3)/3 = −8/3.
        assert!((centred.mean + 8.0 / 3.0).abs() < 1e-14);
        let variance = SecondMoment::of(&rows, 2, 0, 0, true);
        assert!((variance.mean - 20.0 / 3.0).abs() < 1e-14);
        let negative = variance.times(-2.0);
        assert!((negative.skewness + variance.skewness).abs() < 1e-15);
        let (e, f) = (variance.estimate(0.99), negative.estimate(0.99));
        assert!((f.ci_low + 2.0 * e.ci_high).abs() < 1e-12 && e.ci_low < 20.0 / 3.0);
    }
}
