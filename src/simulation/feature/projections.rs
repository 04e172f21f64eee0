//! What a network has learned: its projections on the feature and on the noise of given examples.

use super::data::Examples;
use super::network::{CubicNetwork, Pass};

/// The two parts of the output, y f(X) = μ³ Σ_r c_r³ + y Ξ(X) with the margin μ, as the paper separates them.
#[derive(Clone, Debug, PartialEq)]
pub struct Projections {
    /// c_r = ⟨w_r, w*⟩ of every neuron.
    pub feature: Vec<f64>,
    /// y Ξ(X) = y Σ_r Σ_{j noise} ⟨w_r, X\[j\]⟩³ of every example.
    pub noise_margins: Vec<f64>,
    /// max |⟨w_r, X\[j\]⟩| over neurons, noise patches and examples.
    pub largest_noise: f64,
}

impl Projections {
    /// Those of `weights` on `examples`; `pass` is room for them.
    pub fn of(
        network: CubicNetwork,
        weights: &[f64],
        examples: &Examples,
        pass: &mut Pass,
    ) -> Self {
        pass.outputs(weights, examples);
        let mut noise_margins = vec![0.0; examples.len()];
        let mut largest_noise = 0.0f64;
        for neuron in 0..network.neurons {
            for patch in 1..examples.patches() {
                let products = pass.products(neuron, patch, examples);
                for ((margin, z), y) in noise_margins
                    .iter_mut()
                    .zip(products)
                    .zip(examples.labels())
                {
                    *margin += y * z.powi(3);
                    largest_noise = largest_noise.max(z.abs());
                }
            }
        }
        Projections {
            feature: weights.iter().step_by(network.dim).copied().collect(),
            noise_margins,
            largest_noise,
        }
    }

    /// max_r c_r.
    pub fn largest_feature(&self) -> f64 {
        self.feature
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// μ³ Σ_r c_r³: what the feature adds to y f(X) at the margin μ.
    pub fn signal(&self, margin: f64) -> f64 {
        margin.powi(3) * self.feature.iter().map(|c| c.powi(3)).sum::<f64>()
    }

    /// Share of the examples that would be classified rightly if all of them had the margin μ.
    pub fn accuracy(&self, margin: f64) -> f64 {
        let signal = self.signal(margin);
        let right = self
            .noise_margins
            .iter()
            .filter(|noise| signal + **noise > 0.0);
        right.count() as f64 / self.noise_margins.len() as f64
    }
}
