//! A linear optimizer in d coordinates: one rule for all, or frozen per-coordinate ones.

use super::rule::LinearRule;
use base::error::{Error, Result};

/// A rule and a factor of the learning rate for every coordinate.
///
/// Adaptive rules are linear once what adapts is frozen: Adam's preconditioner 1/(√v + ε), Adai's
/// inertia β₁ per coordinate. Bias corrections, which fade, are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearOptimizer {
    coordinates: Vec<(LinearRule, f64)>,
    pull: f64,
}

impl LinearOptimizer {
    /// The same rule in `dim` coordinates.
    ///
    /// # Errors
    /// As [`LinearRule::check`], or `dim` is 0.
    pub fn uniform(rule: LinearRule, dim: usize) -> Result<Self> {
        Self::preconditioned(rule, &vec![1.0; dim])
    }

    /// The same rule with the learning rate ηpᵢ in coordinate i: a frozen preconditioner.
    ///
    /// # Errors
    /// As [`LinearRule::check`], or unless every pᵢ is positive.
    pub fn preconditioned(rule: LinearRule, p: &[f64]) -> Result<Self> {
        Self::of(p.iter().map(|&p| (rule, p)).collect())
    }

    /// Adam, or AdaPNM, with frozen second moments: pᵢ = 1/(√vᵢ + ε).
    ///
    /// `rule` is the average of the gradients: [`LinearRule::Sgdm`] for Adam (Kingma and Ba 2015),
    /// [`LinearRule::Pnm`] for AdaPNM (Xie et al. 2021, Algorithm 3).
    ///
    /// # Errors
    /// As [`LinearOptimizer::preconditioned`], or where √vᵢ + ε is not positive.
    pub fn frozen_second_moment(
        rule: LinearRule,
        second_moment: &[f64],
        epsilon: f64,
    ) -> Result<Self> {
        let p: Vec<f64> = second_moment
            .iter()
            .map(|v| 1.0 / (v.sqrt() + epsilon))
            .collect();
        Self::preconditioned(rule, &p)
    }

    /// Adai with frozen inertia: m ← β₁ᵢm + (1 − β₁ᵢ)g in coordinate i (Xie et al. 2022).
    ///
    /// # Errors
    /// Unless every β₁ᵢ lies in [0, 1).
    pub fn frozen_inertia(beta1: &[f64]) -> Result<Self> {
        Self::of(
            beta1
                .iter()
                .map(|&beta1| (LinearRule::Sgdm { beta1 }, 1.0))
                .collect(),
        )
    }

    fn of(coordinates: Vec<(LinearRule, f64)>) -> Result<Self> {
        if coordinates.is_empty() {
            return Err(Error::Input("an optimizer needs a coordinate".into()));
        }
        for (rule, p) in &coordinates {
            rule.check()?;
            if !(p.is_finite() && *p > 0.0) {
                return Err(Error::Input(format!(
                    "the preconditioner {p} must be positive and finite"
                )));
            }
        }
        Ok(Self {
            coordinates,
            pull: 0.0,
        })
    }

    /// With decoupled weight decay λ: θ ← (1 − ηλ)θ beside the update (Loshchilov and Hutter 2019).
    #[must_use]
    pub fn decoupled(self, lambda: f64) -> Self {
        Self {
            pull: lambda,
            ..self
        }
    }

    /// λ of the decoupled weight decay.
    pub fn pull(&self) -> f64 {
        self.pull
    }

    /// d.
    pub fn dim(&self) -> usize {
        self.coordinates.len()
    }

    /// Rule and factor of the learning rate, coordinate by coordinate.
    pub fn coordinates(&self) -> &[(LinearRule, f64)] {
        &self.coordinates
    }

    /// The most that a gradient and the memory, both of size 1, move a coordinate at η = 1.
    pub fn largest_gain(&self) -> f64 {
        let gain = |(rule, p): &(LinearRule, f64)| p * rule.filter().reach();
        self.coordinates.iter().map(gain).fold(0.0, f64::max)
    }

    /// The rule, where all coordinates have the same, no preconditioner and no decay beside it.
    pub fn single_rule(&self) -> Option<LinearRule> {
        let (rule, p) = self.coordinates[0];
        let alike = self.coordinates.iter().all(|c| *c == (rule, 1.0));
        (alike && p == 1.0 && self.pull == 0.0).then_some(rule)
    }
}

/// β₁ᵢ = 1 − β₀vᵢ/v̄ within [0, 1 − ε], v̄ the mean of v: Adai's inertia at frozen second moments
/// (Xie et al. 2022, Algorithm 2).
///
/// # Errors
/// [`Error::Input`] unless every vᵢ ≥ 0 and their mean is positive.
pub fn adai_inertia(second_moment: &[f64], beta0: f64, epsilon: f64) -> Result<Vec<f64>> {
    let mean = second_moment.iter().sum::<f64>() / second_moment.len() as f64;
    let usable = second_moment.iter().all(|v| *v >= 0.0);
    if !(usable && mean.is_finite() && mean > 0.0) {
        return Err(Error::Input(format!(
            "Adai's second moments must be at least 0 with a positive mean; their mean is {mean}"
        )));
    }
    let largest = 1.0 - epsilon;
    Ok(second_moment
        .iter()
        .map(|v| (1.0 - beta0 * v / mean).clamp(0.0, largest.max(0.0)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inertia_of_three_curvatures() {
        // 1 − 0.1 a/0.37 for a = 0.01, 0.1, 1.
        let inertia = adai_inertia(&[0.01, 0.1, 1.0], 0.1, 1e-3).unwrap();
        for (value, expected) in inertia.iter().zip([0.997297, 0.972973, 0.729730]) {
            assert!((value - expected).abs() < 5e-7, "{value}");
        }
        assert_eq!(adai_inertia(&[0.0, 1.0], 0.1, 1e-3).unwrap()[0], 0.999);
        assert_eq!(adai_inertia(&[0.0, 1.0], 9.0, 1e-3).unwrap()[1], 0.0);
        assert!(adai_inertia(&[0.0, 0.0], 0.1, 1e-3).is_err());
        assert!(adai_inertia(&[-1.0, 4.0], 0.1, 1e-3).is_err());
        assert!(adai_inertia(&[], 0.1, 1e-3).is_err());
    }

    #[test]
    fn one_rule_or_many() {
        let rule = LinearRule::Sgdm { beta1: 0.9 };
        let uniform = LinearOptimizer::uniform(rule, 3).unwrap();
        assert_eq!((uniform.dim(), uniform.single_rule()), (3, Some(rule)));
        let adam = LinearOptimizer::frozen_second_moment(rule, &[4.0, 0.25], 0.0).unwrap();
        assert_eq!(adam.coordinates()[1], (rule, 2.0));
        assert_eq!(adam.single_rule(), None);
        assert!(LinearOptimizer::frozen_second_moment(rule, &[0.0], 0.0).is_err());
        assert!(LinearOptimizer::frozen_second_moment(rule, &[-1.0], 1.0).is_err());
        assert!(LinearOptimizer::frozen_inertia(&[1.0]).is_err());
        assert!(LinearOptimizer::uniform(rule, 0).is_err());
    }
}
