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

/// The law of a chain in the long run, on equally spaced nodes.
#[derive(Clone, Debug)]
pub struct ChainDensity {
    low: f64,
    /// Between nodes.
    h: f64,
    density: Vec<f64>,
}

impl ChainDensity {
    fn nodes(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        (0..)
            .map(|i| self.low + self.h * f64::from(i))
            .zip(self.density.iter().copied())
    }

    /// E θ².
    pub fn second_moment(&self) -> f64 {
        self.nodes().map(|(x, p)| self.h * p * x * x).sum()
    }

    /// sup |P(θ ≤ x) − F(x)| over the nodes, F a distribution function. P is the trapezoidal sum up to x less h²p′/12, by
    /// Euler and Maclaurin, of order h⁴ as p′ is by differences.
    pub fn distance(&self, below: impl Fn(f64) -> f64) -> f64 {
        let at = |i: Option<usize>| i.and_then(|i| self.density.get(i)).copied().unwrap_or(0.0);
        let (mut before, mut largest) = (0.0, 0.0f64);
        for (i, (x, p)) in self.nodes().enumerate() {
            let rise = 0.5 * (at(Some(i + 1)) - at(i.checked_sub(1)));
            let chain = before + self.h * (0.5 * p - rise / 12.0);
            before += self.h * p;
            largest = largest.max((chain - below(x)).abs());
        }
        largest
    }
}

impl ChainLaw<'_> {
    /// The law in the long run.
    ///
    /// The stationary equation p(y) = ∫ p(x) N(y; x − ηL′(x), η²C(x)) dx on equally spaced nodes, by LU factors;
    /// one equation is replaced by ∫p = 1.
    ///
    /// # Errors
    /// [`Error::Failed`] where a step is too small for 1500 nodes, or the law is not found.
    pub fn stationary(&self) -> Result<ChainDensity> {
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
        let law = ChainDensity {
            low,
            h,
            density: law.iter().copied().collect(),
        };
        let moment = law.second_moment();
        if moment.is_finite() && moment > 0.0 {
            return Ok(law);
        }
        Err(Error::Failed(
            "the chain has no stationary law on this range".into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

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
        let law = chain.stationary().unwrap();
        assert!((law.second_moment() / exact - 1.0).abs() < 1e-9);
        let fine = ChainLaw { eta: 1e-9, ..chain };
        assert!(fine.stationary().is_err());
        // Of N(0, s²) and N(0, r²s²) the distribution functions differ most at x² = 2s²r² ln r/(r² − 1): at s = 1 and
        // r² = 1/(1 − ηh/2) = 1/0.9 by 0.012744.
        let gibbs = Normal::new(0.0, (eta * c / (2.0 * h)).sqrt()).unwrap();
        let apart = law.distance(|x| gibbs.cdf(x));
        let (r, phi) = (0.9f64.powf(-0.5), Normal::standard());
        let x = (2.0 * r * r * r.ln() / (r * r - 1.0)).sqrt();
        let exact = phi.cdf(x) - phi.cdf(x / r);
        assert!(
            (apart - exact).abs() < 1e-4 && exact > 0.0127,
            "{apart} {exact}"
        );
        let own = Normal::new(0.0, (eta * c / (2.0 * h) / 0.9).sqrt()).unwrap();
        assert!(
            law.distance(|x| own.cdf(x)) < 1e-4,
            "{}",
            law.distance(|x| own.cdf(x))
        );
    }
}
