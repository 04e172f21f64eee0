//! The network of the paper: one hidden layer of m neurons, shared by all patches, with cubic activation.

use super::data::Examples;
use crate::rows::{combine, correlate};
use crate::vectorised::vectorised;

/// f(X) = Σ_r Σ_j ⟨w_r, X\[j\]⟩³ (Jelassi and Li 2022, eq. CNN). Weights are rows: `w[r · d + i]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CubicNetwork {
    /// m, the number of neurons.
    pub neurons: usize,
    /// d, the length of a patch.
    pub dim: usize,
}

/// The network on some examples, and room to differentiate it.
///
/// Everything is a plain loop over lanes of examples; sums run in a fixed order, so the bits do not depend on
/// the width of the registers.
#[derive(Clone, Debug)]
pub struct Pass {
    /// ⟨w_r, X\[j\]⟩: neuron, then patch, then example.
    products: Vec<f64>,
    /// f(X) of every example; 0 in the lanes that only fill up the last register.
    outputs: Vec<f64>,
    /// S(−y f) of every example, the weight that it has in the gradient.
    weights: Vec<f64>,
    /// ∂L/∂f of every example.
    slopes: Vec<f64>,
}

impl Pass {
    /// Room for `examples`.
    pub fn new(network: CubicNetwork, examples: &Examples) -> Self {
        let lanes = examples.lanes();
        Pass {
            products: vec![0.0; network.neurons * examples.patches() * lanes],
            outputs: vec![0.0; lanes],
            weights: vec![0.0; examples.len()],
            slopes: vec![0.0; lanes],
        }
    }

    /// f of every example at `weights`, kept for [`Pass::gradient`].
    pub fn outputs(&mut self, weights: &[f64], examples: &Examples) -> &[f64] {
        let pass = &mut *self;
        vectorised!(|pass| pass.forward(weights, examples));
        let labelled = examples.labels().iter().zip(&self.outputs);
        for (weight, (y, f)) in self.weights.iter_mut().zip(labelled) {
            *weight = logistic(-y * f);
        }
        &self.outputs[..examples.len()]
    }

    /// The gradient of L = (1/N) Σ log(1 + exp(−y f(X))) at the weights of the last [`Pass::outputs`]:
    /// ∂L/∂w_r = −(3/N) Σ_X y S(−y f) Σ_j ⟨w_r, X\[j\]⟩² X\[j\], with the logistic function S.
    pub fn gradient(&mut self, examples: &Examples, gradient: &mut [f64]) {
        let n = examples.len() as f64;
        let weighted = examples.labels().iter().zip(&self.weights);
        for (slope, (y, weight)) in self.slopes.iter_mut().zip(weighted) {
            *slope = -y * weight / n;
        }
        let pass = self;
        vectorised!(|pass, gradient| pass.backward(examples, gradient));
    }

    /// y f(X) of every example, from the last [`Pass::outputs`].
    pub fn margins<'a>(&'a self, examples: &'a Examples) -> impl Iterator<Item = f64> + 'a {
        let labelled = examples.labels().iter().zip(&self.outputs);
        labelled.map(|(y, f)| y * f)
    }

    /// S(−y f) of every example, from the last [`Pass::outputs`].
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// ⟨w_r, X\[j\]⟩ of neuron r with patch j of every example, from the last [`Pass::outputs`].
    pub fn products(&self, neuron: usize, patch: usize, examples: &Examples) -> &[f64] {
        let row = neuron * examples.patches() + patch;
        &self.products[row * examples.lanes()..][..examples.len()]
    }

    #[inline(always)]
    fn forward(&mut self, weights: &[f64], examples: &Examples) {
        self.products.fill(0.0);
        combine(
            weights,
            examples.values(),
            &mut self.products,
            examples.columns(),
        );
        self.outputs.fill(0.0);
        for z in self.products.chunks_exact(self.outputs.len()) {
            for (f, z) in self.outputs.iter_mut().zip(z) {
                *f = (z * z).mul_add(*z, *f);
            }
        }
    }

    #[inline(always)]
    fn backward(&mut self, examples: &Examples, gradient: &mut [f64]) {
        for z in self.products.chunks_exact_mut(self.slopes.len()) {
            for (z, slope) in z.iter_mut().zip(&self.slopes) {
                *z = 3.0 * *z * *z * slope;
            }
        }
        gradient.fill(0.0);
        correlate(
            &self.products,
            examples.values(),
            gradient,
            examples.columns(),
        );
    }
}

/// S(x) = 1/(1 + exp(−x)), without overflow.
pub fn logistic(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x >= 0.0 {
        1.0 / (1.0 + e)
    } else {
        e / (1.0 + e)
    }
}

/// log(1 + exp(−x)), the loss at margin x = y f(X), without overflow.
pub fn loss(margin: f64) -> f64 {
    (-margin.abs()).exp().ln_1p() + (-margin).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::data::PatchLaw;
    use crate::random::Stream;

    fn law() -> PatchLaw {
        PatchLaw {
            dim: 7,
            patches: 4,
            alpha: 2.6,
            beta: 0.3,
            sigma: 0.4,
        }
    }

    /// f by its definition, patch by patch.
    fn by_definition(network: CubicNetwork, weights: &[f64], examples: &Examples) -> Vec<f64> {
        let rows: Vec<&[f64]> = examples.values().chunks_exact(examples.columns()).collect();
        let of = |example: usize| {
            let mut f = 0.0;
            for w in weights.chunks_exact(network.dim) {
                for patch in 0..examples.patches() {
                    let at = patch * examples.lanes() + example;
                    let product: f64 = w.iter().zip(&rows).map(|(w, row)| w * row[at]).sum();
                    f += product.powi(3);
                }
            }
            f
        };
        (0..examples.len()).map(of).collect()
    }

    #[test]
    fn outputs_are_those_of_the_definition() {
        let network = CubicNetwork { neurons: 3, dim: 7 };
        // 19 examples: one row of lanes is not full.
        let examples = law().draw(&Stream::new(3, 1), 0, 12, 7);
        let weights: Vec<f64> = (0..21).map(|i| (f64::from(i) * 1.7).sin() * 0.4).collect();
        let mut pass = Pass::new(network, &examples);
        let found = pass.outputs(&weights, &examples).to_vec();
        for (f, exact) in found
            .iter()
            .zip(by_definition(network, &weights, &examples))
        {
            // Sums of some eighty products of order 1.
            assert!(
                (f - exact).abs() < 1e-13 * (1.0 + exact.abs()),
                "{f} {exact}"
            );
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let network = CubicNetwork { neurons: 3, dim: 7 };
        let examples = law().draw(&Stream::new(3, 1), 0, 12, 7);
        let mut weights: Vec<f64> = (0..21).map(|i| (f64::from(i) * 1.7).sin() * 0.4).collect();
        let mut pass = Pass::new(network, &examples);
        let mut gradient = vec![0.0; 21];
        pass.outputs(&weights, &examples);
        pass.gradient(&examples, &mut gradient);
        let mut mean_loss = |weights: &[f64]| {
            pass.outputs(weights, &examples);
            pass.margins(&examples).map(loss).sum::<f64>() / 19.0
        };
        for i in 0..21 {
            let (centre, h) = (weights[i], 1e-5);
            weights[i] = centre + h;
            let above = mean_loss(&weights);
            weights[i] = centre - h;
            let below = mean_loss(&weights);
            weights[i] = centre;
            let slope = (above - below) / (2.0 * h);
            // h² times a third derivative of order 100, and rounding 1e-16/h.
            assert!(
                (gradient[i] - slope).abs() < 2e-8,
                "{i}: {} {slope}",
                gradient[i]
            );
        }
    }

    #[test]
    fn logistic_and_loss_do_not_overflow() {
        assert_eq!((logistic(0.0), loss(0.0)), (0.5, std::f64::consts::LN_2));
        assert_eq!((logistic(1e300), logistic(-1e300)), (1.0, 0.0));
        assert_eq!((loss(1e300), loss(-1e300)), (0.0, 1e300));
        assert!((loss(3.0) - (-3.0f64).exp().ln_1p()).abs() < 1e-17);
    }
}
