//! Styblinski–Tang's loss averaged over Gaussian data, and the noise of its gradient.

use base::error::{Error, Result};

/// L(y) = E f(y − x), f(u) = (u⁴ − 16u² + 5u)/2, x ~ N(0, s²): one coordinate of the averaged loss.
///
/// L(y) = (y⁴ + (6s² − 16) y² + 5y + 3s⁴ − 16s²)/2. It is not f: data widen the well away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AveragedStyblinskiTang {
    variance: f64,
}

/// The critical points of the averaged loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wells {
    /// A deep well on the left, a saddle, a shallow well on the right.
    Double {
        /// The global minimum.
        deep: f64,
        /// The maximum between the wells (a saddle among many coordinates).
        saddle: f64,
        /// The other minimum.
        shallow: f64,
    },
    /// One minimum and no barrier: s² > 1.93567…
    Single {
        /// The only critical point.
        minimum: f64,
    },
}

impl AveragedStyblinskiTang {
    /// Data of variance s² ≥ 0.
    ///
    /// # Errors
    /// [`Error::Input`] for a negative or non-finite variance.
    pub fn new(data_variance: f64) -> Result<Self> {
        if data_variance.is_finite() && data_variance >= 0.0 {
            return Ok(Self {
                variance: data_variance,
            });
        }
        Err(Error::Input(format!(
            "data variance {data_variance} must be at least 0 and finite"
        )))
    }

    /// s² above which there is no barrier: (8 − (27/4 · 5²/4²)^{1/3})/3, where the discriminant of
    /// L' vanishes.
    pub fn largest_variance_with_a_barrier() -> f64 {
        (8.0 - (6.75f64 * 1.5625).cbrt()) / 3.0
    }

    /// L(y).
    pub fn value(&self, y: f64) -> f64 {
        let s2 = self.variance;
        let y2 = y * y;
        0.5 * (y2 * y2 + (6.0 * s2 - 16.0) * y2 + 5.0 * y + 3.0 * s2 * s2 - 16.0 * s2)
    }

    /// L'(y) = 2y³ + (6s² − 16) y + 5/2.
    pub fn gradient(&self, y: f64) -> f64 {
        (2.0 * y * y + 6.0 * self.variance - 16.0) * y + 2.5
    }

    /// L''(y) = 6y² + 6s² − 16.
    pub fn hessian(&self, y: f64) -> f64 {
        6.0 * y * y + 6.0 * self.variance - 16.0
    }

    /// The variance of f'(y − x), the gradient of one sample:
    /// C(y) = s²(6y² + 6s² − 16)² + 72 s⁴y² + 24 s⁶.
    ///
    /// From the Hermite expansion of f' about y: Var = Σ_k (s²)^k E[f^{(k+1)}]²/k!. It is of the
    /// form H²s² + …, not ∝ |H|. A minibatch of B has C/B.
    pub fn gradient_variance(&self, y: f64) -> f64 {
        let s2 = self.variance;
        let h = self.hessian(y);
        s2 * (h * h + s2 * (72.0 * y * y + 24.0 * s2))
    }

    /// The critical points, to rounding.
    pub fn wells(&self) -> Wells {
        // L'/2 = y³ + p y + q.
        let (p, q) = (3.0 * self.variance - 8.0, 1.25);
        let polish = |mut y: f64| {
            for _ in 0..4 {
                let step = self.gradient(y) / self.hessian(y);
                if step.is_finite() {
                    y -= step;
                }
            }
            y
        };
        if 4.0 * p * p * p + 27.0 * q * q < 0.0 {
            // Viète's three real roots; k = 0 is the largest, k = 2 the middle one.
            let radius = 2.0 * (-p / 3.0).sqrt();
            let angle = (3.0 * q / (p * radius)).acos() / 3.0;
            let root = |k: f64| radius * (angle - 2.0 * std::f64::consts::PI * k / 3.0).cos();
            let mut roots = [root(0.0), root(1.0), root(2.0)];
            roots.sort_by(f64::total_cmp);
            let [deep, saddle, shallow] = roots.map(polish);
            return Wells::Double {
                deep,
                saddle,
                shallow,
            };
        }
        // Cardano; q > 0, so this root does not cancel.
        let u = (0.5 * q + (0.25 * q * q + p * p * p / 27.0).max(0.0).sqrt()).cbrt();
        Wells::Single {
            minimum: polish(p / (3.0 * u) - u),
        }
    }
}

#[cfg(test)]
#[path = "averaged_loss_tests.rs"]
mod tests;
