//! The SDE of RMSprop: θ and the running mean of squared gradients.

use super::{Noise, Sde};
use crate::landscape::Landscape;
use base::error::{Error, Result};

/// The SDE of RMSprop (Malladi et al. 2022, section 4): with time kη², σ₀ = ση, ε₀ = εη and c₂ = (1 − β₂)/η²,
///
/// ```text
/// dθ = −P⁻¹(∇L dt + σ₀Σ^{1/2} dW),  du = c₂(diag Σ − u)dt,  P = σ₀ diag(u)^{1/2} + ε₀
/// ```
///
/// for gradients ∇L + σΣ^{1/2}z whose noise dominates (σ₀ fixed as η → 0) and u = v/σ². Σ is diagonal and constant
/// here. The coordinates are θ, then u: 2d of them.
pub struct RmspropSde {
    landscape: Box<dyn Landscape>,
    /// diag Σ.
    sigma: Vec<f64>,
    scale: f64,
    epsilon: f64,
    c2: f64,
}

impl RmspropSde {
    /// The SDE on `landscape` with diag Σ = `sigma`, σ₀ = `scale`, ε₀ = `epsilon` and c₂.
    ///
    /// # Errors
    /// A number is negative or not finite, σ₀ or c₂ is 0, or Σ has another dimension than the landscape.
    pub fn new(
        landscape: Box<dyn Landscape>,
        sigma: Vec<f64>,
        scale: f64,
        epsilon: f64,
        c2: f64,
    ) -> Result<Self> {
        let whole = sigma.len() == landscape.dim();
        let good = |x: &f64| x.is_finite() && *x >= 0.0;
        if !(whole && sigma.iter().chain([&epsilon]).all(good)) {
            return Err(Error::Input(format!(
                "Σ = {sigma:?} and ε₀ = {epsilon} must be at least 0 and finite, Σ with an entry for each of {} coordinates",
                landscape.dim()
            )));
        }
        if ![scale, c2].iter().all(|x| x.is_finite() && *x > 0.0) {
            return Err(Error::Input(format!(
                "σ₀ = {scale} and c₂ = {c2} must be positive and finite"
            )));
        }
        Ok(RmspropSde {
            landscape,
            sigma,
            scale,
            epsilon,
            c2,
        })
    }

    /// The diagonal of P at `u`.
    pub(super) fn preconditioner(&self, u: f64) -> f64 {
        self.scale * u.max(0.0).sqrt() + self.epsilon
    }

    /// du/dt of coordinate `i` at `u`.
    pub(super) fn forget(&self, i: usize, u: f64) -> f64 {
        self.c2 * (self.sigma[i] - u)
    }

    /// diag Σ of coordinate `i` times σ₀².
    pub(super) fn variance(&self, i: usize) -> f64 {
        self.scale * self.scale * self.sigma[i]
    }

    /// The landscape of θ.
    pub(super) fn landscape(&self) -> &dyn Landscape {
        &*self.landscape
    }
}

impl Sde for RmspropSde {
    fn dim(&self) -> usize {
        2 * self.landscape.dim()
    }

    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]) {
        let size = lanes * self.landscape.dim();
        let (theta, u) = theta.split_at(size);
        let (move_, relax) = drift.split_at_mut(size);
        self.landscape.gradient(theta, lanes, move_);
        for (at, u) in u.iter().enumerate() {
            move_[at] /= -self.preconditioner(*u);
            relax[at] = self.forget(at / lanes, *u);
        }
    }

    fn diffusion(&self, theta: &[f64], lanes: usize, diffusion: &mut [f64]) {
        let size = lanes * self.landscape.dim();
        diffusion.fill(0.0);
        for (at, u) in theta[size..].iter().enumerate() {
            let p = self.preconditioner(*u);
            diffusion[at] = 0.5 * self.variance(at / lanes) / (p * p);
        }
    }

    fn diffusion_slope(&self, _: &[f64], _: usize, slope: &mut [f64]) {
        slope.fill(0.0);
    }

    fn noise(&self) -> Noise {
        Noise::Crossed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::quadratic::Quadratic;
    use nalgebra::DMatrix;

    /// By hand: ∇L = 3 · 2 = 6, u = 0.25, P = 0.4 · 0.5 + 0.1 = 0.3: dθ/dt = −20, du/dt = 5(0.09 − 0.25) = −0.8,
    /// and 2D = 0.16 · 0.09/0.09. And a step of RMSprop at η = 0.01, with σ = σ₀/η = 40, ε = ε₀/η = 10 and
    /// v = σ²u: η∇L/(√v + ε) = 0.002 in the time η² = 1e-4.
    #[test]
    fn drift_and_diffusion_by_hand() {
        let bowl = Box::new(Quadratic::new(DMatrix::from_element(1, 1, 3.0)).unwrap());
        let sde = RmspropSde::new(bowl, vec![0.09], 0.4, 0.1, 5.0).unwrap();
        let (mut drift, mut diffusion) = ([0.0; 2], [0.0; 2]);
        sde.drift(&[2.0, 0.25], 1, &mut drift);
        sde.diffusion(&[2.0, 0.25], 1, &mut diffusion);
        assert!((drift[0] + 20.0).abs() < 1e-13 && (drift[1] + 0.8).abs() < 1e-15);
        assert!((2.0 * diffusion[0] - 0.16).abs() < 1e-15 && diffusion[1] == 0.0);
        let eta = 0.01f64;
        let (sigma, epsilon) = (0.4 / eta, 0.1 / eta);
        let step = eta * 6.0 / ((sigma * sigma * 0.25).sqrt() + epsilon);
        assert!((step + drift[0] * eta * eta).abs() < 1e-15);
    }

    #[test]
    fn nonsense_is_refused() {
        let bowl = || Box::new(Quadratic::new(DMatrix::from_element(1, 1, 3.0)).unwrap());
        assert!(RmspropSde::new(bowl(), vec![1.0, 1.0], 1.0, 0.0, 1.0).is_err());
        assert!(RmspropSde::new(bowl(), vec![-1.0], 1.0, 0.0, 1.0).is_err());
        assert!(RmspropSde::new(bowl(), vec![1.0], 0.0, 0.0, 1.0).is_err());
    }
}
