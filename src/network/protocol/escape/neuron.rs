//! One neuron of the cubic network on patches without noise: all that is exact about it.

use base::error::{Error, Result};
use prediction::exact::{FiniteChain, FirstPassage, Interpretation, Watched, smooth};
use prediction::theory::adai::{Escape, sgd};

/// f = y(αw)³ on an example of class y, a share q of whose classes are wrong; log(1 + e^{−z}) with ½λw².
///
/// L(w) = (1 − q) log(1 + e^{−(αw)³}) + q log(1 + e^{(αw)³}) + ½λw² has a minimum at 0, where the neuron is dead, and
/// for small λ one where it has learned, with a saddle between. A batch of B examples drawn with replacement is known
/// by how many of its classes are wrong, which is binomial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neuron {
    /// α, the margin.
    pub alpha: f64,
    /// q, the share of wrong classes.
    pub wrong: f64,
    /// λ.
    pub l2: f64,
}

/// Places on which a saddle and a minimum are looked for.
const PLACES: usize = 4000;
/// Halvings that leave a root to rounding.
const HALVINGS: usize = 80;

fn sigmoid(x: f64) -> f64 {
    0.5 * (1.0 + (0.5 * x).tanh())
}

impl Neuron {
    /// The gradient at w of an example whose class is right, or wrong, without the penalty.
    pub fn example(&self, w: f64, wrong: bool) -> f64 {
        let (slope, z) = (3.0 * self.alpha.powi(3) * w * w, (self.alpha * w).powi(3));
        if wrong {
            slope * sigmoid(z)
        } else {
            -slope * sigmoid(-z)
        }
    }

    /// The gradient of a batch in which the share `wrong` of the classes is wrong, the penalty included.
    pub fn batch(&self, w: f64, wrong: f64) -> f64 {
        (1.0 - wrong) * self.example(w, false) + wrong * self.example(w, true) + self.l2 * w
    }

    /// L(w).
    pub fn loss(&self, w: f64) -> f64 {
        let z = (self.alpha * w).powi(3);
        let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        (1.0 - self.wrong) * softplus(-z) + self.wrong * softplus(z) + 0.5 * self.l2 * w * w
    }

    /// C₁(w) = q(1 − q)(3α³w²)², the variance of one example's gradient.
    pub fn variance(&self, w: f64) -> f64 {
        self.wrong * (1.0 - self.wrong) * (3.0 * self.alpha.powi(3) * w * w).powi(2)
    }

    /// L″(w), by central differences of the gradient.
    pub fn curvature(&self, w: f64) -> f64 {
        let h = 1e-5;
        (self.batch(w + h, self.wrong) - self.batch(w - h, self.wrong)) / (2.0 * h)
    }

    /// The saddle and the minimum beyond it.
    ///
    /// # Errors
    /// There is no minimum but the dead one.
    pub fn landscape(&self) -> Result<(f64, f64)> {
        // Beyond (αw)³ = 40 no example but the wrong ones pull.
        let far = 40f64.cbrt() / self.alpha;
        let at = |i: usize| far * (i + 1) as f64 / PLACES as f64;
        let slope = |w: f64| self.batch(w, self.wrong);
        let turns = (0..PLACES - 1).filter(|i| slope(at(*i)) * slope(at(i + 1)) < 0.0);
        let root = |i: usize| {
            let (mut low, mut high) = (at(i), at(i + 1));
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                if slope(low) * slope(middle) <= 0.0 {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            0.5 * (low + high)
        };
        match turns.map(root).collect::<Vec<_>>()[..] {
            [saddle, minimum] => Ok((saddle, minimum)),
            _ => Err(Error::Input(format!(
                "with a share {:.3} of wrong classes and λ = {} the neuron has no minimum but the dead one; take a smaller model.l2 or data.label_noise.rate",
                self.wrong, self.l2
            ))),
        }
    }

    /// Its exit over the saddle from the minimum, watched for that many steps of SGD: exact but for the grid.
    ///
    /// # Errors
    /// As [`Neuron::landscape`] and [`FiniteChain::watched`].
    pub fn chain(&self, eta: f64, batch: u64, steps: u64) -> Result<Watched> {
        let (saddle, minimum) = self.landscape()?;
        let size = batch as f64;
        FiniteChain {
            moves: &|w, to| {
                for (k, to) in to.iter_mut().enumerate() {
                    *to = w - eta * self.batch(w, k as f64 / size);
                }
            },
            chances: &binomial(batch, self.wrong),
            start: minimum,
            exit: saddle,
        }
        .watched(steps)
    }

    /// 1/⟨n⟩ of the diffusion dw = −L′dt + √(ηC₁/B) dW, n = t/η.
    ///
    /// # Errors
    /// As [`Neuron::landscape`] and [`FirstPassage::solve`].
    pub fn diffusion(&self, eta: f64, batch: u64) -> Result<f64> {
        let (saddle, minimum) = self.landscape()?;
        let passage = FirstPassage {
            drift: &|w: f64| self.batch(w, self.wrong),
            diffusion: &|w: f64| 0.5 * eta * self.variance(w) / batch as f64,
            start: minimum,
            exit: saddle,
            reflecting: Some(minimum + 2.0 * (minimum - saddle)),
            breaks: &smooth,
            interpretation: Interpretation::Ito,
        };
        Ok(eta / passage.solve()?.time()?.mean)
    }

    /// 1/⟨n⟩ of Xie, Sato and Sugiyama (2021), Theorem 3.2, with s = ½: noise C = |H|/B.
    ///
    /// # Errors
    /// As [`Neuron::landscape`].
    pub fn paper(&self, eta: f64, batch: u64) -> Result<f64> {
        let (saddle, minimum) = self.landscape()?;
        let escape = Escape {
            eta,
            batch: batch as f64,
            h_min: self.curvature(minimum),
            h_saddle: self.curvature(saddle),
            barrier: self.loss(saddle) - self.loss(minimum),
            s: 0.5,
        };
        Ok(1.0 / sgd(&escape)?.iterations)
    }
}

/// The chances of 0, 1, …, n successes of chance p each, by the recurrence from the most likely number on.
fn binomial(n: u64, p: f64) -> Vec<f64> {
    let count = n as usize + 1;
    let mut chances = vec![0.0; count];
    let peak = (((n + 1) as f64 * p) as usize).min(count - 1);
    chances[peak] = 1.0;
    let odds = p / (1.0 - p);
    for k in peak + 1..count {
        chances[k] = chances[k - 1] * odds * (count - k) as f64 / k as f64;
    }
    for k in (0..peak).rev() {
        chances[k] = chances[k + 1] * (k + 1) as f64 / ((count - 1 - k) as f64 * odds);
    }
    let sum: f64 = chances.iter().sum();
    chances.iter().map(|p| p / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEURON: Neuron = Neuron {
        alpha: 1.0,
        wrong: 0.2,
        l2: 0.4,
    };

    /// Roots of the gradient, barrier and curvatures by an independent solver (Brent's method).
    #[test]
    fn its_landscape() {
        let (saddle, minimum) = NEURON.landscape().unwrap();
        assert!((saddle - 0.494_020_691_960).abs() < 1e-11);
        assert!((minimum - 0.830_641_967_553).abs() < 1e-11);
        let barrier = NEURON.loss(saddle) - NEURON.loss(minimum);
        assert!((barrier - 0.007_890_169_75).abs() < 1e-10);
        assert!((NEURON.curvature(minimum) - 0.587_764_66).abs() < 1e-7);
        assert!((NEURON.curvature(saddle) + 0.266_467_89).abs() < 1e-7);
        // The same neuron in other units.
        let other = Neuron {
            alpha: 2.0,
            l2: 1.6,
            ..NEURON
        };
        let (a, b) = other.landscape().unwrap();
        assert!((2.0 * a - saddle).abs() < 1e-12 && (2.0 * b - minimum).abs() < 1e-12);
        let dead = Neuron { l2: 2.0, ..NEURON };
        assert!(dead.landscape().is_err());
    }

    #[test]
    fn a_batch_has_the_mean_and_the_variance_of_its_law() {
        let chances = binomial(12, 0.2);
        // C(12, 3) 0.2³ 0.8⁹ = 0.236223201.
        assert!((chances[3] - 0.236_223_201_3).abs() < 1e-10);
        let w = 0.7;
        let mean = |f: &dyn Fn(f64) -> f64| {
            let all = chances.iter().enumerate();
            all.map(|(k, p)| p * f(NEURON.batch(w, k as f64 / 12.0)))
                .sum::<f64>()
        };
        let gradient = NEURON.batch(w, 0.2);
        assert!((mean(&|g| g) - gradient).abs() < 1e-14);
        let variance = mean(&|g| (g - gradient).powi(2));
        assert!((12.0 * variance / NEURON.variance(w) - 1.0).abs() < 1e-12);
    }

    /// The rates of an independent solver: the same recursion on 2000 nodes, and two nested trapezoidal sums on 200 001.
    #[test]
    fn its_rates() {
        for (eta, batch, chain, diffusion) in [
            (0.2, 8, 4.2158e-3, 3.6654e-3),
            (0.2, 16, 4.9754e-4, 3.9184e-4),
            (0.4, 32, 1.08325e-3, 7.8369e-4),
        ] {
            let found = NEURON.chain(eta, batch, 3000).unwrap();
            let gap = found.rate() / chain - 1.0;
            assert!(gap.abs() < 4e-3 && found.relative_error < 3e-3, "{gap}");
            let found = NEURON.diffusion(eta, batch).unwrap();
            assert!(
                (found / diffusion - 1.0).abs() < 1e-3,
                "{found} {diffusion}"
            );
        }
    }
}
