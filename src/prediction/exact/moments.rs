//! Mean and variance of one coordinate.

use super::gaussian::upper_tail;

/// E x and Var x; the whole law where it is Gaussian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// E x.
    pub mean: f64,
    /// Var x.
    pub variance: f64,
}

impl Moments {
    /// E x².
    pub fn second(&self) -> f64 {
        self.mean * self.mean + self.variance
    }

    /// P(x ≤ at) of the normal law with these moments, to a few ulp; for a variance above 0.
    pub fn normal_cdf(&self, at: f64) -> f64 {
        upper_tail((self.mean - at) / self.variance.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_normal_law() {
        let law = Moments {
            mean: 1.0,
            variance: 4.0,
        };
        assert_eq!(law.second(), 5.0);
        assert!((law.normal_cdf(1.0) - 0.5).abs() < 1e-16);
        // Φ(1.959963984540054) = 0.975.
        assert!((law.normal_cdf(1.0 + 2.0 * 1.959963984540054) - 0.975).abs() < 2e-16);
    }
}
