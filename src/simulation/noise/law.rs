//! The laws that data x_j may have, one coordinate at a time.

use rand::Rng;
use rand_distr::{Distribution, Normal, StudentT, Uniform};

/// A symmetric law of given variance per coordinate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Normal.
    Normal,
    /// Uniform on an interval.
    Uniform,
    /// Student's t with ν > 2 degrees of freedom.
    Student(f64),
}

impl Law {
    /// One draw of variance `variance`.
    pub fn draw(self, variance: f64, rng: &mut impl Rng) -> f64 {
        let sigma = variance.sqrt();
        match self {
            Law::Normal => sigma * Normal::new(0.0, 1.0).map_or(0.0, |d| d.sample(rng)),
            Law::Uniform => {
                let half = 3f64.sqrt();
                sigma * Uniform::new(-half, half).map_or(0.0, |d| d.sample(rng))
            }
            Law::Student(nu) => {
                let scale = sigma / (nu / (nu - 2.0)).sqrt();
                scale * StudentT::new(nu).map_or(0.0, |d| d.sample(rng))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Sequence, Stream};

    /// Seed 7, n = 200,000: |mean| and |variance − 4| within 5 standard errors (α ≈ 6e-7 each);
    /// Var(x²) = 2σ⁴, 4σ⁴/5 and (κ − 1)σ⁴ with κ = 3 + 6/(ν − 4) = 4 at ν = 10.
    #[test]
    fn moments() {
        let n = 200_000;
        for (law, fourth) in [
            (Law::Normal, 3.0),
            (Law::Uniform, 1.8),
            (Law::Student(10.0), 4.0),
        ] {
            let stream = Stream::new(7, 0);
            let (mut sum, mut squares) = (0.0, 0.0);
            for i in 0..n {
                let x = law.draw(4.0, &mut Sequence::new(&stream, Purpose::Pool, i, 0));
                sum += x;
                squares += x * x;
            }
            let n = n as f64;
            assert!((sum / n).abs() < 5.0 * 2.0 / n.sqrt(), "{law:?}");
            let error = 4.0 * f64::sqrt(fourth - 1.0) / n.sqrt();
            assert!((squares / n - 4.0).abs() < 5.0 * error, "{law:?}");
        }
    }
}
