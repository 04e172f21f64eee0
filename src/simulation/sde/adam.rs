//! The SDE of Adam: θ, the momentum and the running mean of squared gradients.

use super::rmsprop::RmspropSde;
use super::{Noise, Sde};
use base::error::{Error, Result};

/// The SDE of Adam (Malladi et al. 2022, section 4), after its bias corrections have died out (γ₁ = γ₂ = 1):
/// with time kη², σ₀ = ση, ε₀ = εη, c₁ = (1 − β₁)/η² and c₂ = (1 − β₂)/η²,
///
/// ```text
/// dθ = −P⁻¹m dt,  dm = c₁(∇L − m)dt + σ₀c₁Σ^{1/2} dW,  du = c₂(diag Σ − u)dt,  P = σ₀ diag(u)^{1/2} + ε₀
/// ```
///
/// Σ is diagonal and constant here. The coordinates are θ, m, then u: 3d of them; the noise is additive.
pub struct AdamSde {
    rms: RmspropSde,
    c1: f64,
}

impl AdamSde {
    /// The SDE that shares landscape, Σ, σ₀, ε₀ and c₂ with that of RMSprop.
    ///
    /// # Errors
    /// c₁ is not positive and finite.
    pub fn new(rms: RmspropSde, c1: f64) -> Result<Self> {
        if !(c1.is_finite() && c1 > 0.0) {
            return Err(Error::Input(format!(
                "c₁ = {c1}: must be positive and finite"
            )));
        }
        Ok(AdamSde { rms, c1 })
    }
}

impl Sde for AdamSde {
    fn dim(&self) -> usize {
        3 * self.rms.landscape().dim()
    }

    fn drift(&self, theta: &[f64], lanes: usize, drift: &mut [f64]) {
        let size = lanes * self.rms.landscape().dim();
        let (m, u) = (&theta[size..2 * size], &theta[2 * size..]);
        let (move_, memory) = drift.split_at_mut(size);
        let (momentum, relax) = memory.split_at_mut(size);
        self.rms
            .landscape()
            .gradient(&theta[..size], lanes, momentum);
        for at in 0..size {
            move_[at] = -m[at] / self.rms.preconditioner(u[at]);
            momentum[at] = self.c1 * (momentum[at] - m[at]);
            relax[at] = self.rms.forget(at / lanes, u[at]);
        }
    }

    fn diffusion(&self, _: &[f64], lanes: usize, diffusion: &mut [f64]) {
        let size = lanes * self.rms.landscape().dim();
        diffusion.fill(0.0);
        for (at, d) in diffusion[size..2 * size].iter_mut().enumerate() {
            *d = 0.5 * self.c1 * self.c1 * self.rms.variance(at / lanes);
        }
    }

    fn diffusion_slope(&self, _: &[f64], _: usize, slope: &mut [f64]) {
        slope.fill(0.0);
    }

    fn noise(&self) -> Noise {
        Noise::Additive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::quadratic::Quadratic;
    use nalgebra::DMatrix;

    /// By hand: ∇L = 6, m = 1.5, u = 0.25, P = 0.3: dθ/dt = −5, dm/dt = 2(6 − 1.5) = 9, du/dt = −0.8, and the
    /// noise of m is (σ₀c₁)²Σ = 0.16 · 4 · 0.09.
    #[test]
    fn drift_and_diffusion_by_hand() {
        let bowl = Box::new(Quadratic::new(DMatrix::from_element(1, 1, 3.0)).unwrap());
        let rms = RmspropSde::new(bowl, vec![0.09], 0.4, 0.1, 5.0).unwrap();
        let sde = AdamSde::new(rms, 2.0).unwrap();
        let (mut drift, mut diffusion) = ([0.0; 3], [0.0; 3]);
        sde.drift(&[2.0, 1.5, 0.25], 1, &mut drift);
        sde.diffusion(&[2.0, 1.5, 0.25], 1, &mut diffusion);
        for (found, exact) in drift.iter().zip([-5.0, 9.0, -0.8]) {
            assert!((found - exact).abs() < 1e-13, "{drift:?}");
        }
        assert!((2.0 * diffusion[1] - 0.0576).abs() < 1e-15);
        assert_eq!((diffusion[0], diffusion[2]), (0.0, 0.0));
    }
}
