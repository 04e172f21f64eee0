//! The Klein–Kramers operator in Hermite functions of the velocity and sinc functions of the position.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::Particle;
use base::error::{Error, Result};

/// The operator, factorised level by level.
///
/// With p = e^{−L/2T} Σₙ cₙ(θ) ψ₀(v)ψₙ(v) and D = √(T/M) ∂ + L′/(2√(TM)) the equation reads
///
/// ```text
/// ∂ₜcₙ = −nγ cₙ + √(n+1) Dᵀ cₙ₊₁ − √n D cₙ₋₁
/// ```
///
/// (Risken, The Fokker–Planck Equation, section 10.3). Eliminated from the highest level down, the
/// Schur complements Sₙ = nγ + (n+1) Dᵀ Sₙ₊₁⁻¹ D are symmetric and positive, and S₀ has e^{−L/2T} in its kernel.
pub struct Levels {
    /// γ.
    damping: f64,
    /// D.
    lower: DMatrix<f64>,
    /// Factors of S₁ … of the last level.
    factors: Vec<Cholesky<f64, Dyn>>,
    /// Factor of S₀ + s φφᵀ.
    ground: Cholesky<f64, Dyn>,
    /// φ, e^{−L/2T} normalised.
    pub rest: DVector<f64>,
    /// The nodes θ.
    pub nodes: Vec<f64>,
}

impl Levels {
    /// The operator on `points` nodes of [low, high] with `levels` Hermite functions beside the first.
    ///
    /// # Errors
    /// [`Error::Failed`] where a complement is not positive: the loss is not finite, or not resolved.
    pub fn new(
        particle: &Particle<'_>,
        low: f64,
        high: f64,
        points: usize,
        levels: usize,
    ) -> Result<Self> {
        let step = (high - low) / (points - 1) as f64;
        let nodes: Vec<f64> = (0..points).map(|i| low + step * i as f64).collect();
        let (t, m) = (particle.temperature, particle.mass);
        let lower = DMatrix::from_fn(points, points, |i, j| {
            if i == j {
                return (particle.slope)(nodes[i]) / (2.0 * (t * m).sqrt());
            }
            let apart = i as f64 - j as f64;
            let sign = if (i + j) % 2 == 0 { 1.0 } else { -1.0 };
            (t / m).sqrt() * sign / (apart * step)
        });
        let losses: Vec<f64> = nodes.iter().map(|x| (particle.loss)(*x)).collect();
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let rest = DVector::from_iterator(
            points,
            losses.iter().map(|l| (-(l - least) / (2.0 * t)).exp()),
        )
        .normalize();

        let unresolved = || {
            Error::Failed(
                "the phase space is not resolved: the loss is not finite or too rough on its grid"
                    .into(),
            )
        };
        let damping = particle.damping;
        let mut complement =
            DMatrix::from_diagonal_element(points, points, levels as f64 * damping);
        let mut factors = Vec::with_capacity(levels);
        for n in (1..=levels).rev() {
            let factor = Cholesky::new(complement).ok_or_else(unresolved)?;
            // Dᵀ S⁻¹ D as a square keeps it symmetric and positive to rounding.
            let mut half = lower.clone();
            factor.l_dirty().solve_lower_triangular_mut(&mut half);
            complement = half.tr_mul(&half) * n as f64;
            for i in 0..points {
                complement[(i, i)] += (n - 1) as f64 * damping;
            }
            factors.push(factor);
        }
        factors.reverse();
        let size = complement.trace() / points as f64;
        let ground = Cholesky::new(complement + &rest * rest.transpose() * size);
        Ok(Self {
            damping,
            lower,
            factors,
            ground: ground.ok_or_else(unresolved)?,
            rest,
            nodes,
        })
    }

    /// x with −𝓛x = r, where x₀ and r₀ are without their share of the steady state.
    pub fn solve(&self, mut right: Vec<DVector<f64>>) -> Vec<DVector<f64>> {
        for n in (1..right.len()).rev() {
            self.factors[n - 1].solve_mut(&mut right[n]);
            let down = self.lower.tr_mul(&right[n]) * (n as f64).sqrt();
            right[n - 1] += down;
        }
        self.ground.solve_mut(&mut right[0]);
        self.without_rest(&mut right[0]);
        for n in 1..right.len() {
            let mut up = &self.lower * &right[n - 1] * (n as f64).sqrt();
            self.factors[n - 1].solve_mut(&mut up);
            right[n] -= up;
        }
        right
    }

    /// Takes the steady state out of a function of position.
    pub fn without_rest(&self, x: &mut DVector<f64>) {
        let share = self.rest.dot(x);
        x.axpy(-share, &self.rest, 1.0);
    }

    /// λ = yᵀ(−𝓛)x / yᵀx with the left vector yₙ = (−1)ⁿxₙ that the reversal of time makes of x. Its
    /// error is the square of that of x.
    pub fn quotient(&self, x: &[DVector<f64>]) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        let mut sign = 1.0;
        for (n, own) in x.iter().enumerate() {
            below += sign * own.norm_squared();
            above += sign * n as f64 * self.damping * own.norm_squared();
            if let Some(next) = x.get(n + 1) {
                above -= sign * 2.0 * ((n + 1) as f64).sqrt() * (&self.lower * own).dot(next);
            }
            sign = -sign;
        }
        above / below
    }

    /// Number of levels, the first among them.
    pub fn len(&self) -> usize {
        self.factors.len() + 1
    }
}
