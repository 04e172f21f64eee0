//! The stationary law of the discrete chain θ ← θ − ηL′(θ) + η√C(θ) ξ, without random numbers.

use nalgebra::{DMatrix, DVector};

use base::error::{Error, Result};

/// Chain of SGD with Gaussian noise in one coordinate; with η = dt and C = 2D/dt, of Euler–Maruyama.
pub struct ChainLaw<'a> {
    /// L′.
    pub slope: &'a dyn Fn(f64) -> f64,
    /// C.
    pub variance: &'a dyn Fn(f64) -> f64,
    /// η.
    pub eta: f64,
    /// The chain is hardly ever outside.
    pub range: [f64; 2],
}

/// Nodes per standard deviation of the smallest step: the trapezoidal rule is then
/// exact to 1e-9 where C is smooth.
const DENSITY: f64 = 2.2;
const MOST_NODES: usize = 1500;

impl ChainLaw<'_> {
    /// E θ² in the long run.
    ///
    /// The stationary equation p(y) = ∫ p(x) N(y; x − ηL′(x), η²C(x)) dx on equally spaced nodes, by LU factors;
    /// one equation is replaced by ∫p = 1.
    ///
    /// # Errors
    /// [`Error::Failed`] where a step is too small for 1500 nodes, or the law is not found.
    pub fn second_moment(&self) -> Result<f64> {
        let [low, high] = self.range;
        let step = |x: f64| self.eta * (self.variance)(x).sqrt();
        let smallest = (0..=200)
            .map(|k| step(low + (high - low) * f64::from(k) / 200.0))
            .fold(f64::INFINITY, f64::min);
        let wanted = (DENSITY * (high - low) / smallest).ceil();
        if !(wanted >= 2.0 && wanted <= MOST_NODES as f64) {
            return Err(Error::Failed(format!(
                "steps of {smallest:.1e} take {wanted} nodes on [{low}, {high}], {MOST_NODES} at most"
            )));
        }
        let count = wanted as usize + 1;
        let h = (high - low) / wanted;
        let nodes: Vec<f64> = (0..count).map(|i| low + h * i as f64).collect();
        let mut system = DMatrix::from_fn(count, count, |i, j| {
            let (from, spread) = (nodes[j], step(nodes[j]));
            let z = (nodes[i] - from + self.eta * (self.slope)(from)) / spread;
            let density = (-0.5 * z * z).exp() / (spread * (2.0 * std::f64::consts::PI).sqrt());
            h * density - f64::from(u8::from(i == j))
        });
        system.row_mut(count / 2).fill(h);
        let mut right = DVector::zeros(count);
        right[count / 2] = 1.0;
        let law = system
            .lu()
            .solve(&right)
            .ok_or_else(|| Error::Failed("the chain has no stationary law on this range".into()))?;
        let moment = nodes
            .iter()
            .zip(law.iter())
            .map(|(x, p)| h * p * x * x)
            .sum::<f64>();
        if moment.is_finite() && moment > 0.0 {
            return Ok(moment);
        }
        Err(Error::Failed(
            "the chain has no stationary law on this range".into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_has_the_closed_form() {
        // Var θ = (ηC/2h)/(1 − ηh/2).
        let (h, c, eta) = (2.0, 3.0, 0.1);
        let chain = ChainLaw {
            slope: &|x| h * x,
            variance: &|_| c,
            eta,
            range: [-3.0, 3.0],
        };
        let exact = eta * c / (2.0 * h) / (1.0 - eta * h / 2.0);
        assert!((chain.second_moment().unwrap() / exact - 1.0).abs() < 1e-9);
        let fine = ChainLaw { eta: 1e-9, ..chain };
        assert!(fine.second_moment().is_err());
    }
}
